// A paused node sends nothing that the reel would have: not its processes, which stand still, nor its kernel, which answers.
#include <catch2/catch.hpp>

#include <set>
#include <string>

#include "store/reel_reader.h"
#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

constexpr int kPauses = 1'000;

// h1 floods h2, whose kernel answers whether or not its processes run.
std::string flooded_lab() {
  std::string text = two_hosts("pauses") + R"(scenario:
  - exec: {node: h1, run: "ping -f -q 10.0.0.2 >/dev/null 2>&1 & sleep 0.2"}
)";
  for (int i = 0; i < kPauses; ++i) text += "  - node: {pause: h2}\n  - node: {resume: h2}\n";
  return text + "  - sleep: 200ms\n";
}

struct Counts {
  int pauses = 0;
  int frames_while_paused = 0;
  int frames = 0;
};

Counts count_frames_of(const ReelReader& reel, PortId port) {
  Counts counts;
  bool is_paused = false;
  ReelReader::Cursor cursor = reel.events();
  Event event{};
  for (auto more = cursor.next(event); more && *more; more = cursor.next(event)) {
    if (std::holds_alternative<NodePaused>(event.body)) is_paused = ++counts.pauses > 0;
    if (std::holds_alternative<NodeResumed>(event.body)) is_paused = false;
    const auto* const frame = std::get_if<Frame>(&event.body);
    if (frame != nullptr && frame->port == port) ++(is_paused ? counts.frames_while_paused : counts.frames);
  }
  return counts;
}

}  // namespace

TEST_CASE("no frame of a node stands between its pause and its resumption, however much it is asked", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", flooded_lab());
  const auto run = labreel({"run", "lab.yml"}, folder.path());
  INFO(run.err.substr(0, 2'000));
  REQUIRE(run.status == 0);
  const auto reel = ReelReader::open(folder / "pauses.reel");
  REQUIRE(reel);
  const Counts counts = count_frames_of(*reel, PortId{1});
  CHECK(counts.pauses == kPauses);
  CHECK(counts.frames_while_paused == 0);
  CHECK(counts.frames > 1'000);
  CHECK(labreel({"verify", folder / "pauses.reel"}).status == 0);
}

TEST_CASE("what overflows a paused node's devices is a gap, and the rest comes after its resumption", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("overflow") + R"(scenario:
  - exec: {node: h1, run: "ping -c 1 10.0.0.2"}  # h1 knows the address: nobody answers for it later
  - node: {pause: h2}
  - exec: {node: h1, run: "timeout 2 ping -f -q -l 5000 10.0.0.2", may_fail: true}
  - node: {resume: h2}
  - sleep: 1500ms
)");
  const auto run = labreel({"run", "lab.yml"}, folder.path());
  INFO(run.err);
  REQUIRE(run.status == 0);
  const auto reel = ReelReader::open(folder / "overflow.reel");
  REQUIRE(reel);
  CHECK(count_frames_of(*reel, PortId{1}).frames_while_paused == 0);
  std::uint64_t lost = 0;
  std::uint64_t came = 0;
  bool is_resumed = false;
  ReelReader::Cursor cursor = reel->events();
  Event event{};
  for (auto more = cursor.next(event); more && *more; more = cursor.next(event)) {
    is_resumed = is_resumed || std::holds_alternative<NodeResumed>(event.body);
    if (const auto* const gap = std::get_if<Gap>(&event.body)) lost += gap->port == PortId{1} ? gap->frames : 0;
    const auto* const frame = std::get_if<Frame>(&event.body);
    if (frame != nullptr && is_resumed && frame->port == PortId{1}) ++came;
  }
  CHECK(lost > 0);
  CHECK(came > 0);
}

}  // namespace labreel::test
