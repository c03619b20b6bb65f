// RouteSocket: the few rtnetlink requests that labreel makes, without starting an `ip` process for each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/os/owned_fd.h"

namespace labreel {

// What the kernel says of one interface.
struct LinkFacts {
  int index = 0;
  std::uint32_t mtu = 0;
  MacAddress mac{};
  std::uint64_t tx_dropped = 0;  // frames that the node sent and nobody could take
  bool operational = false;      // up, with a carrier, and its queue at work
};

// Shape:  speaks to the network namespace in which it was opened, wherever it is used; it keeps that namespace alive.
// Errors: std::system_error naming the attempt.
// Source: rtnetlink(7), linux/rtnetlink.h.
class RouteSocket {
 public:
  // Opens a socket in this thread's network namespace.
  static RouteSocket open();
  explicit RouteSocket(OwnedFd fd) : fd_(std::move(fd)) {}

  // Shape: empty if there is no interface of that name, or the namespace cannot tell.
  std::optional<LinkFacts> find_link(const std::string& name);
  void set_mac_mtu_queue(int index, const std::optional<MacAddress>& mac, std::uint32_t mtu,
                         std::uint32_t queue_frames);
  void set_up(int index);
  // Shape: `address` is "10.0.1.1/24" or "2001:db8::1/64"; without a length it is a host address.
  void add_address(int index, const std::string& address);
  // Makes a veth pair: one end here; the other, named by the kernel, in the network namespace `peer_namespace` (a
  // descriptor). Linux obeys `peer_index` only if `index` is given, too.
  void make_veth(const std::string& name, int index, int peer_namespace, int peer_index);
  void delete_link(int index);
  // Deletes them in one batch: the kernel waits some 20 ms for its readers once, not once for each.
  void delete_links(const std::vector<int>& indexes);

  // Gives the descriptor away; the object is empty afterwards.
  OwnedFd take_fd() { return std::move(fd_); }

 private:
  OwnedFd fd_;
};

}  // namespace labreel
