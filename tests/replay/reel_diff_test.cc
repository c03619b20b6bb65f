// Two recordings that the store really wrote, compared: where a difference was planted, it is found.
#include "replay/diff/reel_diff.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "replay/diff/diff_report.h"
#include "replay/reel_log.h"
#include "store/reel_writer.h"
#include "tests/replay/frame_maker.h"
#include "tests/replay/recorded_lab.h"
#include "tests/temp_folder.h"

namespace labreel::test {
namespace {

// Writes the events as a reel; `change` sees each before it is written, and leaves it out by returning false.
template <class Change>
ReelReader write_reel(const EventList& list, const std::string& path, Change&& change, bool sealed = true) {
  {
    const auto writer = ReelWriter::create(path);
    for (Event event : list.all()) {
      if (!change(event)) continue;
      const auto* frame = std::get_if<Frame>(&event.body);
      if (frame != nullptr) {
        writer->append_frame(event.time, frame->port, frame->bytes, frame->copies);
      } else {
        writer->append(event.time, event.cause, event.body);
      }
    }
    if (sealed) writer->seal();
  }
  auto reel = ReelReader::open(path);
  REQUIRE(reel.ok());
  return std::move(reel).value();
}
ReelReader write_reel(const EventList& list, const std::string& path) {
  return write_reel(list, path, [](const Event&) { return true; });
}

ReelDiff compare(const ReelReader& a, const ReelReader& b, Aspects ignored = 0) {
  auto diff = diff_reels(ReelLog{a}, ReelLog{b}, ignored);
  REQUIRE(diff.ok());
  return std::move(diff).value();
}

void record_traffic(EventList& list, std::uint64_t seed, std::size_t steps) {
  ListSink sink{list};
  record_random_lab(sink, seed, steps);
}

// The first frame with bytes or marker at or behind a place, or else before it: without it, the topology is the same.
Seq frame_or_marker_from(const EventList& list, std::uint64_t place) {
  const auto fits = [&](std::uint64_t seq) {
    const Event& event = list.all()[seq - 1];
    const auto* frame = std::get_if<Frame>(&event.body);
    return frame != nullptr ? !frame->bytes.empty() : event.kind() == EventKind::marker;
  };
  for (std::uint64_t seq = place; seq <= list.last().value; ++seq) {
    if (fits(seq)) return Seq{seq};
  }
  while (!fits(place)) --place;
  return Seq{place};
}

}  // namespace

TEST_CASE("a difference planted anywhere in a random reel is located exactly", "[replay][diff]") {
  std::mt19937_64 random{20'261'126};
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const TempFolder folder;
    EventList list;
    record_traffic(list, seed, seed % 4 == 0 ? 12'000 : 900);  // more than one block of the digest, or less
    const Seq place = frame_or_marker_from(list, 2 + random() % (list.last().value - 1));
    INFO("seed " << seed << ", event " << place.value << " of " << list.last().value);
    std::string bytes;
    const ReelReader a = write_reel(list, folder / "a.reel");
    const ReelReader b = write_reel(list, folder / "b.reel", [&](Event& event) {
      if (event.seq != place) return true;
      if (auto* frame = std::get_if<Frame>(&event.body); frame != nullptr && !frame->bytes.empty()) {
        bytes.assign(reinterpret_cast<const char*>(frame->bytes.data()), frame->bytes.size());
        bytes.back() = static_cast<char>(bytes.back() ^ 1);
        frame->bytes = as_bytes(bytes);
      } else {
        event.body = Marker{"planted", ""};
      }
      return true;
    });
    const ReelDiff diff = compare(a, b);
    REQUIRE(diff.first);
    CHECK(diff.first->a->seq == place);
    CHECK(diff.first->b->seq == place);
    CHECK(diff.first->last_common->seq.value == place.value - 1);
    // Of several equal frames, the last is the one that is left over.
    REQUIRE(diff.only_in[0].count == 1);
    CHECK(diff.only_in[0].first.front() >= place);
    REQUIRE(diff.only_in[1].count == 1);
    CHECK(diff.only_in[1].first.front() == place);
  }
}

TEST_CASE("equal reels are identical, whatever is ignored", "[replay][diff]") {
  const TempFolder folder;
  EventList list;
  record_traffic(list, 3, 9'000);
  const ReelReader a = write_reel(list, folder / "a.reel");
  const ReelReader b = write_reel(list, folder / "b.reel");
  for (const char* const ignored : {"", "time", "order", "time,order,mac,numbers,payload,decisions,output,polls,lab"}) {
    INFO(ignored);
    const ReelDiff diff = compare(a, b, parse_aspects(ignored).value());
    CHECK(diff.identical());
    CHECK(diff.only_in[0].count + diff.only_in[1].count == 0);
  }
}

TEST_CASE("looks of a wait are ignored with the polls, also of one that begins at a time", "[replay][diff]") {
  const TempFolder folder;
  for (const std::string step : {"wait for h1: true", "at 5s: wait for h1: true", "watch up on h1"}) {
    const auto recorded_with = [&](std::size_t looks, const std::string& name) {
      EventList list;
      list.add({}, LabBegun{.lab = "a", .lab_file = {}, .lab_file_name = {}, .clock = "real"});
      list.add({}, NodeAdded{NodeId{0}, "h1", "namespace", {}});
      const Seq begun = list.add({}, Scenario{1, "begun", step});
      for (std::size_t i = 0; i < looks; ++i) {
        const Seq exec = list.add({}, Exec{NodeId{0}, {"/bin/sh", "-c", "true"}}, begun);
        list.add({}, ExecDone{NodeId{0}, 0}, exec);
      }
      list.add({}, Scenario{1, "done", {}}, begun);
      return write_reel(list, folder / name);
    };
    INFO(step);
    const ReelReader once = recorded_with(1, "once-" + std::to_string(step.size()) + ".reel");
    const ReelReader often = recorded_with(4, "often-" + std::to_string(step.size()) + ".reel");
    CHECK_FALSE(compare(once, often, parse_aspects("time").value()).identical());
    CHECK(compare(once, often, parse_aspects("time,polls").value()).identical());
  }
}

TEST_CASE("an event that only one reel has is the only one named, though all behind it have other numbers",
          "[replay][diff]") {
  const TempFolder folder;
  EventList list;
  record_traffic(list, 5, 2'000);
  Seq lacking{};
  for (const Event& event : list.all()) {
    if (event.seq.value > 700 && lacking.is_none() && event.kind() == EventKind::marker) lacking = event.seq;
  }
  REQUIRE(!lacking.is_none());
  const ReelReader a = write_reel(list, folder / "a.reel", [&](Event& event) {
    if (event.seq == lacking) event.body = Marker{"there is no other like it", ""};
    return true;
  });
  const ReelReader b = write_reel(list, folder / "b.reel", [&](Event& event) {
    if (event.cause > lacking) --event.cause.value;
    if (auto* outcome = std::get_if<Outcome>(&event.body); outcome != nullptr && outcome->frame > lacking)
      --outcome->frame.value;
    return event.seq != lacking;
  });
  for (const char* const ignored : {"", "time", "order"}) {
    INFO(ignored);
    const ReelDiff diff = compare(a, b, parse_aspects(ignored).value());
    REQUIRE(diff.first);
    CHECK(diff.first->a->seq == lacking);
    CHECK(diff.only_in[0].count == 1);
    CHECK(diff.listed[0].front().seq == lacking);
    CHECK(diff.only_in[1].count == 0);
  }
}

TEST_CASE("the same events at other times differ, and nothing is only in one of them", "[replay][diff]") {
  const TempFolder folder;
  EventList list;
  add_two_nodes(list);
  list.add(LabTime{1'000}, Marker{"a", ""});
  list.add(LabTime{2'000}, Scenario{1, "begun", "wait for r1: true"});
  list.add(LabTime{1'000'002'000}, Scenario{1, "flipped", "holds after 1.0 s"}, Seq{8});
  list.add(LabTime{2'000'000'000}, LabEnded{"stopped"});
  const ReelReader a = write_reel(list, folder / "a.reel");
  const ReelReader b = write_reel(list, folder / "b.reel", [](Event& event) {
    if (event.seq.value > 7) event.time.ns += 500'000'000;
    if (event.seq.value == 9) event.body = Scenario{1, "flipped", "holds after 1.5 s"};
    return true;
  });
  const ReelDiff strict = compare(a, b);
  REQUIRE(strict.first);
  CHECK(strict.first->a->seq.value == 8);
  CHECK(strict.only_in[0].count + strict.only_in[1].count == 0);
  CHECK(compare(a, b, kIgnoreTime).identical());
  CHECK(!compare(a, b, kIgnoreMac).identical());

  const auto json = nlohmann::json::parse(to_json(strict));
  CHECK(json["identical"] == false);
  CHECK(json["first_difference"]["last_common"]["kind"] == "marker");
  CHECK(json["only_in_a"].empty());
  CHECK(json["milestones"][0]["name"] == "marker a");
  CHECK(json["milestones"][1]["name"] == "step 1: wait for r1: true");
  CHECK(json["milestones"][1]["a"]["since_ns"] == 1'000'001'000);
  CHECK(json["milestones"][1]["b"]["since_ns"] == 1'500'001'000);
}

TEST_CASE("each aspect hides its own difference and no other", "[replay][diff]") {
  struct Case {
    Aspects aspect;
    EventBody a, b;
  };
  const NodeId node{0};
  const std::vector<Case> cases{
      {kIgnoreOutput, ExecOutput{node, Stream::stdout_stream, "one"}, ExecOutput{node, Stream::stdout_stream, "two"}},
      {kIgnoreMac, PortAdded{PortId{2}, node, "eth2", {2, 0, 0, 0, 0, 1}, 9216},
       PortAdded{PortId{2}, node, "eth2", {2, 0, 0, 0, 0, 2}, 9216}},
      {kIgnoreDecisions, Outcome{Seq{7}, 0, PortId{1}, Reason::link_down}, Outcome{Seq{7}, 0, PortId{1}, Reason::port_down}},
      {kIgnoreLab, LabBegun{"one", "", "1.yml", 1, "real", 1}, LabBegun{"two", "", "2.yml", 2, "real", 1}},
  };
  for (const Case& tried : cases) {
    const TempFolder folder;
    EventList a, b;
    for (EventList* list : {&a, &b}) {
      add_two_nodes(*list);
      list->add_frame(LabTime{1}, PortId{0}, "fourteen bytes", {{PortId{1}, Reason::none, 0, 0, LabTime{9}}});
    }
    a.add(LabTime{2}, tried.a);
    b.add(LabTime{2}, tried.b);
    const ReelReader reel_a = write_reel(a, folder / "a.reel");
    const ReelReader reel_b = write_reel(b, folder / "b.reel");
    CHECK(compare(reel_a, reel_b, tried.aspect).identical());
    const Aspects all = parse_aspects("time,order,mac,numbers,payload,decisions,output,polls,lab").value();
    CHECK(!compare(reel_a, reel_b, all & ~tried.aspect).identical());
  }
}

TEST_CASE("frames that differ in what hosts draw, or carry, are the same where that is ignored", "[replay][diff]") {
  const auto frames_match = [](const std::string& one, const std::string& other, Aspects ignored) {
    const TempFolder folder;
    EventList a, b;
    for (EventList* list : {&a, &b}) {
      add_two_nodes(*list);
      list->add_frame(LabTime{1}, PortId{0}, list == &a ? one : other, {});
    }
    return compare(write_reel(a, folder / "a.reel"), write_reel(b, folder / "b.reel"), ignored).identical();
  };
  const auto tcp = [](unsigned port, std::uint32_t sequence, const std::string& payload) {
    return ethernet_frame(0x0800, ipv4_packet(6, "10.0.0.1", "10.0.0.2", tcp_segment(port, 80, 16, payload, sequence)));
  };
  CHECK(frames_match(tcp(40'000, 1, "hello"), tcp(50'000, 77, "hello"), kIgnoreNumbers));
  CHECK(!frames_match(tcp(40'000, 1, "hello"), tcp(50'000, 77, "hello"), kIgnorePayload));
  CHECK(!frames_match(tcp(179, 1, "hello"), tcp(180, 1, "hello"), kIgnoreNumbers));  // no drawn port
  CHECK(!frames_match(tcp(40'000, 1, "hello"), tcp(40'000, 1, "howdy"), kIgnoreNumbers));
  CHECK(frames_match(tcp(40'000, 1, "hello"), tcp(40'000, 1, "howdy"), kIgnorePayload));
  CHECK(!frames_match(tcp(40'000, 1, "hello"), tcp(40'000, 1, "hello!"), kIgnorePayload));  // another length
  const std::string arp = arp_request("10.0.0.1", "10.0.0.2");
  std::string other_arp = arp;
  other_arp[11] = other_arp[27] = 9;  // the sender's address, in both places
  CHECK(frames_match(arp, other_arp, kIgnoreMac));
  CHECK(!frames_match(arp, other_arp, kIgnoreNumbers));
}

TEST_CASE("a reel that was cut off is compared as far as it goes", "[replay][diff]") {
  const TempFolder folder;
  EventList list;
  record_traffic(list, 7, 1'500);
  const Seq cut{list.last().value / 2};
  const ReelReader a = write_reel(list, folder / "a.reel", [&](const Event& event) { return event.seq <= cut; }, false);
  const ReelReader b = write_reel(list, folder / "b.reel");
  const ReelDiff diff = compare(a, b);
  REQUIRE(diff.first);
  CHECK(!diff.first->a);
  CHECK(diff.first->b->seq == cut.next());
  CHECK(diff.first->last_common->seq == cut);
  CHECK(diff.only_in[0].count == 0);
  CHECK(to_text(diff, {"a.reel", "b.reel"}).find("it was cut off here") != std::string::npos);
}

TEST_CASE("events wait for their like only so long, and then count on both sides", "[replay][diff]") {
  ContentMatcher matcher{2};
  matcher.take(Side::a, Seq{1}, "x");
  matcher.take(Side::a, Seq{2}, "y");
  matcher.take(Side::a, Seq{3}, "z");  // x waits no longer
  matcher.take(Side::b, Seq{1}, "z");
  matcher.take(Side::b, Seq{2}, "y");
  matcher.take(Side::b, Seq{3}, "x");
  matcher.finish();
  CHECK(matcher.only_in(Side::a).first == std::vector{Seq{1}});
  CHECK(matcher.only_in(Side::b).first == std::vector{Seq{3}});
}

TEST_CASE("an aspect that does not exist is refused with the nearest one", "[replay][diff]") {
  const auto wrong = parse_aspects("time,oder");
  REQUIRE(!wrong.ok());
  CHECK(wrong.error().kind == ErrorKind::usage);
  CHECK(wrong.error().what == "no aspect 'oder' to ignore (did you mean order?)");
  CHECK(names_of(parse_aspects("mac,time").value()) == "time,mac");
}

}  // namespace labreel::test
