// GuestKernel: the root of a machine that has its kernel for itself.
#pragma once

#include "engine/nodes/roots/node_kernel.h"

namespace labreel {

// For the initramfs. Nothing here is shared with the host: no limits but the machine's own, and /sys may be written.
class GuestKernel final : public roots::NodeKernel {
 public:
  GuestKernel() = default;
  roots::Stage make_stage() const override;

 protected:
  std::vector<roots::DeviceFile> more_devices() const override;
  void mount_terminals(const std::string& target) const override;
  void mount_proc_and_sys(const std::string& root) const override;
  void turn_to(const std::string& root) const override;
};

}  // namespace labreel
