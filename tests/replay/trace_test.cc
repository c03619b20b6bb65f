#include "replay/trace.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <tuple>

#include "tests/replay/trace_lab.h"

using namespace labreel;
using namespace labreel::test;

TEST_CASE("a packet is followed through a router, from either end, with its ground", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const std::string ping = ping_frame("10.0.1.1", "10.0.2.1", 1);
  const Seq first = send(list, 100, kHost, kNear, with_ttl(ping, 64));
  send(list, 150, kHost, kNear, with_ttl(ping_frame("10.0.1.1", "10.0.2.1", 2), 64));
  const Seq second = send(list, 200, kFar, kTarget, with_ttl(ping, 63));
  send(list, 250, kTarget, kFar, with_macs(ping_frame("10.0.2.1", "10.0.1.1", 1), kFar, kTarget));
  for (const Seq asked : {first, second}) {
    const auto hops = hops_of(list, asked);
    REQUIRE(hops.size() == 2);
    CHECK(hops[0].frame == first);
    CHECK(hops[1].frame == second);
    CHECK(hops[asked == first ? 0 : 1].asked);
    CHECK(hops[0].was.empty());
    CHECK(hops[0].origin == "h1 sent it, and had received nothing like it before");
    CHECK(hops[0].ends.empty());
    REQUIRE(hops[1].was.size() == 1);
    const TraceLink& was = hops[1].was[0];
    CHECK(was.certain());
    CHECK(was.earlier == first);
    CHECK(was.ground.find("same IP id 1 and same payload") == 0);
    CHECK(was.ground.find("TTL 64 to 63; r1 received") != std::string::npos);
    REQUIRE(hops[1].ends.size() == 1);
    CHECK(hops[1].ends[0].kind == TraceEndKind::delivered);
    CHECK(hops[1].ends[0].text.find("h2 received it at 0.000000210 s on h2:eth0: h2 is its destination (10.0.2.1: it was the "
                                    "first to send from it, in event ") == 0);
  }
}

TEST_CASE("where two frames may be what a router sent on, both only may be it, from either end", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const std::string ping = ping_frame("10.0.1.1", "10.0.2.1", 1);
  const Seq first = send(list, 100, kHost, kNear, with_ttl(ping, 64));
  const Seq once = send(list, 200, kFar, kTarget, with_ttl(ping, 63));
  const Seq again = send(list, 300, kFar, kTarget, with_ttl(ping, 63));
  const auto hops = hops_of(list, first);
  REQUIRE(hops.size() == 3);
  for (const std::size_t i : {1U, 2U}) {
    REQUIRE(hops[i].was.size() == 1);
    CHECK_FALSE(hops[i].was[0].certain());
    REQUIRE(hops[i].ends.size() == 1);
    CHECK(hops[i].ends[0].kind == TraceEndKind::not_followed);
  }
  CHECK(hops[2].was[0].reservation.find(fmt::format("event {} fits as well", once.value)) != std::string::npos);
  REQUIRE(hops[0].ends.size() == 1);
  CHECK(hops[0].ends[0].kind == TraceEndKind::uncertain);
  CHECK(hops[0].ends[0].text.ends_with(fmt::format("and may have sent it on as {} or {}", once.value, again.value)));
  const auto backwards = hops_of(list, again);
  REQUIRE(backwards.size() == 2);
  REQUIRE(backwards[1].was.size() == 1);
  CHECK_FALSE(backwards[1].was[0].certain());
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
    if (hops == 2) CHECK(hops_of(list, first)[1].was[0].ground.find("and same start of the payload (") != std::string::npos);
  }
}

TEST_CASE("only a frame can be traced", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq runt = send(list, 100, kHost, kNear, "too short");
  for (const Seq wrong : {Seq{1}, runt}) {
    const auto trace = trace_packet(list, wrong);
    REQUIRE_FALSE(trace);
    CHECK(trace.error().kind == ErrorKind::usage);
  }
  CHECK_FALSE(trace_packet(list, Seq{99}));
}
