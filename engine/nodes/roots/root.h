// Root: what a node's "/" is made of.
#pragma once

#include <vector>

#include "engine/nodes/node_spec.h"

namespace labreel::roots {

class Root {
 public:
  Root() = default;
  virtual ~Root() = default;
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;

  // Makes this process's root the node's own: what it is made of lies below a private layer in memory; /run, /dev,
  // /proc, /sys and /tmp are fresh. /run has the folders that it had below (daemons expect theirs, with its owner), but
  // none of their files.
  //
  // Shape:  call it as pid 1: of new mount, pid, uts and network namespaces, or of a kernel of the node's own. `files`
  //         are those that place_files will put in place; the root only sees to it that they can be.
  // Errors: std::system_error naming the attempt.
  virtual void enter(const std::vector<NodeFile>& files) const = 0;
};

}  // namespace labreel::roots
