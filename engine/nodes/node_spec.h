// NodeSpec: all that a node driver needs to start a machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

// A port as the node sees it: an Ethernet interface.
struct InterfaceSpec {
  PortId port{};
  std::string name;  // "eth1"
  MacAddress mac{};
  std::uint32_t mtu = 1500;            // of the interface in the node
  std::vector<std::string> addresses;  // "10.0.1.1/24", "2001:db8::1/64"
};

// A file put in place before anything runs.
struct NodeFile {
  std::string path;  // absolute, in the node
  std::string content;
  std::uint32_t mode = 0644;
};

struct NodeSpec {
  NodeId node{};
  std::string name;  // also its host name
  NodeKind kind;
  std::vector<InterfaceSpec> interfaces;
  std::vector<NodeFile> files;
  std::vector<NodeSetting> settings = {};  // node_kinds.h says which the kind has
};

}  // namespace labreel
