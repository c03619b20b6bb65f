// HostRoot: the host's files below a node's own, for a recorder with root's rights.
#pragma once

#include "engine/nodes/roots/root.h"

namespace labreel::roots {

// The host's root and its other real file systems lie below overlays whose upper layers are in memory.
class HostRoot final : public Root {
 public:
  void enter(const std::vector<NodeFile>& files) const override;
};

}  // namespace labreel::roots
