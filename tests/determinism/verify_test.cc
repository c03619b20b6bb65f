// What `verify` promises: identical on what the fabric decided, the first difference named on anything else.
#include "replay/verify.h"

#include <catch2/catch.hpp>
#include <functional>
#include <utility>

#include "engine/core/random.h"
#include "replay/reel_log.h"
#include "store/reel_check.h"
#include "store/reel_writer.h"
#include "tests/cli/program.h"
#include "tests/determinism/reel_oracle.h"
#include "tests/replay/recorded_lab.h"

namespace labreel::test {
namespace {

std::string record_reel(const TestFolder& folder, std::uint64_t seed) {
  const std::string path = folder / "random.reel";
  const auto writer = ReelWriter::create(path);
  record_random_lab(*writer, seed, 2'000);
  writer->seal();
  REQUIRE(writer->state().failure.empty());
  return path;
}

// Records a reel's events anew, each as `change` leaves it; pages, checksums and digest are made afresh.
void record_again(const std::string& from, const std::string& to,
                  const std::function<bool(Event&, std::vector<Copy>&)>& keep) {
  const auto reader = ReelReader::open(from);
  REQUIRE(reader.ok());
  const auto writer = ReelWriter::create(to);
  auto cursor = reader->events();
  Event event;
  for (;;) {
    const auto more = cursor.next(event);
    REQUIRE(more.ok());
    if (!*more) break;
    std::vector<Copy> copies;
    if (const auto* frame = std::get_if<Frame>(&event.body)) copies.assign(frame->copies.begin(), frame->copies.end());
    if (!keep(event, copies)) continue;
    if (const auto* frame = std::get_if<Frame>(&event.body)) {
      writer->append_frame(event.time, frame->port, frame->bytes, copies);
    } else {
      writer->append(event.time, event.cause, event.body);
    }
  }
  writer->seal();
}

Result<VerifyResult> verify_reel(const std::string& path) {
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  const ReelLog log{*reader};
  const auto source = log.events();
  return verify_fabric(*source, log.complete());
}

}  // namespace

TEST_CASE("whatever the fabric decided verifies as identical", "[verify]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    EventList list;
    ListSink sink{list};
    const FabricCounts counts = record_random_lab(sink, seed, 1'500);
    const auto source = list.events();
    const auto result = verify_fabric(*source, true);
    INFO("seed " << seed << (result ? "" : ": " + result.error().what));
    REQUIRE(result.ok());
    INFO((result->identical() ? "" : result->difference->why));
    CHECK(result->identical());
    CHECK(result->frames == counts.frames);
  }
}

TEST_CASE("one changed decision in a reel that is sealed anew is named by its seq, exit 1", "[verify]") {
  TestFolder folder;
  folder.holds_made_up_reels();
  const std::string path = record_reel(folder, 7);
  std::uint64_t frames = 0;
  Seq changed;
  record_again(path, folder / "changed.reel", [&](Event& event, std::vector<Copy>& copies) {
    if (event.kind() == EventKind::frame && ++frames == 100) {
      changed = event.seq;
      copies[0].due.ns += 1;
    }
    return true;
  });
  REQUIRE_FALSE(changed.is_none());
  const auto report = check_reel(folder / "changed.reel");
  REQUIRE(report.ok());
  CHECK(report->findings.empty());  // as a file it is whole: only re-execution can tell
  const auto result = verify_reel(folder / "changed.reel");
  REQUIRE(result.ok());
  REQUIRE(result->difference);
  CHECK(result->difference->seq == changed);
  REQUIRE(result->difference->expected);
  const Event expected = result->difference->expected->event();
  const Event got = result->difference->got->event();
  CHECK(std::get<Frame>(expected.body).copies[0].due.ns + 1 == std::get<Frame>(got.body).copies[0].due.ns);

  const auto program = labreel({"verify", folder / "changed.reel", "--json"});
  CHECK(program.status == 1);
  CHECK(program.out.find("\"identical\":false") != std::string::npos);
  CHECK(program.out.find("\"first_difference\":{\"seq\":" + std::to_string(changed.value) + ",") != std::string::npos);
  // Both names of each side: what is recorded is due one nanosecond later than what comes out now.
  const auto due_of = [&](const std::string& side) {
    const std::size_t at = program.out.find("\"due\":", program.out.find("\"" + side + "\":{")) + 6;
    return std::stoull(program.out.substr(at));
  };
  CHECK(due_of("now") + 1 == due_of("recorded"));
  CHECK(due_of("expected") == due_of("now"));
  CHECK(due_of("got") == due_of("recorded"));
  const auto words = labreel({"verify", folder / "changed.reel"}).out;
  CHECK(words.find("\n  in the reel {\"seq\"") < words.find("\n  now         {\"seq\""));
  CHECK(labreel({"verify", path}).status == 0);
}

TEST_CASE("an outcome that is missing or made up is a difference", "[verify]") {
  TestFolder folder;
  folder.holds_made_up_reels();
  const std::string path = record_reel(folder, 11);
  bool dropped = false;
  record_again(path, folder / "missing.reel", [&](Event& event, std::vector<Copy>&) {
    const auto* outcome = std::get_if<Outcome>(&event.body);
    if (outcome == nullptr || outcome->reason == Reason::refused_by_node || dropped) return true;
    dropped = true;
    return false;
  });
  REQUIRE(dropped);
  const auto missing = verify_reel(folder / "missing.reel");
  REQUIRE(missing.ok());
  CHECK_FALSE(missing->identical());

  bool turned = false;
  record_again(path, folder / "turned.reel", [&](Event& event, std::vector<Copy>&) {
    auto* outcome = std::get_if<Outcome>(&event.body);
    if (outcome == nullptr || turned) return true;
    turned = true;
    outcome->reason = outcome->reason == Reason::link_down ? Reason::node_stopped : Reason::link_down;
    return true;
  });
  REQUIRE(turned);
  const auto made_up = verify_reel(folder / "turned.reel");
  REQUIRE(made_up.ok());
  CHECK_FALSE(made_up->identical());
}

TEST_CASE("a hole in a reel ends what is proved, and a checkpoint begins it anew", "[verify]") {
  EventList list;
  ListSink sink{list};
  Fabric fabric{9};
  std::uint64_t at_ns = 0;
  const auto apply = [&](const EventBody& effect) {
    REQUIRE(fabric.apply(effect, LabTime{at_ns}).ok());
    sink.append(LabTime{at_ns}, Seq{}, effect);
  };
  LabBegun begun;
  begun.seed = 9;
  begun.fabric_version = kFabricVersion;
  apply(begun);
  for (std::uint32_t i = 0; i < 2; ++i) {
    apply(NodeAdded{NodeId{i}, i == 0 ? "a" : "b", "namespace", std::nullopt});
    apply(PortAdded{PortId{i}, NodeId{i}, "eth0", {}, 9216});
    apply(NodeStarted{NodeId{i}});
  }
  CableSettings lossy;
  lossy.loss_ppb = kCertain_ppb / 3;
  lossy.delay_ns = 1'000;
  apply(LinkAdded{LinkId{0}, {PortId{0}, PortId{1}}, {lossy, {}}});
  const std::vector<std::byte> bytes(64, std::byte{2});
  const auto send = [&](int count, bool recorded) {
    for (int i = 0; i < count; ++i) {
      at_ns += 300;
      const auto copies = fabric.arrive(PortId{0}, bytes, LabTime{at_ns}, sink.next_seq());
      REQUIRE(copies.ok());
      if (recorded) {
        sink.append_frame(LabTime{at_ns}, PortId{0}, bytes, *copies);
      } else {
        sink.append(LabTime{at_ns}, Seq{}, Gap{"reel", 1, "the writer fell behind", kNoPort});
      }
      fabric.drain([](const Delivery&) {});
    }
  };
  send(50, true);
  const Seq before_hole{sink.next_seq().value - 1};
  send(20, false);
  fabric.drain([](const Delivery&) {});
  const Seq checkpoint = sink.append(LabTime{at_ns}, Seq{}, Checkpoint{fabric.save()});
  send(50, true);

  const auto result = verify_fabric(*list.events(), false);
  REQUIRE(result.ok());
  INFO((result->identical() ? "" : result->difference->why));
  CHECK(result->identical());
  REQUIRE(result->ranges.size() == 2);
  CHECK(result->ranges[0].to == before_hole);
  CHECK(result->ranges[1].from == checkpoint);
  CHECK(result->frames == 100);
}

TEST_CASE("frames that were cut short decide the same, however long they claim to have been", "[verify]") {
  EventList list;
  ListSink sink{list};
  Fabric fabric{9};
  const auto apply = [&](const EventBody& effect) {
    REQUIRE(fabric.apply(effect, {}).ok());
    sink.append({}, {}, effect);
  };
  apply(LabBegun{"cut", "", "lab.yml", 9, "real", kFabricVersion});
  for (std::uint32_t i = 0; i < 2; ++i) {
    apply(NodeAdded{NodeId{i}, i == 0 ? "a" : "b", "namespace", std::nullopt});
    apply(PortAdded{PortId{i}, NodeId{i}, "eth0", {}, 65'500});
    apply(NodeStarted{NodeId{i}});
  }
  CableSettings corrupting;
  corrupting.corrupt_ppb = kCertain_ppb;
  apply(LinkAdded{LinkId{0}, {PortId{0}, PortId{1}}, {corrupting, {}}});
  for (const std::uint32_t length : {60U, 1'514U, 65'518U, 65'519U, 131'072U}) {
    const std::vector<std::byte> bytes(length, std::byte{2});
    const auto copies = fabric.arrive(PortId{0}, bytes, {}, sink.next_seq());
    REQUIRE(copies.ok());
    CHECK((*copies)[0].reason == (length > 65'518 ? Reason::mtu : Reason::none));
    sink.append({}, {}, Frame{PortId{0}, Bytes{bytes}.first(20), *copies, length});
    // Nobody sent it; it is decided like any that is too long.
    if (length > 100'000) sink.append({}, {}, Frame{PortId{0}, Bytes{bytes}.first(20), *copies, 0xffff'ffff});
  }
  const auto result = verify_fabric(*list.events(), false);
  REQUIRE(result.ok());
  INFO((result->identical() ? "" : result->difference->why));
  CHECK(result->identical());
  CHECK(result->frames == 6);
}

TEST_CASE("a reel of another fabric version is named as that, not called different", "[verify]") {
  TestFolder folder;
  folder.holds_made_up_reels();
  const std::string path = record_reel(folder, 3);
  record_again(path, folder / "later.reel", [](Event& event, std::vector<Copy>&) {
    if (auto* begun = std::get_if<LabBegun>(&event.body)) begun->fabric_version = 99;
    return true;
  });
  const auto result = verify_reel(folder / "later.reel");
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().what.find("fabric version 99") != std::string::npos);
}

TEST_CASE("the oracle that looks at every test's reels finds the one that is wrong", "[verify]") {
  TestFolder folder;
  folder.holds_made_up_reels();
  const std::string path = record_reel(folder, 5);
  CHECK(fault_of_reels_in(folder.path()).empty());
  bool changed = false;
  record_again(path, folder / "changed.reel", [&](Event& event, std::vector<Copy>& copies) {
    if (event.kind() == EventKind::frame && !std::exchange(changed, true)) copies[0].due.ns += 1;
    return true;
  });
  CHECK(fault_of_reels_in(folder.path()).find("changed.reel: verify: event ") != std::string::npos);
}

TEST_CASE("a fabric whose loss comparison is off by one is caught at the frame that shows it", "[verify]") {
  // A loss that equals the draw of the first frame: `<` keeps it, `<=` loses it.
  const std::uint64_t seed = 5;
  const RandomStream stream{seed, "a:eth0", Direction::out};
  CableSettings edge;
  edge.loss_ppb = static_cast<std::uint32_t>(below(stream.draw(0, Draw::loss), kCertain_ppb));
  REQUIRE(edge.loss_ppb > 0);

  const TestFolder folder;
  const std::string path = folder / "edge.reel";
  const auto writer = ReelWriter::create(path);
  Fabric fabric{seed};
  LabBegun begun;
  begun.lab = "edge";
  begun.seed = seed;
  begun.clock = "real";
  begun.fabric_version = kFabricVersion;
  const auto apply = [&](const EventBody& effect) {
    REQUIRE(fabric.apply(effect, LabTime{}).ok());
    writer->append(LabTime{}, Seq{}, effect);
  };
  apply(begun);
  for (std::uint32_t i = 0; i < 2; ++i) {
    apply(NodeAdded{NodeId{i}, i == 0 ? "a" : "b", "namespace", std::nullopt});
    apply(PortAdded{PortId{i}, NodeId{i}, "eth0", {}, 9216});
    apply(NodeStarted{NodeId{i}});
  }
  apply(LinkAdded{LinkId{0}, {PortId{0}, PortId{1}}, {edge, {}}});
  const std::vector<std::byte> frame(64, std::byte{1});
  const Seq seq = writer->next_seq();
  const auto copies = fabric.arrive(PortId{0}, frame, LabTime{1}, seq);
  REQUIRE(copies.ok());
  REQUIRE((*copies)[0].scheduled());
  writer->append_frame(LabTime{1}, PortId{0}, frame, *copies);
  writer->seal();

  const std::string programs = build_dir() + "/tests/determinism/";
  CHECK(run_program({programs + "verify_with_true_fabric", path}).status == 0);
  const auto planted = run_program({programs + "verify_with_planted_fabric", path});
  CHECK(planted.status == 1);
  CHECK(planted.out == std::to_string(seq.value) + "\n");
}

}  // namespace labreel::test
