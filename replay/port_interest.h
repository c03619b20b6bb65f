// PortInterest: which events concern a port, or all ports of a node.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "engine/core/event.h"
#include "replay/names.h"

namespace labreel {

// Shape: concerns() is asked of every event in order: what concerns a port is known from the events before.
class PortInterest {
 public:
  // "r1:eth1": frames of or to it, and whatever else concerns it; "r1": all ports of a node, and the node itself.
  explicit PortInterest(std::string port) : port_(std::move(port)) {
    if (port_.find(':') == std::string::npos) node_prefix_ = port_ + ":";
  }

  bool concerns(const Event& event);
  // Says whether a port of that name is meant.
  bool is_asked_for(std::string_view name) const;

 private:
  bool body_concerns(const Event& event);
  bool is_port(PortId port) const { return port != kNoPort && is_asked_for(names_(port)); }
  bool is_on_cable(PortId port) const;
  void remember(const Event& event, bool concerns);

  std::string port_;
  std::string node_prefix_;  // "r1:" if a whole node is asked for
  Names names_;
  // What outcomes and command.done refer back to: frames of the port that may still fly, commands that name it.
  std::map<Seq, LabTime> frames_of_port_;
  std::set<Seq> commands_;
};

}  // namespace labreel
