// Traces through devices that change addresses, and through bridges: when a frame is another one, and when it only may be.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/replay/trace_lab.h"

using namespace labreel;
using namespace labreel::test;

namespace {

// What the frame was, of which there is one, said for certain or not.
TraceLink link_of(const std::vector<TraceHop>& hops, Seq frame) {
  for (const TraceHop& hop : hops) {
    if (hop.frame != frame) continue;
    REQUIRE(hop.was.size() == 1);
    return hop.was[0];
  }
  FAIL("event " << frame.value << " is no hop");
  return {};
}

bool has_hop(const std::vector<TraceHop>& hops, Seq frame) {
  return std::any_of(hops.begin(), hops.end(), [&](const TraceHop& hop) { return hop.frame == frame; });
}

std::string inside() { return udp_frame("10.0.0.2", 4000, "198.51.100.7", 64, "question"); }
std::string outside(unsigned port = 4000, unsigned ttl = 63) {
  return with_macs(udp_frame("192.0.2.1", port, "198.51.100.7", ttl, "question"), kTarget, kFar);
}

}  // namespace

TEST_CASE("a packet is followed through a device that translates its source, with both addresses as the ground", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq in = send(list, 100, kHost, kNear, inside());
  const Seq out = send(list, 200, kFar, kTarget, outside(1024));
  for (const Seq asked : {in, out}) {
    const auto hops = hops_of(list, asked);
    REQUIRE(hops.size() == 2);
    const TraceLink was = link_of(hops, out);
    CHECK(was.certain());
    CHECK(was.earlier == in);
    CHECK(was.ground == fmt::format("same IP id 1 and same payload (16 bytes), TTL 64 to 63, source 10.0.0.2:4000 -> "
                                    "192.0.2.1:1024: NAT; r1 received {} and sent {}",
                                    in.value, out.value));
  }
}

TEST_CASE("a packet is followed through a device that translates its destination back", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq answer = send(list, 100, kTarget, kFar, with_macs(udp_frame("198.51.100.7", 9, "192.0.2.1", 60, "answer"), kFar, kTarget));
  const Seq back = send(list, 200, kNear, kHost, with_macs(udp_frame("198.51.100.7", 9, "10.0.0.2", 59, "answer"), kHost, kNear));
  const TraceLink was = link_of(hops_of(list, answer), back);
  CHECK(was.certain());
  CHECK(was.ground.find("destination 192.0.2.1 -> 10.0.0.2: NAT") != std::string::npos);
}

TEST_CASE("a look-alike of another host makes what left the translating device only may be either", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq mine = send(list, 100, kHost, kNear, inside());
  const Seq theirs = send(list, 120, kOther, kNear, with_macs(udp_frame("10.0.0.3", 4000, "198.51.100.7", 64, "question"), kNear, kOther));
  const Seq out = send(list, 200, kFar, kTarget, outside());
  for (const auto& [asked, rival] : {std::pair{mine, theirs}, std::pair{theirs, mine}}) {
    const TraceLink was = link_of(hops_of(list, asked), out);
    CHECK_FALSE(was.certain());
    CHECK(was.reservation.find(fmt::format("event {} may have become it as well", rival.value)) != std::string::npos);
  }
  const auto backwards = hops_of(list, out);
  REQUIRE(backwards.size() == 3);
  CHECK(backwards[2].was.size() == 2);
}

TEST_CASE("a look-alike that was only routed fits its own sender better, and another only may be it", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq mine = send(list, 100, kHost, kNear, inside());
  const std::string planted = udp_frame("10.0.0.3", 4000, "198.51.100.7", 64, "question");
  const Seq theirs = send(list, 120, kOther, kNear, with_macs(planted, kNear, kOther));
  const Seq out = send(list, 200, kFar, kTarget, with_macs(with_ttl(planted, 63), kTarget, kFar));
  CHECK(link_of(hops_of(list, theirs), out).certain());
  const TraceLink was = link_of(hops_of(list, mine), out);
  CHECK_FALSE(was.certain());
  CHECK(was.reservation.find(fmt::format("event {} fits better", theirs.value)) == 0);
}

TEST_CASE("what a host sends that only overheard the packet may be it, and is never said to be", "[trace]") {
  for (const char* const source : {"10.0.0.3", "10.0.0.2"}) {
    EventList list;
    add_routed_lab(list);
    const Seq mine = flood(list, 100, kHost, {kNear, kOther}, inside());
    const Seq planted = send(list, 200, kOther, kTarget, with_macs(udp_frame(source, 4000, "198.51.100.7", 63, "question"), kTarget, kOther));
    const TraceLink was = link_of(hops_of(list, mine), planted);
    CHECK_FALSE(was.certain());
    CHECK(was.reservation.find("it was addressed to 02:00:00:00:00:02, which is not h3:eth0") != std::string::npos);
  }
}

TEST_CASE("a look-alike of a host that never received the packet is no hop at all", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq mine = send(list, 100, kHost, kNear, inside());
  const Seq planted = send(list, 200, kOther, kTarget, with_macs(outside(), kTarget, kOther));
  const auto hops = hops_of(list, mine);
  CHECK_FALSE(has_hop(hops, planted));
  REQUIRE(hops[0].ends.size() == 1);
  CHECK(hops[0].ends[0].kind == TraceEndKind::not_sent_on);
}

