// AddressOwners: which node has a network address, as far as a recording shows it, with the ground.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/topology.h"
#include "replay/packet_fields.h"
#include "replay/projection/recorded_ports.h"

namespace labreel {

// Shape: take() every event in order. A node has an address if the lab file gives it one, if it says so by ARP or by
//        neighbour discovery with its own MAC address, or if it is the first to send from it, with its own MAC address.
//        At most kAddresses_max addresses are remembered.
class AddressOwners {
 public:
  static constexpr std::size_t kAddresses_max = 65'536;

  explicit AddressOwners(const RecordedPorts& recorded = {});
  void take(const Event& event, const Topology& topology);
  // Returns why the node is taken to have the address; none if nothing says so.
  std::optional<std::string> ground(NodeId node, const IpAddress& address, const Topology& topology) const;

 private:
  struct Claim {
    NodeId node{};
    const char* how = "";
    Seq seq;
  };
  static std::string words(const Claim& claim);
  void take_frame(Seq seq, const Frame& frame, const PortInfo& sender);
  void claim(const IpAddress& address, const Claim& claim);

  std::map<IpAddress, std::vector<Claim>> claims_;
  std::map<IpAddress, Claim> first_senders_;
  std::map<IpAddress, std::string> given_;  // by the lab file: the node's name
};

}  // namespace labreel
