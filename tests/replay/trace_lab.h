// Small labs and frames for the tests of trace.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "replay/trace.h"
#include "tests/replay/event_list.h"
#include "tests/replay/frame_maker.h"

namespace labreel::test {

inline constexpr PortId kHost{0};
inline constexpr PortId kNear{1};
inline constexpr PortId kFar{2};
inline constexpr PortId kTarget{3};
inline constexpr PortId kOther{4};

inline MacAddress mac_of(PortId port) { return {2, 0, 0, 0, 0, static_cast<std::uint8_t>(index_of(port) + 1)}; }

// h1:eth0 -- r1:eth1, r1:eth2 -- h2:eth0; and h3:eth0, wherever it is.
inline void add_routed_lab(EventList& list) {
  list.add({}, LabBegun{"routed", {}, "lab.yml", 1, "real", 1});
  const char* const nodes[] = {"h1", "r1", "h2", "h3"};
  for (std::uint32_t i = 0; i < 4; ++i) list.add({}, NodeAdded{NodeId{i}, nodes[i], "namespace", {}});
  list.add({}, PortAdded{kHost, NodeId{0}, "eth0", mac_of(kHost), 9216});
  list.add({}, PortAdded{kNear, NodeId{1}, "eth1", mac_of(kNear), 9216});
  list.add({}, PortAdded{kFar, NodeId{1}, "eth2", mac_of(kFar), 9216});
  list.add({}, PortAdded{kTarget, NodeId{2}, "eth0", mac_of(kTarget), 9216});
  list.add({}, PortAdded{kOther, NodeId{3}, "eth0", mac_of(kOther), 9216});
}

inline std::string with_ttl(std::string frame, unsigned ttl) {
  frame[14 + 8] = static_cast<char>(ttl);  // what the checksum says does not matter here
  return frame;
}

inline std::string with_macs(const std::string& frame, PortId to, PortId from) {
  std::string macs;
  for (const PortId port : {to, from}) {
    for (const std::uint8_t byte : mac_of(port)) macs += static_cast<char>(byte);
  }
  return macs + frame.substr(12);
}

// A datagram with its right checksum.
inline std::string udp_frame(const std::string& from, unsigned port, const std::string& to, unsigned ttl, const std::string& text) {
  std::string datagram = udp_datagram(port, 53, text);
  const std::string addresses = ipv4_packet(17, from, to, datagram).substr(12, 8);
  const std::string pseudo_header = addresses + u16(17) + u16(static_cast<unsigned>(datagram.size()));
  datagram.replace(6, 2, u16(internet_checksum(pseudo_header + datagram)));
  return with_ttl(ethernet_frame(0x0800, ipv4_packet(17, from, to, datagram)), ttl);
}

inline Seq send(EventList& list, std::uint64_t at_ns, PortId from, PortId to, const std::string& frame, Reason reason = Reason::none) {
  return list.add_frame(LabTime{at_ns}, from, frame, {{to, reason, 0, 0, LabTime{at_ns + 10}}});
}

// The same to several at once, as a lan does.
inline Seq flood(EventList& list, std::uint64_t at_ns, PortId from, const std::vector<PortId>& to, const std::string& frame) {
  std::vector<Copy> copies;
  for (const PortId port : to) copies.push_back({port, Reason::none, 0, 0, LabTime{at_ns + 10}});
  return list.add_frame(LabTime{at_ns}, from, frame, copies);
}

inline std::vector<TraceHop> hops_of(const EventList& list, Seq frame, const RecordedPorts& recorded = {}) {
  const auto trace = trace_packet(list, frame, recorded);
  REQUIRE(trace);
  return trace->hops;
}

}  // namespace labreel::test
