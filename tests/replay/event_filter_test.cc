#include "replay/event_filter.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <set>

#include "tests/replay/event_list.h"

using namespace labreel;
using labreel::test::add_two_nodes;
using labreel::test::arp_request;
using labreel::test::EventList;
using labreel::test::from_hex;

namespace {

constexpr PortId kR1{0};
constexpr PortId kR2{1};
constexpr PortId kH1{2};

// An 802.1Q frame of VLAN 7.
std::string tagged_frame() { return from_hex("020000000201 020000000101 8100 0007 0800") + std::string(40, '\0'); }

// The two nodes, and h1 on a lan of its own; then one event of each sort that --port asks about.
void add_busy_lab(EventList& list) {
  add_two_nodes(list);                                                                                // 1 to 6
  list.add({}, NodeAdded{NodeId{2}, "h1", "namespace", {}});                                          // 7
  list.add({}, PortAdded{kH1, NodeId{2}, "eth0", {2, 0, 0, 0, 3, 1}, 9216});                          // 8
  list.add({}, LanAdded{LanId{0}, "office"});                                                         // 9
  list.add({}, LanJoined{LanId{0}, kH1, {}, {}});                                                     // 10
  list.add_frame({}, kR1, arp_request(), {{kR2, Reason::none, 0, 0, LabTime{5}}});                    // 11
  list.add_frame({}, kH1, tagged_frame(), {{kNoPort, Reason::no_receiver, 0, 0, {}}});                // 12
  list.add({}, Command{"link.down", {"r2:eth1"}, "cli"});                                             // 13
  list.add({}, LinkDown{kR2}, Seq{13});                                                               // 14
  list.add({}, Outcome{Seq{11}, 0, kR2, Reason::link_down}, Seq{14});                                 // 15
  list.add({}, CommandDone{true, ""}, Seq{13});                                                       // 16
  list.add({}, NodeStopped{NodeId{2}, "stopped"});                                                    // 17
  list.add({}, Marker{"m", ""});                                                                      // 18
  list.add({}, LinkRemoved{LinkId{0}});                                                               // 19
  list.add({}, LanRemoved{LanId{0}});                                                                 // 20
}

std::vector<std::uint64_t> passing(const EventList& list, const FilterOptions& options) {
  auto filter = EventFilter::make(options, list);
  REQUIRE(filter);
  std::vector<std::uint64_t> seqs;
  for (const Event& event : list.all()) {
    if (filter->passes(event)) seqs.push_back(event.seq.value);
  }
  return seqs;
}

Error refusal_of(const FilterOptions& options) {
  EventList list;
  add_busy_lab(list);
  const auto filter = EventFilter::make(options, list);
  REQUIRE_FALSE(filter);
  CHECK(filter.error().kind == ErrorKind::usage);
  return filter.error();
}

using Seqs = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("a filter that asks for nothing passes everything", "[event-filter]") {
  EventList list;
  add_busy_lab(list);
  CHECK(passing(list, {}).size() == list.all().size());
}

TEST_CASE("a libpcap filter passes only the frames that match", "[event-filter]") {
  EventList list;
  add_busy_lab(list);
  CHECK(passing(list, {.filter = "arp"}) == Seqs{11});
  CHECK(passing(list, {.filter = "vlan 7"}) == Seqs{12});
  CHECK(passing(list, {.filter = "ether src 02:00:00:00:01:01"}) == Seqs{11, 12});
  CHECK(passing(list, {.filter = "greater 50"}) == Seqs{12});
  CHECK(passing(list, {.filter = "tcp port 179"}).empty());
}

TEST_CASE("a runt, an empty frame and one without its payload can be filtered", "[event-filter]") {
  EventList list;
  list.add_frame({}, kR1, "", {});
  list.add_frame({}, kR1, "abc", {});
  const std::string whole = arp_request();
  list.add({}, Frame{kR1, labreel::test::as_bytes(whole).first(14), {}, 42});
  CHECK(passing(list, {.filter = "arp"}) == Seqs{3});
  CHECK(passing(list, {.filter = "arp[6:2] = 1"}).empty());
  CHECK(passing(list, {.filter = "len = 42"}) == Seqs{3});
}

TEST_CASE("kinds are chosen by name, several with commas", "[event-filter]") {
  EventList list;
  add_busy_lab(list);
  CHECK(passing(list, {.kinds = "marker"}) == Seqs{18});
  CHECK(passing(list, {.kinds = "marker,outcome,command"}) == Seqs{13, 15, 18});
  CHECK(passing(list, {.filter = "arp", .kinds = "frame"}) == Seqs{11});
  CHECK(passing(list, {.filter = "arp", .kinds = "marker"}).empty());
}

TEST_CASE("a port passes its frames and what else concerns it", "[event-filter]") {
  EventList list;
  add_busy_lab(list);
  CHECK(passing(list, {.port = "r1:eth1"}) == Seqs{2, 4, 6, 11, 14, 15, 19});
  CHECK(passing(list, {.port = "r2:eth1"}) == Seqs{3, 5, 6, 11, 13, 14, 15, 16, 19});
  CHECK(passing(list, {.port = "h1:eth0"}) == Seqs{7, 8, 10, 12, 17, 20});
}

TEST_CASE("a port's name holds for each port that had it", "[event-filter]") {
  EventList list;
  add_two_nodes(list);
  list.add({}, PortRemoved{kR1});                                                        // 7
  list.add({}, PortAdded{kH1, NodeId{0}, "eth1", {2, 0, 0, 0, 1, 2}, 9216});             // 8
  list.add_frame({}, kH1, arp_request(), {{kNoPort, Reason::no_receiver, 0, 0, {}}});    // 9
  CHECK(passing(list, {.kinds = "frame,port.removed,port.added", .port = "r1:eth1"}) == Seqs{4, 7, 8, 9});
}

TEST_CASE("an outcome of a lan's other port passes with the sender's frames, however late it was due", "[event-filter]") {
  EventList list;
  add_two_nodes(list);
  list.add({}, LinkRemoved{LinkId{0}});  // no link says who the sender was
  const LabTime due{60'000'000'000};
  const Seq frame = list.add_frame(LabTime{1}, kR1, arp_request(), {{kR2, Reason::none, 0, 0, due}});
  list.add_frame(LabTime{50'000'000'000}, kR1, arp_request(), {{kR2, Reason::none, 0, 0, due}});
  const Seq outcome = list.add(due, Outcome{frame, 0, kR2, Reason::refused_by_node});
  CHECK(passing(list, {.kinds = "outcome", .port = "r1:eth1"}) == Seqs{outcome.value});
}

TEST_CASE("from and to are inclusive, and what was before from is still known", "[event-filter]") {
  EventList list;
  add_busy_lab(list);
  CHECK(passing(list, {.from = Seq{18}, .to = Seq{19}}) == Seqs{18, 19});
  CHECK(passing(list, {.port = "r1:eth1", .from = Seq{15}, .to = Seq{18}}) == Seqs{15});
  auto filter = EventFilter::make({.to = Seq{3}}, list);
  REQUIRE(filter);
  CHECK_FALSE(filter->is_past(list.all()[2]));
  CHECK(filter->is_past(list.all()[3]));
}

TEST_CASE("a filter that libpcap refuses is a usage error in libpcap's words", "[event-filter]") {
  const Error error = refusal_of({.filter = "arp and and"});
  CHECK_THAT(error.what, Catch::Contains("arp and and") && Catch::Contains("syntax error"));
  CHECK_FALSE(error.hint.empty());
}

TEST_CASE("a word of Wireshark's display filters gets what libpcap has for it", "[event-filter]") {
  const auto hint_of = [](const char* filter) {
    const auto refused = FrameFilter::compile(filter);
    INFO(filter);
    REQUIRE_FALSE(refused);
    return refused.error().hint;
  };
  CHECK_THAT(hint_of("ospf"), Catch::EndsWith(": ip proto 89"));
  CHECK_THAT(hint_of("ip.addr == 10.0.0.1"), Catch::EndsWith(": host 10.0.0.1"));
  CHECK_THAT(hint_of("arp or (tcp.port==80)"), Catch::EndsWith(": tcp port 80"));
  CHECK_THAT(hint_of("nonsense here"), Catch::Contains("pcap-filter(7)"));
  CHECK(hint_for_display_filter("myospf.x").empty());
  CHECK(hint_for_display_filter("").empty());
}

TEST_CASE("what libpcap is said to have for a display filter's word compiles", "[event-filter]") {
  for (const char* const word : {"ospf", "bgp", "dhcp", "dhcpv6", "lldp", "ip.addr", "ip.src", "ip.ttl", "ipv6.addr", "tcp.port",
                                 "tcp.srcport", "tcp.flags.syn", "tcp.flags.reset", "eth.addr", "vlan.id"}) {
    const std::string hint = hint_for_display_filter(word);
    INFO(hint);
    CHECK(FrameFilter::compile(hint.substr(hint.rfind(": ") + 2)).ok());
  }
}

TEST_CASE("a node's name alone asks for all of its ports and for what was run on it", "[event-filter]") {
  EventList list;
  add_two_nodes(list);
  const Seq other = list.add(LabTime{1}, PortAdded{PortId{2}, NodeId{1}, "eth2", {}, 9216});
  const Seq frame = list.add_frame(LabTime{2}, PortId{0}, arp_request(), {{PortId{1}, Reason::none, 0, 0, LabTime{3}}});
  const Seq of_r1 = list.add(LabTime{4}, Exec{NodeId{0}, {"true"}});
  const Seq of_r2 = list.add(LabTime{5}, Exec{NodeId{1}, {"true"}});
  const Seq command = list.add(LabTime{6}, Command{"link.down", {"r2:eth1"}, "cli"});
  const auto passing = [&](const char* port) {
    auto filter = EventFilter::make({.port = port}, list);
    REQUIRE(filter);
    std::set<std::uint64_t> seqs;
    for (const Event& event : list.all()) {
      if (filter->passes(event)) seqs.insert(event.seq.value);
    }
    return seqs;
  };
  const auto of_node = passing("r2");
  for (const Seq seq : {Seq{3}, other, frame, of_r2, command}) CHECK(of_node.contains(seq.value));
  CHECK_FALSE(of_node.contains(2));
  CHECK_FALSE(of_node.contains(of_r1.value));
  CHECK_FALSE(passing("r2:eth2").contains(of_r2.value));
  CHECK_FALSE(EventFilter::make({.port = "r"}, list));
}

TEST_CASE("an unknown kind or port is a usage error with the nearest name", "[event-filter]") {
  CHECK(refusal_of({.kinds = "framme"}).what == "there is no kind \"framme\" (did you mean frame?)");
  CHECK(refusal_of({.kinds = "frame,"}).what == "there is no kind \"\"");
  CHECK(refusal_of({.port = "r1:eth2"}).what == "there is no port \"r1:eth2\" (did you mean r1:eth1?)");
  CHECK(refusal_of({.from = Seq{5}, .to = Seq{4}}).what == "from event 5 to event 4 there is nothing");
}
