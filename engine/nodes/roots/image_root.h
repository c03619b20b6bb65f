// ImageRoot: the files of one folder below a node's own: of an image, or of a host seen from another kernel.
#pragma once

#include <string>

#include "engine/nodes/roots/node_kernel.h"
#include "engine/nodes/roots/root.h"

namespace labreel::roots {

class ImageRoot final : public Root {
 public:
  // What becomes of a folder on the way to one of the lab's files that this process may not read, though it is root: on
  // a host's files seen through hostfs it has the rights of the host's user. A covered one is empty, with the same
  // owner.
  enum class Unreadable { stay, are_covered };

  // Shape: `folder` has folders run, dev, proc, sys and tmp, and lies where the kernel's stage does not cover it;
  //        `kernel` outlives this.
  ImageRoot(std::string folder, const NodeKernel& kernel, Unreadable unreadable = Unreadable::stay)
      : folder_(std::move(folder)), kernel_(kernel), unreadable_(unreadable) {}

  void enter(const std::vector<NodeFile>& files) const override;

 private:
  void cover_unreadable_folders(const std::string& file, const std::string& upper) const;

  std::string folder_;
  const NodeKernel& kernel_;
  Unreadable unreadable_;
};

}  // namespace labreel::roots
