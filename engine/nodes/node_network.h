// A node's interfaces, made inside its network namespace.
#pragma once

#include <map>
#include <optional>

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

  // Makes an interface, ready and up, and returns what carries its frames: a TAP; or, where /dev/net/tun may not be
  // opened, a packet socket on the far end of a veth pair.
  OwnedFd add_port(const InterfaceSpec& interface);
  void remove_port(PortId port);
  // Spares the engine the wait of closing its TAPs one by one.
  void remove_all_ports() noexcept;

 private:
  // Where the far ends of veth pairs lie, out of the node's sight.
  struct Wires {
    OwnedFd home;   // the node's network namespace
    OwnedFd there;  // theirs
    RouteSocket route;
    // Far from the indexes in the node: a pair whose ends have the same index hears of each other's state up to 1 s
    // late.
    int next_index = 1'000'000;
  };
  OwnedFd add_tap(const InterfaceSpec& interface, OwnedFd tun);
  OwnedFd add_wire(const InterfaceSpec& interface);
  int set_up(const InterfaceSpec& interface);
  void wait_until_operational(const std::string& name);
  Wires& wires();

  RouteSocket route_;
  std::optional<Wires> wires_;
  std::map<PortId, int> indexes_;  // interfaces may be renamed: remember numbers
};

}  // namespace labreel
