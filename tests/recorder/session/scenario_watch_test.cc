// Watches: what the reel says of a condition over the whole lab.
#include <catch2/catch.hpp>

#include "tests/recorder/session/fakes.h"
#include "tests/recorder/session/lab_texts.h"

using namespace labreel;
using namespace labreel::test;
using Lines = std::vector<std::string>;

namespace {

Lines watch_lines(const FakeLab& lab) {
  Lines lines;
  for (const std::string& line : lab.scenario_lines()) {
    if (line.find(" 0 ") != std::string::npos) lines.push_back(line);
  }
  return lines;
}

}  // namespace

TEST_CASE("a watch tells each flip of its condition, and what showed it", "[scenario]") {
  FakeLab lab(lab_with("  - sleep: 10s\nwatch:\n  - {name: adjacency, node: r1, run: look, until: Full, count: 2}\n"));
  lab.driver.on_exec = [&lab](const std::string&, const std::string&) {
    const bool full = lab.loop.now().ns > 3'000'000'000 && lab.loop.now().ns < 6'000'000'000;
    return FakeAnswer{.stdout_text = full ? "Full Full" : "Full Init"};
  };
  REQUIRE(lab.play()->ok());
  CHECK(watch_lines(lab) == Lines{"0 0 begun watch adjacency on r1", "3.501 0 flipped adjacency holds",
                                  "6.001 0 flipped adjacency no longer holds"});
  const Event* begun = nullptr;
  std::size_t looks = 0;
  for (const Event& event : lab.events()) {
    const auto* const step = std::get_if<Scenario>(&event.body);
    if (step != nullptr && step->step == 0 && step->state == "begun") begun = &event;
    if (step != nullptr && step->step == 0 && step->state == "flipped") {
      CHECK(lab.events().at(event.cause.value - 1).kind() == EventKind::exec);
    }
    if (event.kind() != EventKind::exec) continue;
    ++looks;
    CHECK(event.cause == begun->seq);
  }
  CHECK(looks == 20);
  CHECK(lab.narrated.back().find("adjacency no longer holds at 6.0 s") != std::string::npos);
}

TEST_CASE("a watch looks as often as it says, without looks upon looks", "[scenario]") {
  FakeLab lab(lab_with("  - sleep: 1s\nwatch:\n  - {name: a, node: r1, run: quick, every: 100ms}\n"
                       "  - {name: b, node: r1, run: slow, every: 100ms}\n"));
  std::map<std::string, int> looks;
  lab.driver.on_exec = [&looks](const std::string&, const std::string& line) {
    ++looks[line];
    return FakeAnswer{.takes_ns = line == "slow" ? 300'000'000U : 1'000'000U};
  };
  REQUIRE(lab.play()->ok());
  CHECK(looks["quick"] == 10);
  CHECK(looks["slow"] == 4);
}

TEST_CASE("a watch does not hold while its node is away, and holds again when it is back", "[scenario]") {
  FakeLab lab(lab_with("  - sleep: 1s\n  - node: {crash: r1}\n  - sleep: 1s\n  - node: {restart: r1}\n  - sleep: 1s\n"
                       "watch: [{name: alive, node: r1, run: look}]\n"));
  REQUIRE(lab.play()->ok());
  CHECK(watch_lines(lab) == Lines{"0 0 begun watch alive on r1", "0.501 0 flipped alive holds",
                                  "1.5 0 flipped alive no longer holds", "2.501 0 flipped alive holds"});
}

TEST_CASE("a watch goes on after the scenario, until the lab ends", "[scenario]") {
  FakeLab lab(lab_with("  - sleep: 1s\nwatch: [{name: w, node: r1, run: look}]\n"));
  lab.driver.on_exec = [&lab](const std::string&, const std::string&) {
    return FakeAnswer{.status = lab.loop.now().ns > 5'000'000'000 ? 0 : 1};
  };
  lab.start();
  bool over = false;
  lab.scenario.run([&over](const Status&) { over = true; });
  lab.loop.run_until(LabTime{9'000'000'000});
  CHECK(over);
  CHECK(watch_lines(lab).back() == "5.501 0 flipped w holds");
  lab.scenario.abandon();
  lab.loop.run_until(LabTime{20'000'000'000});
  CHECK(lab.loop.is_idle());
}

TEST_CASE("a watch of a lab without a scenario works too", "[scenario]") {
  FakeLab lab("name: a\ntopology: {nodes: {n1: }}\nwatch: [{name: w, node: n1, run: look}]\n");
  lab.start();
  lab.loop.run_until(LabTime{2'000'000'000});
  CHECK(watch_lines(lab).back() == "0.501 0 flipped w holds");
}
