// Names: what ids are called at the position that a scan has reached.
#pragma once

#include <string>
#include <utility>

#include "engine/core/topology.h"

namespace labreel {

// Shape: follow() every event before it is shown. What was removed keeps its name. An effect that does not fit (of a
//        damaged or hostile reel) is passed over; its ids are shown as "?".
class Names {
 public:
  Names() = default;
  explicit Names(Topology topology) : topology_(std::move(topology)) {}
  void follow(const Event& event) {
    if (event.kind() <= EventKind::lan_left) static_cast<void>(topology_.apply(event.body).ok());
  }
  std::string operator()(NodeId node) const { return topology_.name_of(node); }
  std::string operator()(PortId port) const { return topology_.name_of(port); }
  std::string operator()(LanId lan) const { return topology_.name_of(lan); }
  const Topology& topology() const { return topology_; }

 private:
  Topology topology_;
};

}  // namespace labreel
