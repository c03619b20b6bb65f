#include "replay/trace.h"

#include <catch2/catch.hpp>
#include <tuple>

#include "tests/replay/event_list.h"
#include "tests/replay/frame_maker.h"

using namespace labreel;
using namespace labreel::test;

namespace {

constexpr PortId kHost{0};
constexpr PortId kNear{1};
constexpr PortId kFar{2};
constexpr PortId kTarget{3};

// h1:eth0 -- r1:eth1, r1:eth2 -- h2:eth0.
void add_routed_lab(EventList& list) {
  list.add({}, LabBegun{"routed", "", "lab.yml", 1, "real", 1});
  const char* const nodes[] = {"h1", "r1", "h2"};
  for (std::uint32_t i = 0; i < 3; ++i) list.add({}, NodeAdded{NodeId{i}, nodes[i], "namespace", {}});
  list.add({}, PortAdded{kHost, NodeId{0}, "eth0", {2, 0, 0, 0, 0, 1}, 9216});
  list.add({}, PortAdded{kNear, NodeId{1}, "eth1", {2, 0, 0, 0, 0, 2}, 9216});
  list.add({}, PortAdded{kFar, NodeId{1}, "eth2", {2, 0, 0, 0, 0, 3}, 9216});
  list.add({}, PortAdded{kTarget, NodeId{2}, "eth0", {2, 0, 0, 0, 0, 4}, 9216});
}

std::string with_ttl(std::string frame, unsigned ttl) {
  frame[14 + 8] = static_cast<char>(ttl);  // what the checksum says does not matter here
  return frame;
}

Seq send(EventList& list, std::uint64_t at_ns, PortId from, PortId to, const std::string& frame, Reason reason = Reason::none) {
  return list.add_frame(LabTime{at_ns}, from, frame, {{to, reason, 0, 0, LabTime{at_ns + 10}}});
}

std::vector<TraceHop> hops_of(const EventList& list, Seq frame) {
  const auto hops = trace_packet(list, frame);
  REQUIRE(hops);
  return *hops;
}

}  // namespace

TEST_CASE("a packet is followed through a router, from either end, with its ground", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const std::string ping = ping_frame("10.0.1.1", "10.0.2.1", 1);
  const Seq first = send(list, 100, kHost, kNear, with_ttl(ping, 64));
  send(list, 150, kHost, kNear, with_ttl(ping_frame("10.0.1.1", "10.0.2.1", 2), 64));
  const Seq second = send(list, 200, kFar, kTarget, with_ttl(ping, 63));
  send(list, 250, kTarget, kFar, with_ttl(ping_frame("10.0.2.1", "10.0.1.1", 1), 64));
  for (const Seq asked : {first, second}) {
    const auto hops = hops_of(list, asked);
    REQUIRE(hops.size() == 2);
    CHECK(hops[0].frame == first);
    CHECK(hops[1].frame == second);
    const TraceHop& found = hops[asked == first ? 1 : 0];
    CHECK_FALSE(found.ambiguous);
    CHECK(found.from == asked);
    CHECK(found.ground.find("same IP identification 0x0001") == 0);
    CHECK(found.ground.find("TTL 64 to 63; r1 received") != std::string::npos);
  }
}

TEST_CASE("what two frames may continue is told as ambiguous", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const std::string ping = ping_frame("10.0.1.1", "10.0.2.1", 1);
  const Seq first = send(list, 100, kHost, kNear, with_ttl(ping, 64));
  send(list, 200, kFar, kTarget, with_ttl(ping, 63));
  const Seq again = send(list, 300, kFar, kTarget, with_ttl(ping, 63));
  const auto hops = hops_of(list, first);
  REQUIRE(hops.size() == 3);
  CHECK(hops[1].ambiguous);
  CHECK(hops[2].ambiguous);
  CHECK(hops[2].ground.find("ambiguous, 2 frames fit") == 0);
  const auto backwards = hops_of(list, again);
  REQUIRE(backwards.size() == 2);
  CHECK_FALSE(backwards[0].ambiguous);
}

TEST_CASE("no frame is followed that its router never received, before it came, or with another payload or TTL", "[trace]") {
  const std::string ping = ping_frame("10.0.1.1", "10.0.2.1", 1);
  struct Other {
    const char* why;
    std::uint64_t at_ns;
    PortId from;
    std::string frame;
    Reason first;
  };
  std::string changed = with_ttl(ping, 63);
  changed.back() = static_cast<char>(changed.back() ^ 1);
  for (const Other& other : {Other{"dropped on the way", 200, kFar, with_ttl(ping, 63), Reason::loss},
                             Other{"not there yet", 105, kFar, with_ttl(ping, 63), Reason::none},
                             Other{"another payload", 200, kFar, changed, Reason::none},
                             Other{"TTL fell by two", 200, kFar, with_ttl(ping, 62), Reason::none},
                             Other{"another node", 200, kTarget, with_ttl(ping, 63), Reason::none}}) {
    INFO(other.why);
    EventList list;
    add_routed_lab(list);
    const Seq first = send(list, 100, kHost, kNear, with_ttl(ping, 64), other.first);
    send(list, other.at_ns, other.from, kTarget, other.frame);
    CHECK(hops_of(list, first).size() == 1);
  }
}

TEST_CASE("a frame that was cut short is followed by the start of its payload", "[trace]") {
  const std::string ping = ping_frame("10.0.1.1", "10.0.2.1", 1);
  const auto wire_bytes = static_cast<std::uint32_t>(ping.size());
  std::string changed = with_ttl(ping, 63);
  changed[36] = static_cast<char>(changed[36] ^ 1);
  for (const auto& [second_frame, kept, hops] : {std::tuple{with_ttl(ping, 63), ping.size(), 2U}, std::tuple{with_ttl(ping, 63), ping.size() - 2, 2U},
                                                 std::tuple{changed, ping.size(), 1U}}) {
    EventList list;
    add_routed_lab(list);
    const Seq first = list.add_frame(LabTime{100}, kHost, with_ttl(ping, 64).substr(0, ping.size() - 4),
                                     {{kNear, Reason::none, 0, 0, LabTime{110}}}, wire_bytes);
    const Seq second = list.add_frame(LabTime{200}, kFar, second_frame.substr(0, kept),
                                      {{kTarget, Reason::none, 0, 0, LabTime{210}}}, wire_bytes);
    CHECK(hops_of(list, first).size() == hops);
    CHECK(hops_of(list, second).size() == hops);
    if (hops == 2) CHECK(hops_of(list, first)[1].ground.find("and start of the payload of ") != std::string::npos);
  }
}

TEST_CASE("only a frame with an IP packet can be traced", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq arp = send(list, 100, kHost, kNear, arp_request("10.0.1.1", "10.0.1.2"));
  for (const Seq wrong : {Seq{1}, arp}) {
    const auto hops = trace_packet(list, wrong);
    REQUIRE_FALSE(hops);
    CHECK(hops.error().kind == ErrorKind::usage);
  }
  CHECK_FALSE(trace_packet(list, Seq{99}));
}