TEST_CASE("a translation whose checksum did not move with the addresses only may be one", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq mine = send(list, 100, kHost, kNear, inside());
  std::string wrong = outside();
  wrong[14 + 20 + 6] = static_cast<char>(wrong[14 + 20 + 6] ^ 0x10);
  const Seq out = send(list, 200, kFar, kTarget, wrong);
  const TraceLink was = link_of(hops_of(list, mine), out);
  CHECK_FALSE(was.certain());
  CHECK(was.reservation == "the checksum did not move with the addresses");
}

TEST_CASE("ARP is followed through a bridge in a node, to all that got it", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const std::string arp = arp_request("10.0.0.1", "10.0.0.9");
  const Seq asked = send(list, 100, kHost, kNear, arp);
  const Seq on = flood(list, 200, kFar, {kTarget, kOther}, arp);
  send(list, 250, kOther, kFar, with_macs(arp_request("10.0.0.9", "10.0.0.1"), kHost, kOther));
  list.add(LabTime{9'000'000'000}, LabEnded{"stopped"});
  const auto hops = hops_of(list, on);
  REQUIRE(hops.size() == 2);
  CHECK(hops[0].frame == asked);
  const TraceLink was = link_of(hops, on);
  CHECK(was.certain());
  CHECK(was.ground.find("same addresses, type and same payload (28 bytes); r1 received") == 0);
  REQUIRE(hops[1].ends.size() == 2);
  CHECK(hops[1].ends[0].kind == TraceEndKind::to_group);
  CHECK(hops[1].ends[1].kind == TraceEndKind::delivered);
}

TEST_CASE("a bridge that adds a VLAN tag is followed, with the tag as part of the ground", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const std::string ping = ping_frame("10.0.0.1", "10.0.0.9", 1);
  const Seq in = send(list, 100, kHost, kNear, ping);
  const Seq out = send(list, 200, kFar, kTarget, ping.substr(0, 12) + from_hex("8100000a") + ping.substr(12));
  const TraceLink was = link_of(hops_of(list, in), out);
  CHECK(was.certain());
  CHECK(was.ground.find("same TTL and MAC addresses, no tag -> tag 10") != std::string::npos);
}

TEST_CASE("equal frames through a bridge are told apart while they take turns, and only then", "[trace]") {
  const std::string arp = arp_request("10.0.0.1", "10.0.0.9");
  EventList list;
  add_routed_lab(list);
  const Seq first = send(list, 100, kHost, kNear, arp);
  const Seq first_on = send(list, 200, kFar, kTarget, arp);
  const Seq second = send(list, 300, kHost, kNear, arp);
  const Seq second_on = send(list, 400, kFar, kTarget, arp);
  for (const auto& [asked, on] : {std::pair{first, first_on}, std::pair{second, second_on}}) {
    const auto hops = hops_of(list, asked);
    REQUIRE(hops.size() == 2);
    CHECK(link_of(hops, on).certain());
    CHECK(link_of(hops, on).earlier == asked);
  }

  EventList late;
  add_routed_lab(late);
  const Seq one = send(late, 100, kHost, kNear, arp);
  const Seq two = send(late, 200, kHost, kNear, arp);
  const Seq on = send(late, 300, kFar, kTarget, arp);
  for (const Seq asked : {one, two}) CHECK_FALSE(link_of(hops_of(late, asked), on).certain());
}

TEST_CASE("a frame that goes back out of the port it came in by is no bridge's", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const std::string arp = arp_request("10.0.0.1", "10.0.0.9");
  const Seq in = flood(list, 100, kHost, {kNear, kOther}, arp);
  const Seq replayed = send(list, 200, kOther, kHost, arp);
  const TraceLink was = link_of(hops_of(list, in), replayed);
  CHECK_FALSE(was.certain());
  CHECK(was.reservation == "it left by the port it came in by");
}

TEST_CASE("a packet that is routed to a group goes on by several ports for certain", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const std::string datagram = from_hex("01005e010101") + udp_frame("10.0.0.2", 5000, "239.1.1.1", 9, "news").substr(6);
  const Seq in = send(list, 100, kHost, kNear, datagram);
  const Seq far = send(list, 200, kFar, kTarget, with_ttl(datagram, 8));
  const Seq near = send(list, 201, kNear, kHost, with_ttl(datagram, 8));
  const auto hops = hops_of(list, in);
  REQUIRE(hops.size() == 3);
  CHECK(link_of(hops, far).certain());
  CHECK(link_of(hops, near).certain());
}

TEST_CASE("a frame that goes round and round is followed so far and no further", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const std::string arp = arp_request("10.0.0.1", "10.0.0.9");
  const Seq first = send(list, 100, kHost, kNear, arp);
  for (std::uint64_t i = 1; i < 1000; ++i) {
    send(list, 100 + i * 100, kFar, kTarget, arp);
    send(list, 150 + i * 100, kTarget, kNear, arp);
  }
  const auto trace = trace_packet(list, first);
  REQUIRE(trace);
  CHECK(trace->hops.size() <= kTraceHops_max);
}
