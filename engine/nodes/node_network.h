// A node's interfaces, made inside its network namespace.
#pragma once

#include <map>

#include "engine/nodes/node_spec.h"
#include "engine/os/owned_fd.h"
#include "engine/os/route_socket.h"

namespace labreel {

// Shape:  made and used by the node's init, in the node's namespaces.
// Errors: std::system_error naming the attempt; the caller knows the port.
class NodeNetwork {
 public:
  // Brings lo up and sets what a network namespace would otherwise inherit from the host's settings.
  NodeNetwork();

  // Makes a TAP interface, ready and up; it lives as long as the descriptor.
  OwnedFd add_port(const InterfaceSpec& interface);
  void remove_port(PortId port);
  // Spares the engine the wait of closing its TAPs one by one.
  void remove_all_ports() noexcept;

 private:
  RouteSocket route_;
  std::map<PortId, int> indexes_;  // interfaces may be renamed: remember numbers
};

}  // namespace labreel
