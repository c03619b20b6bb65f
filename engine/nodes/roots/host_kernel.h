// HostKernel: roots of nodes that share the host's kernel.
#pragma once

#include "engine/nodes/roots/node_kernel.h"

namespace labreel::roots {

// How much may be written over what a root is made of, as options of a tmpfs. README.md says it.
inline constexpr const char* kLayerLimit = "size=1g,nr_inodes=200k";

// The host's kernel is shared, so memory has limits, /sys is read-only, and of /proc/sys only net is the node's. What a
// user namespace forbids (devices, owners that it does not map) is done without.
class HostKernel final : public NodeKernel {
 public:
  HostKernel();
  // Over this mount namespace's /tmp: what a root is made of must not lie there.
  Stage make_stage() const override;

 protected:
  void give_owner(const std::string& path, uid_t user, gid_t group) const override;
  void make_device(const std::string& root, const DeviceFile& device) const override;
  void mount_terminals(const std::string& target) const override;
  void mount_proc_and_sys(const std::string& root) const override;
  void turn_to(const std::string& root) const override;
};

}  // namespace labreel::roots
