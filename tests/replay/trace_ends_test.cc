// What a trace says where a packet goes no further.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "replay/trace/trace_report.h"
#include "tests/replay/recorded_lab.h"
#include "tests/replay/trace_lab.h"

using namespace labreel;
using namespace labreel::test;

namespace {

// The one sentence that ends a frame's trace.
TraceEnd end_of(const EventList& list, Seq frame, const RecordedPorts& recorded = {}) {
  const auto hops = hops_of(list, frame, recorded);
  REQUIRE(hops.size() == 1);
  REQUIRE(hops[0].ends.size() == 1);
  return hops[0].ends[0];
}

std::string ping() { return ping_frame("10.0.1.1", "10.0.2.1", 1); }

}  // namespace

TEST_CASE("a router that swallows a packet is named, with when and where it received it", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq frame = send(list, 100, kHost, kNear, ping());
  send(list, 200, kFar, kTarget, with_macs(with_ttl(ping_frame("10.0.1.1", "10.0.2.1", 2), 63), kTarget, kFar));
  list.add(LabTime{5'000'000'000}, LabEnded{"stopped"});
  const TraceEnd end = end_of(list, frame);
  CHECK(end.kind == TraceEndKind::not_sent_on);
  CHECK(end.port == "r1:eth1");
  CHECK(end.at == LabTime{110});
  CHECK(end.text == "r1 received it at 0.000000110 s on r1:eth1 and sent nothing like it on");
}

TEST_CASE("a packet that was swallowed shortly before the end says so, since it might still have been sent on", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq frame = send(list, 100, kHost, kNear, ping());
  list.add(LabTime{3'000'110}, LabEnded{"stopped"});
  CHECK(end_of(list, frame).text.ends_with("and sent nothing like it on; the lab ended 3.0 ms later"));
  list.complete_ = false;
  CHECK(end_of(list, frame).text.ends_with("and sent nothing like it on; the recording was cut off 3.0 ms later"));
}

TEST_CASE("a node that stopped shortly after it received a packet is said to have stopped", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq frame = send(list, 100, kHost, kNear, ping());
  list.add(LabTime{2'110}, NodeStopped{NodeId{1}, "died"});
  list.add(LabTime{9'000'000'000}, LabEnded{"stopped"});
  CHECK(end_of(list, frame).text.ends_with("and sent nothing like it on; it stopped 2.0 us later"));
}

TEST_CASE("frames that are missing in the recording are not taken for frames that were not sent", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq frame = send(list, 100, kHost, kNear, ping());
  list.add(LabTime{200}, Gap{"before-fabric", 3, "the kernel dropped them", kFar});
  list.add(LabTime{9'000'000'000}, LabEnded{"stopped"});
  CHECK(end_of(list, frame).text.ends_with("; but 3 frames of that time are missing in the recording"));
}

TEST_CASE("a copy that was dropped ends with its reason, also if it was dropped in flight", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq lost = send(list, 100, kHost, kNear, ping(), Reason::loss);
  const Seq cut = send(list, 200, kHost, kNear, ping_frame("10.0.1.1", "10.0.2.1", 2));
  list.add(LabTime{205}, Outcome{cut, 0, kNear, Reason::link_down}, cut);
  CHECK(end_of(list, lost).text == "dropped on its way to r1:eth1: loss");
  CHECK(end_of(list, cut).text == "dropped on its way to r1:eth1: link-down");
  CHECK(end_of(list, cut).kind == TraceEndKind::dropped);
}

TEST_CASE("a copy that still flies where the recording ends is neither delivered nor dropped", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq frame = send(list, 100, kHost, kNear, ping());
  list.complete_ = false;
  const TraceEnd end = end_of(list, frame);
  CHECK(end.kind == TraceEndKind::in_flight);
  CHECK(end.text == "still on its way to r1:eth1, due at 0.000000110 s, when the recording was cut off");
}

TEST_CASE("a packet's destination is known from the lab file, from ARP, or from what a node sends", "[trace]") {
  const RecordedPorts lab_file{{"h2:eth0", {1500, {"10.0.2.1/24"}}}};
  struct Source {
    RecordedPorts recorded;
    std::string frame;
    const char* ground;
  };
  const std::string own = with_macs(arp_request("10.0.2.1", "10.0.2.9"), kNear, kTarget);
  for (const auto& [recorded, frame, ground] : {Source{lab_file, {}, "the lab file gives it that address"}, Source{{}, own, "it said so by ARP in event 11"}}) {
    EventList list;
    add_routed_lab(list);
    if (!frame.empty()) send(list, 50, kTarget, kFar, frame);
    const Seq sent = send(list, 100, kFar, kTarget, with_macs(ping(), kTarget, kFar));
    list.add(LabTime{200}, LabEnded{"stopped"});
    const TraceEnd end = end_of(list, sent, recorded);
    CHECK(end.kind == TraceEndKind::delivered);
    CHECK(end.text == fmt::format("h2 received it at 0.000000110 s on h2:eth0: h2 is its destination (10.0.2.1: {})", ground));
  }
}

TEST_CASE("a packet whose TTL ended, and one that was answered with an error, say so", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const std::string last = with_ttl(ping(), 1);
  const Seq other = send(list, 90, kHost, kNear, with_ttl(ping_frame("10.0.1.1", "10.0.2.1", 2), 1));  // with the same IP id
  const Seq frame = send(list, 100, kHost, kNear, last);
  const std::string error = from_hex("0b00 0000 0000 0000") + last.substr(14, 28);
  const Seq answer = send(list, 150, kNear, kHost, ethernet_frame(0x0800, ipv4_packet(1, "10.0.1.254", "10.0.1.1", error)));
  list.add(LabTime{9'000'000'000}, LabEnded{"stopped"});
  const std::string text = end_of(list, frame).text;
  CHECK(end_of(list, other).text.ends_with("its TTL was 1, so it had to end there"));
  CHECK(text.find("sent nothing like it on; its TTL was 1, so it had to end there; it answered with event ") != std::string::npos);
  CHECK(text.find(fmt::format("event {} (ICMP Time-to-live exceeded", answer.value)) != std::string::npos);
}

TEST_CASE("a packet to many has an end for each of them", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const std::string hello = from_hex("01005e000005") + ethernet_frame(0x0800, ipv4_packet(89, "10.0.1.1", "224.0.0.5", "hello")).substr(6);
  const Seq frame = flood(list, 100, kHost, {kNear, kTarget, kOther}, hello);
  list.add(LabTime{9'000'000'000}, LabEnded{"stopped"});
  const auto hops = hops_of(list, frame);
  REQUIRE(hops.size() == 1);
  REQUIRE(hops[0].ends.size() == 3);
  for (const TraceEnd& end : hops[0].ends) CHECK(end.kind == TraceEndKind::to_group);
  CHECK(hops[0].ends[2].text == "h3 received it at 0.000000110 s on h3:eth0, one of those that 01:00:5e:00:00:05 is for, and "
                                "sent nothing like it on");
}

TEST_CASE("what a lan floods to a node that it is not for is told from what the node was to send on", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq frame = flood(list, 100, kHost, {kNear, kOther}, ping());
  const Seq on = send(list, 200, kFar, kTarget, with_macs(with_ttl(ping(), 63), kTarget, kFar));
  list.add(LabTime{9'000'000'000}, LabEnded{"stopped"});
  const auto hops = hops_of(list, frame);
  REQUIRE(hops.size() == 2);
  REQUIRE(hops[0].ends.size() == 1);
  CHECK(hops[0].ends[0].kind == TraceEndKind::not_for_it);
  CHECK(hops[0].ends[0].text.find("h3 received it") == 0);
  CHECK(hops[0].ends[0].text.find("though it was addressed to 02:00:00:00:00:02") != std::string::npos);
  CHECK(hops[1].frame == on);
}

TEST_CASE("fragments and tunnels are recognised and said to be not followed", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq whole = send(list, 100, kHost, kNear, ping());
  std::string fragment = with_macs(with_ttl(ping(), 63), kTarget, kFar);
  fragment.replace(14 + 6, 2, from_hex("2000"));
  fragment.replace(14 + 2, 2, u16(20 + 24));
  fragment.resize(14 + 20 + 24);
  const Seq part = send(list, 200, kFar, kTarget, fragment);
  CHECK(end_of(list, whole).kind == TraceEndKind::not_followed);
  CHECK(end_of(list, whole).text.ends_with(fmt::format("and sent event {}, of the same packet in other fragments: fragments are not followed", part.value)));

  EventList tunnel;
  add_routed_lab(tunnel);
  const Seq inner = send(tunnel, 100, kHost, kNear, ping());
  const std::string gre = from_hex("0000 0800") + with_ttl(ping(), 63).substr(14);
  const Seq outer = send(tunnel, 200, kFar, kTarget, with_macs(ethernet_frame(0x0800, ipv4_packet(47, "10.9.0.1", "10.9.0.2", gre)), kTarget, kFar));
  tunnel.add(LabTime{300}, LabEnded{"stopped"});
  const TraceEnd end = end_of(tunnel, inner);
  CHECK(end.kind == TraceEndKind::not_followed);
  CHECK(end.text.find(fmt::format("and sent it inside event {} (", outer.value)) != std::string::npos);
  CHECK(end_of(tunnel, outer).text.ends_with("; it carries a packet of its own (GRE), which is not followed"));
}

TEST_CASE("a trace as words and as JSON says the same", "[trace]") {
  EventList list;
  add_routed_lab(list);
  const Seq first = send(list, 100, kHost, kNear, ping());
  send(list, 200, kFar, kTarget, with_macs(with_ttl(ping(), 63), kTarget, kFar), Reason::link_down);
  const auto hops = hops_of(list, first);
  REQUIRE(hops.size() == 2);
  CHECK(hop_text(hops[0]) == "          the frame that was asked for\n          h1 sent it, and had received nothing like it before\n");
  const std::string words = hop_text(hops[1]);
  CHECK(words.find("          is 11, which r1 sent on: same IP id 1 and same payload (48 bytes), TTL 64 to 63; r1 received 11 and sent 12\n") == 0);
  CHECK(words.ends_with("          dropped on its way to h2:eth0: link-down\n"));
  const std::string json = hop_json("{\"seq\":12}", hops[1]);
  CHECK(json.find("{\"seq\":12,\"asked\":false,\"was\":11,\"certainty\":\"is\",\"ground\":\"same IP id 1 ") == 0);
  CHECK(json.ends_with("\"alternatives\":[],\"origin\":null,\"end\":[{\"kind\":\"dropped\",\"port\":\"h2:eth0\",\"time\":210,\"text\":"
                       "\"dropped on its way to h2:eth0: link-down\"}]}"));
}

TEST_CASE("every trace in a random lab has the frame that was asked for, and every hop an end or a next one", "[trace]") {
  std::size_t traced = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    EventList list;
    ListSink sink{list};
    record_random_lab(sink, seed, 600);
    for (std::size_t i = seed; i < list.all().size(); i += 5) {
      const Event& event = list.all()[i];
      const auto* frame = std::get_if<Frame>(&event.body);
      if (frame == nullptr || frame->bytes.size() < 14) continue;
      const auto hops = hops_of(list, event.seq);
      INFO("seed " << seed << ", event " << event.seq.value);
      ++traced;
      CHECK(std::count_if(hops.begin(), hops.end(), [&](const TraceHop& hop) { return hop.asked && hop.frame == event.seq; }) == 1);
      for (const TraceHop& hop : hops) {
        const auto goes_on = [&](const TraceHop& next) {
          return std::any_of(next.was.begin(), next.was.end(), [&](const TraceLink& was) { return was.earlier == hop.frame; });
        };
        CHECK((!hop.ends.empty() || std::any_of(hops.begin(), hops.end(), goes_on)));
      }
    }
  }
  CHECK(traced > 50);
}
