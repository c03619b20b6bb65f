#include "replay/stepping/stepper.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/replay/damaged_log.h"
#include "tests/replay/event_list.h"
#include "tests/replay/frame_maker.h"

using namespace labreel;
using namespace labreel::test;

namespace {

constexpr StepDirection kForwards = StepDirection::forwards;
constexpr StepDirection kBackwards = StepDirection::backwards;
using Seqs = std::vector<std::uint64_t>;

std::string udp_frame(const std::string& from, unsigned source, const std::string& to, unsigned destination) {
  return ethernet_frame(0x0800, ipv4_packet(17, from, to, udp_datagram(source, destination, "x")));
}

// Two clients that each ask one server, its answers, and markers of the same name between.
void add_two_conversations(EventList& list) {
  add_two_nodes(list);                                                                             // 1 to 6
  const auto frame = [&](std::uint64_t at_s, const std::string& bytes) {
    list.add_frame(LabTime{at_s * 1'000'000'000}, PortId{0}, bytes, {});
  };
  frame(1, udp_frame("10.0.0.1", 4000, "10.0.0.2", 53));                                           // 7
  list.add(LabTime{2'000'000'000}, Marker{"asked", "first"});                                      // 8
  frame(3, udp_frame("10.0.0.1", 4001, "10.0.0.2", 53));                                           // 9
  frame(4, udp_frame("10.0.0.2", 53, "10.0.0.1", 4000));                                           // 10
  list.add(LabTime{5'000'000'000}, Marker{"asked", "second"});                                     // 11
  frame(6, ethernet_frame(0x88cc, "no network address"));                                          // 12
  frame(7, udp_frame("10.0.0.2", 53, "10.0.0.1", 4001));                                           // 13
  frame(8, udp_frame("10.0.0.1", 4000, "10.0.0.2", 53));                                           // 14
  list.add(LabTime{9'000'000'000}, LabEnded{"stopped"});                                           // 15
}

std::shared_ptr<const Markers> markers_of(const EventLog& log) {
  auto markers = Markers::of(log);
  REQUIRE(markers);
  return std::make_shared<const Markers>(std::move(*markers));
}

Stepper stepper_at(const EventLog& log, std::uint64_t start) { return {log, markers_of(log), Seq{start}}; }

// Where a move led; 0 if nowhere.
std::uint64_t led_to(const Result<Seq>& moved) {
  REQUIRE(moved);
  return moved->value;
}

// Every event that a move passes until it leads nowhere.
template <class Move>
Seqs walk(Move&& move) {
  Seqs seqs;
  while (const std::uint64_t seq = led_to(move())) seqs.push_back(seq);
  return seqs;
}

}  // namespace

TEST_CASE("a step goes to the neighbour and stays at both ends of the log", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  Stepper stepper = stepper_at(list, 1);
  CHECK(led_to(stepper.step(StepTo::event, kBackwards)) == 0);
  CHECK(stepper.at() == Seq{1});
  CHECK(led_to(stepper.step(StepTo::event, kForwards)) == 2);
  CHECK(stepper.at() == Seq{2});
  CHECK(led_to(stepper.step(StepTo::event, kBackwards)) == 1);
  CHECK(walk([&] { return stepper.step(StepTo::event, kForwards); }).size() == 14);
  CHECK(stepper.at() == Seq{15});
  CHECK(led_to(stepper.step(StepTo::event, kForwards)) == 0);
  CHECK(stepper.at() == Seq{15});
}

TEST_CASE("a log of one event has no step out of it", "[stepper]") {
  EventList list;
  list.add({}, Marker{"only", ""});
  Stepper stepper = stepper_at(list, 1);
  for (const StepDirection direction : {kForwards, kBackwards}) {
    for (const StepTo to : {StepTo::event, StepTo::shown, StepTo::frame}) {
      CHECK(led_to(stepper.step(to, direction)) == 0);
    }
    CHECK(stepper.go_to_marker(direction).is_none());
  }
  CHECK(stepper.at() == Seq{1});
  CHECK(led_to(stepper.go_to("only")) == 1);
}

TEST_CASE("the event at the position has its lab time and its bytes", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  Stepper stepper = stepper_at(list, 1);
  CHECK(led_to(stepper.go_to("+7.5s")) == 13);
  const auto event = stepper.event();
  REQUIRE(event);
  CHECK(event->time == LabTime{7'000'000'000});
  CHECK(event->kind() == EventKind::frame);
}

TEST_CASE("a step to a frame passes over what is none and heeds no filter", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  Stepper stepper = stepper_at(list, 1);
  REQUIRE(stepper.set_filter("marker"));
  CHECK(walk([&] { return stepper.step(StepTo::frame, kForwards); }) == Seqs{7, 9, 10, 12, 13, 14});
  CHECK(walk([&] { return stepper.step(StepTo::frame, kBackwards); }) == Seqs{13, 12, 10, 9, 7});
}

TEST_CASE("a step to what is shown keeps to the filter both ways and the position stays when it is set", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  Stepper stepper = stepper_at(list, 10);
  REQUIRE(stepper.set_filter("marker,lab.ended"));
  CHECK(stepper.filter_words() == "marker,lab.ended");
  CHECK(stepper.at() == Seq{10});
  CHECK(walk([&] { return stepper.step(StepTo::shown, kForwards); }) == Seqs{11, 15});
  REQUIRE(stepper.set_filter("udp port 4001"));
  CHECK(walk([&] { return stepper.step(StepTo::shown, kBackwards); }) == Seqs{13, 9});
  REQUIRE(stepper.set_filter(""));
  CHECK(stepper.filter_words().empty());
  CHECK(led_to(stepper.step(StepTo::shown, kForwards)) == 10);
}

TEST_CASE("a filter that matches nothing leaves the position and every other move", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  Stepper stepper = stepper_at(list, 9);
  REQUIRE(stepper.set_filter("tcp port 179"));
  CHECK(led_to(stepper.step(StepTo::shown, kForwards)) == 0);
  CHECK(led_to(stepper.step(StepTo::shown, kBackwards)) == 0);
  CHECK(stepper.at() == Seq{9});
  const auto before = stepper.shown_before(10, kLastSeq.value);
  REQUIRE(before);
  CHECK(before->empty());
  CHECK(stepper.go_to_marker(kForwards) == Seq{11});
  CHECK(led_to(stepper.step(StepTo::event, kBackwards)) == 10);
  CHECK(led_to(stepper.go_to("5")) == 5);
}

TEST_CASE("a filter that is refused leaves the one before", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  Stepper stepper = stepper_at(list, 1);
  REQUIRE(stepper.set_filter("marker"));
  const Status refused = stepper.set_filter("udp and and");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::usage);
  CHECK(stepper.filter_words() == "marker");
  CHECK(led_to(stepper.step(StepTo::shown, kForwards)) == 8);
}

TEST_CASE("words that are not all kinds are a packet filter", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  Stepper stepper = stepper_at(list, 1);
  for (const char* words : {"marker,", ",marker", "marker,nothing"}) {
    INFO(words);
    CHECK_FALSE(stepper.set_filter(words));
  }
  CHECK(stepper.filter_words().empty());
}

TEST_CASE("markers of the same name are each reached, in order and by number", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  Stepper stepper = stepper_at(list, 1);
  CHECK(stepper.go_to_marker(kForwards) == Seq{8});
  CHECK(stepper.go_to_marker(kForwards) == Seq{11});
  CHECK(stepper.go_to_marker(kForwards).is_none());
  CHECK(stepper.at() == Seq{11});
  CHECK(stepper.go_to_marker(kBackwards) == Seq{8});
  CHECK(stepper.go_to_marker(kBackwards).is_none());
  CHECK(led_to(stepper.go_to("asked#2")) == 11);
  CHECK(led_to(stepper.go_to("asked")) == 8);
  CHECK(stepper.markers().named("asked") == std::vector<Seq>{Seq{8}, Seq{11}});
  CHECK(stepper.markers().named("aske").empty());
  CHECK(stepper.markers().all().back().time == LabTime{5'000'000'000});
}

TEST_CASE("between two markers the nearest is reached both ways", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  CHECK(stepper_at(list, 10).go_to_marker(kForwards) == Seq{11});
  CHECK(stepper_at(list, 10).go_to_marker(kBackwards) == Seq{8});
  CHECK(stepper_at(list, 15).go_to_marker(kBackwards) == Seq{11});
}

TEST_CASE("all who step through a live recording see the markers that it gains", "[stepper]") {
  EventList list;
  add_two_nodes(list);
  const auto markers = std::make_shared<Markers>();
  Stepper one{list, markers, Seq{1}};
  Stepper other{list, markers, Seq{6}};
  CHECK(one.go_to_marker(kForwards).is_none());
  list.add({}, Marker{"now", ""});
  markers->take(list.all().back());
  CHECK(one.go_to_marker(kForwards) == Seq{7});
  CHECK(led_to(other.go_to("now")) == 7);
}

TEST_CASE("a position that is refused leaves where one stands", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  Stepper stepper = stepper_at(list, 9);
  for (const char* wrong : {"", "0", "16", "asekd", "asked#3", "+x", "+1h1"}) {
    INFO(wrong);
    const auto moved = stepper.go_to(wrong);
    REQUIRE_FALSE(moved);
    CHECK(moved.error().kind == ErrorKind::usage);
    CHECK(stepper.at() == Seq{9});
  }
  CHECK(led_to(stepper.go_to("end")) == 15);
}

TEST_CASE("a conversation is followed through both of its directions and no other", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  Stepper stepper = stepper_at(list, 7);
  const auto conversation = stepper.conversation();
  REQUIRE(conversation);
  REQUIRE(*conversation);
  CHECK(walk([&] { return stepper.follow(**conversation, kForwards); }) == Seqs{10, 14});
  CHECK(stepper.at() == Seq{14});
  CHECK(walk([&] { return stepper.follow(**conversation, kBackwards); }) == Seqs{10, 7});
  CHECK(stepper.at() == Seq{7});
}

TEST_CASE("a conversation that begins before the position is followed back to its first frame", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  Stepper stepper = stepper_at(list, 13);
  const auto conversation = stepper.conversation();
  REQUIRE(conversation);
  REQUIRE(*conversation);
  CHECK(led_to(stepper.follow(**conversation, kForwards)) == 0);
  CHECK(led_to(stepper.follow(**conversation, kBackwards)) == 9);
  CHECK(led_to(stepper.follow(**conversation, kBackwards)) == 0);
  // From an event that is none of its frames.
  CHECK(led_to(stepper.go_to("12")) == 12);
  CHECK(led_to(stepper.follow(**conversation, kForwards)) == 13);
  CHECK(led_to(stepper.go_to("end")) == 15);
  CHECK(led_to(stepper.follow(**conversation, kBackwards)) == 13);
}

TEST_CASE("an event that is no frame and a frame without network addresses have no conversation", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  for (const std::uint64_t seq : {1, 8, 12, 15}) {
    const auto conversation = stepper_at(list, seq).conversation();
    INFO(seq);
    REQUIRE(conversation);
    CHECK_FALSE(*conversation);
  }
}

TEST_CASE("what was shown before the position is the nearest, the earliest first", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  Stepper stepper = stepper_at(list, 14);
  REQUIRE(stepper.set_filter("frame"));
  const auto before = [&](std::size_t count, std::uint64_t looked_at_max) {
    const auto found = stepper.shown_before(count, looked_at_max);
    REQUIRE(found);
    Seqs seqs;
    for (const Seq seq : *found) seqs.push_back(seq.value);
    return seqs;
  };
  CHECK(before(3, kLastSeq.value) == Seqs{10, 12, 13});
  CHECK(before(99, kLastSeq.value) == Seqs{7, 9, 10, 12, 13});
  CHECK(before(99, 3) == Seqs{12, 13});
  CHECK(before(0, kLastSeq.value).empty());
  CHECK(stepper.at() == Seq{14});
}

TEST_CASE("steps through a long log visit what passes, each once, both ways", "[stepper]") {
  EventList list;
  Seqs frames;
  // Gaps of every size up to more than one stretch of reading.
  for (std::uint64_t gap = 0; gap < 700; gap = gap * 2 + 1) {
    for (std::uint64_t i = 0; i < gap; ++i) list.add({}, Marker{"m", ""});
    frames.push_back(list.add_frame({}, PortId{0}, arp_request("10.0.0.1", "10.0.0.2"), {}).value);
  }
  list.add({}, LabEnded{"stopped"});
  Stepper stepper = stepper_at(list, 1);
  REQUIRE(stepper.set_filter("arp"));
  REQUIRE(frames.front() == 1);
  CHECK(walk([&] { return stepper.step(StepTo::shown, kForwards); }) == Seqs(frames.begin() + 1, frames.end()));
  CHECK(led_to(stepper.go_to("end")) == list.last().value);
  CHECK(walk([&] { return stepper.step(StepTo::shown, kBackwards); }) == Seqs(frames.rbegin(), frames.rend()));
}

TEST_CASE("damage is told and moves nobody", "[stepper]") {
  EventList list;
  add_two_conversations(list);
  const DamagedLog log{list, Seq{10}};
  CHECK_FALSE(Markers::of(log));
  Stepper stepper{log, markers_of(list), Seq{10}};
  const auto conversation = stepper.conversation();
  REQUIRE(conversation);
  REQUIRE(*conversation);
  for (const StepTo to : {StepTo::event, StepTo::shown, StepTo::frame}) {
    const auto moved = stepper.step(to, kForwards);
    REQUIRE_FALSE(moved);
    CHECK(moved.error().what == "wrong bytes");
  }
  CHECK_FALSE(stepper.follow(**conversation, kForwards));
  CHECK(stepper.at() == Seq{10});
  CHECK(led_to(stepper.step(StepTo::event, kBackwards)) == 9);
  CHECK(led_to(stepper.go_to("end")) == 10);
}

TEST_CASE("bookkeeping is what only the scenario needed, and steps pass over it unless a filter asks", "[stepper]") {
  EventList list;
  add_two_nodes(list);                                                              // 1 to 6
  const auto add = [&](EventBody body, std::uint64_t cause) { list.add(LabTime{1}, std::move(body), Seq{cause}); };
  add(Scenario{1, {"begun"}, "wait for r1: ping until up"}, 0);                     // 7
  add(Exec{NodeId{0}, {"ping"}}, 7);                                                // 8
  add(ExecOutput{NodeId{0}, Stream::stdout_stream, "no"}, 8);                       // 9
  add(ExecDone{NodeId{0}, 1}, 8);                                                   // 10
  add(Scenario{1, {"done"}, ""}, 0);                                                // 11
  add(Scenario{2, {"begun"}, "exec on r1: ping"}, 0);                               // 12
  add(Exec{NodeId{0}, {"ping"}}, 12);                                               // 13
  add(ExecDone{NodeId{0}, 0}, 13);                                                  // 14
  add(Checkpoint{}, 0);                                                             // 15
  add(Scenario{3, {"failed"}, "wait for r1: ping until up"}, 0);                    // 16
  Bookkeeping bookkeeping;
  for (const Event& event : list.all()) bookkeeping.take(event);
  Seqs kept;
  for (const Event& event : list.all()) {
    if (bookkeeping.holds(event.seq)) kept.push_back(event.seq.value);
  }
  CHECK(kept == Seqs{7, 8, 9, 10, 11, 12, 15});
  Stepper stepper = stepper_at(list, 6);
  stepper.fold(std::make_shared<const Bookkeeping>(bookkeeping));
  CHECK(walk([&] { return stepper.step(StepTo::shown, kForwards); }) == Seqs{13, 14, 16});
  CHECK(led_to(stepper.step(StepTo::event, kBackwards)) == 15);
  REQUIRE(stepper.set_filter("exec"));
  CHECK(walk([&] { return stepper.step(StepTo::shown, kBackwards); }) == Seqs{13, 8});
  REQUIRE(stepper.set_filter(""));
  stepper.fold(nullptr);
  CHECK(led_to(stepper.step(StepTo::shown, kForwards)) == 9);
}
