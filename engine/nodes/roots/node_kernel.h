// NodeKernel: what a root gets from the kernel that its node lives on, be it the host's or the node's own.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/nodes/roots/dev_files.h"
#include "engine/nodes/roots/root_parts.h"

namespace labreel::roots {

// Where a root is put together.
struct Stage {
  std::string root;   // a folder to mount it at
  std::string layer;  // an empty folder in memory, for make_layer
};

class NodeKernel {
 public:
  virtual ~NodeKernel() = default;
  NodeKernel(const NodeKernel&) = delete;
  NodeKernel& operator=(const NodeKernel&) = delete;

  // Errors, of each: std::system_error naming the attempt.
  virtual Stage make_stage() const = 0;
  // Adds /run, /dev, /proc, /sys and /tmp to the file systems mounted at `root`, and makes it this process's root.
  //
  // Shape: `list_run_folders` is called when the fresh /run is mounted, as recorded guests did it.
  void finish(const std::string& root, const std::function<std::vector<RunFolder>()>& list_run_folders) const;

 protected:
  // How much each fresh folder may hold, as options of a tmpfs; empty: what the kernel allows.
  struct Limits {
    std::string run, dev, shm, tmp;
  };

  explicit NodeKernel(Limits limits = {}) : limits_(std::move(limits)) {}

  virtual void give_owner(const std::string& path, uid_t user, gid_t group) const;
  // What /dev holds beside that of every node.
  virtual std::vector<DeviceFile> more_devices() const { return {}; }
  virtual void make_device(const std::string& root, const DeviceFile& device) const;
  virtual void mount_terminals(const std::string& target) const = 0;
  virtual void mount_proc_and_sys(const std::string& root) const = 0;
  virtual void turn_to(const std::string& root) const = 0;

 private:
  void fill_run(const std::string& root, const std::vector<RunFolder>& folders) const;
  void make_dev(const std::string& root) const;

  Limits limits_;
};

}  // namespace labreel::roots
