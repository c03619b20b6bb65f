// TestLab: a fabric with names for its ports, for tests.
#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "engine/core/fabric.h"

namespace labreel {

// One delivery, with its bytes kept.
struct Taken {
  std::uint64_t frame;
  std::uint32_t copy;
  PortId port;
  std::uint64_t due_ns;
  std::string bytes;
  bool operator==(const Taken&) const = default;
};

inline Bytes as_bytes(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

// A frame of `length` bytes from one address to another.
//
// Shape: an address is its last byte; 255 as `to` is the broadcast address.
inline std::string frame_between(unsigned from, unsigned to, std::size_t length = 64) {
  std::string frame(length, '\0');
  for (std::size_t i = 0; i < length; ++i) frame[i] = static_cast<char>(i);
  frame.replace(0, 6, to == 255 ? std::string(6, '\xff') : std::string("\x02\0\0\0\0", 5) + static_cast<char>(to));
  frame.replace(6, 6, std::string("\x02\0\0\0\0", 5) + static_cast<char>(from));
  return frame;
}

class TestLab {
 public:
  explicit TestLab(std::uint64_t seed = 1) : fabric(seed) {}

  std::vector<Outcome> apply(const EventBody& effect) {
    auto outcomes = fabric.apply(effect, LabTime{at_ns});
    INFO((outcomes ? "" : outcomes.error().what));
    REQUIRE(outcomes.ok());
    check_conservation();
    return *outcomes;
  }
  // Adds a running node with one port, named NAME and "eth0".
  PortId host(const std::string& name, std::uint32_t mtu = 9216) {
    const NodeId node = fabric.topology().next_node();
    apply(NodeAdded{.node = node, .name = name, .node_kind = "namespace", .position = {}});
    apply(NodeStarted{node});
    return port(node, "eth0", mtu);
  }
  PortId port(NodeId node, const std::string& name, std::uint32_t mtu = 9216) {
    const PortId port = fabric.topology().next_port();
    apply(PortAdded{.port = port, .node = node, .name = name, .mac = {}, .mtu = mtu});
    return port;
  }
  NodeId node_of(PortId port) const { return fabric.topology().find(port)->added.node; }
  LinkId link(PortId a, PortId b, const CableSettings& both = {}) { return link(a, b, both, both); }
  LinkId link(PortId a, PortId b, const CableSettings& out, const CableSettings& in) {
    const LinkId link = fabric.topology().next_link();
    apply(LinkAdded{link, {a, b}, {out, in}});
    return link;
  }
  LanId lan(const std::string& name, const std::vector<PortId>& ports, const LanAdded& like = {}) {
    LanAdded added = like;
    added.lan = fabric.topology().next_lan();
    added.name = name;
    apply(added);
    for (const PortId port : ports) apply(LanJoined{added.lan, port, {}, {}});
    return added.lan;
  }
  void set(PortId port, const CableSettings& settings, Direction direction = Direction::out) {
    apply(LinkChanged{port, direction, settings, 0xff});
  }

  std::vector<Copy> send(PortId port, const std::string& frame) {
    auto copies = fabric.arrive(port, as_bytes(frame), LabTime{at_ns}, Seq{++seq});
    INFO((copies ? "" : copies.error().what));
    REQUIRE(copies.ok());
    const std::vector<Copy> result(copies->begin(), copies->end());
    check_conservation();
    return result;
  }
  // Sends what must be one copy.
  Copy send_one(PortId port, const std::string& frame) {
    const std::vector<Copy> copies = send(port, frame);
    REQUIRE(copies.size() == 1);
    return copies[0];
  }
  std::vector<Taken> take(std::uint64_t until_ns) {
    at_ns = until_ns;
    REQUIRE(fabric.advance(LabTime{at_ns}).ok());
    return drain();
  }
  std::vector<Taken> drain() {
    std::vector<Taken> taken;
    fabric.drain([&](const Delivery& delivery) {
      taken.push_back(Taken{delivery.frame.value,
                            delivery.copy,
                            delivery.port,
                            delivery.due.ns,
                            {reinterpret_cast<const char*>(delivery.bytes.data()), delivery.bytes.size()}});
    });
    return taken;
  }
  void check_conservation() const {
    const FabricCounts counts = fabric.counts();
    std::uint64_t accounted = counts.in_flight + counts.delivered;
    for (const std::uint64_t dropped : counts.dropped) accounted += dropped;
    REQUIRE(accounted == counts.copies);
    REQUIRE(counts.dropped[0] == 0);
    REQUIRE(fabric.in_flight().size() == counts.in_flight);
  }
  std::uint64_t dropped(Reason reason) const { return fabric.counts().dropped[static_cast<std::size_t>(reason)]; }

  Fabric fabric;
  std::uint64_t at_ns = 0;
  std::uint64_t seq = 0;
};

inline constexpr std::uint64_t kMillisecond_ns = 1'000'000;
inline constexpr std::uint64_t kSecond_ns = 1'000'000'000;

}  // namespace labreel
