// Steps within steps: their order, their times, their numbers, and labs that end in the middle.
#include <catch2/catch.hpp>

#include "tests/recorder/session/fakes.h"
#include "tests/recorder/session/lab_texts.h"

using namespace labreel;
using namespace labreel::test;
using Lines = std::vector<std::string>;

TEST_CASE("parallel steps begin together and it is done when all are", "[scenario]") {
  FakeLab lab(lab_with("  - parallel:\n      - sleep: 3s\n      - sleep: 1s\n      - mark: {name: m}\n  - sleep: 1s\n"));
  const auto end = lab.play();
  REQUIRE(end);
  REQUIRE(end->ok());
  CHECK(lab.scenario_lines() == Lines{"0.01 1 begun parallel: 3 steps at once", "0.01 2 begun sleep 3s",
                                      "0.01 3 begun sleep 1s", "0.01 4 begun mark m", "0.01 4 done", "1.01 3 done",
                                      "3.01 2 done", "3.01 1 done", "3.01 5 begun sleep 1s", "4.01 5 done"});
}

TEST_CASE("a nested step's cause is the step around it", "[scenario]") {
  FakeLab lab(lab_with("  - parallel: [{repeat: {times: 1, steps: [sleep: 1s]}}]\n"));
  REQUIRE(lab.play()->ok());
  std::map<std::uint32_t, Event> begun;
  for (const Event& event : lab.events()) {
    const auto* const step = std::get_if<Scenario>(&event.body);
    if (step != nullptr && step->state == "begun") begun.emplace(step->step, event);
    if (step != nullptr && step->state == "done") CHECK(event.cause == begun.at(step->step).seq);
  }
  REQUIRE(begun.size() == 3);
  CHECK(begun.at(1).cause.is_none());
  CHECK(begun.at(2).cause == begun.at(1).seq);
  CHECK(begun.at(3).cause == begun.at(2).seq);
}

TEST_CASE("a step of a parallel that fails ends the scenario at once, with its own line", "[scenario]") {
  FakeLab lab(lab_with("  - parallel:\n      - sleep: 9s\n      - repeat: {times: 3, steps: [sleep: 1s,\n"
                       "          exec: {node: r1, run: bad}]}\n      - repeat: {times: 99, steps: [sleep: 1s]}\n"));
  lab.driver.on_exec = [](const std::string&, const std::string&) { return FakeAnswer{.status = 2}; };
  const auto end = lab.play();
  REQUIRE(end);
  REQUIRE_FALSE(end->ok());
  CHECK(end->error().place == "labs/lab.yml:12");
  CHECK(end->error().what == "`bad` on r1 ended with status 2");
  const Lines lines = lab.scenario_lines();
  REQUIRE(lines.size() > 3);
  CHECK(lines[lines.size() - 3] == "1.011 5 failed `bad` on r1 ended with status 2");
  CHECK(lines[lines.size() - 2] == "1.011 3 failed the step of labs/lab.yml:12 failed");
  CHECK(lines[lines.size() - 1] == "1.011 1 failed the step of labs/lab.yml:12 failed");
  // Nothing goes on, even if the loop does.
  const std::size_t events = lab.events().size();
  lab.loop.run_until(LabTime{200'000'000'000});
  CHECK(lab.events().size() == events);
}

TEST_CASE("a repeat plays its rounds in order and says which one it is", "[scenario]") {
  FakeLab lab(lab_with("  - repeat: {times: 2, steps: [sleep: 1s, mark: {name: m}]}\n"));
  REQUIRE(lab.play()->ok());
  CHECK(lab.scenario_lines() ==
        Lines{"0.01 1 begun repeat 2 times", "0.01 2 begun sleep 1s (round 1 of 2)", "1.01 2 done",
              "1.01 3 begun mark m (round 1 of 2)", "1.01 3 done", "1.01 2 begun sleep 1s (round 2 of 2)", "2.01 2 done",
              "2.01 3 begun mark m (round 2 of 2)", "2.01 3 done", "2.01 1 done"});
}

TEST_CASE("the rounds of a repeat begin every so often, or at once after one that took longer", "[scenario]") {
  FakeLab lab(lab_with("  - repeat: {times: 3, every: 10s, steps: [exec: {node: r1, run: a}]}\n"));
  std::vector<std::uint64_t> rounds;
  lab.driver.on_exec = [&](const std::string&, const std::string&) {
    rounds.push_back(lab.loop.now().ns);
    return FakeAnswer{.takes_ns = rounds.size() == 2 ? 15'000'000'000U : 1'000'000U};
  };
  REQUIRE(lab.play()->ok());
  CHECK(rounds == std::vector<std::uint64_t>{10'000'000, 10'010'000'000, 25'010'000'000});
}

TEST_CASE("a step with at begins at that lab time, or at once and says that it is late", "[scenario]") {
  FakeLab lab(lab_with("  - at: 5s\n    mark: {name: a}\n  - sleep: 4s\n  - at: 7500ms\n    mark: {name: b}\n"
                       "  - parallel:\n      - {at: 12s, mark: {name: d}}\n      - {at: 11s, mark: {name: c}}\n"));
  REQUIRE(lab.play()->ok());
  CHECK(lab.command_lines() == Lines{"5 mark a", "9 mark b", "11 mark c", "12 mark d"});
  CHECK(lab.scenario_lines()[0] == "5 1 begun at 5s: mark a");
  CHECK(lab.scenario_lines()[4] == "9 3 begun at 7.5s: mark b (late by 1.5 s)");
}

TEST_CASE("a scenario can be abandoned in the middle of any step", "[scenario]") {
  const Lines steps{"sleep: 9s",
                    "at: 9s\n    mark: {name: m}",
                    "wait: {node: r1, run: hang}",
                    "wait: {node: r1, run: look, until: never}",
                    "expect: {node: r1, run: hang}",
                    "exec: {node: r1, run: hang}",
                    "node: {restart: r1}",
                    "node: {crash: r1}",
                    "flap: {port: \"r1:eth1\", times: 5}",
                    "ramp: {port: \"r1:eth1\", loss: {from: 0%, to: 9%}, over: 9s}",
                    "parallel: [sleep: 9s, wait: {node: r1, run: look, until: never}]",
                    "repeat: {times: 1000, every: 100ms, steps: [mark: {name: m}]}"};
  for (const std::string& step : steps) {
    for (const std::uint64_t after_ns : {0U, 1'000'000U, 1'300'000'000U}) {
      INFO(step << " after " << after_ns);
      FakeLab lab(lab_with("  - " + step + "\nwatch: [{name: w, node: r2, run: look}]\n"));
      lab.driver.on_exec = [](const std::string&, const std::string& line) {
        return FakeAnswer{.hangs = line == "hang"};
      };
      lab.start();
      bool over = false;
      lab.scenario.run([&over](const Status&) { over = true; });
      lab.loop.run_until(lab.loop.now() + after_ns);
      const bool was_over = over;
      lab.scenario.abandon();
      const std::size_t told = lab.scenario_lines().size();
      lab.driver.die(NodeId{0}, "killed by signal 9");
      lab.loop.run_until(LabTime{100'000'000'000});
      CHECK(over == was_over);
      CHECK(lab.scenario_lines().size() == told);
    }
  }
}

TEST_CASE("a scenario runner may go before what it asked for has ended", "[scenario]") {
  FakeLab lab(lab_with("  - sleep: 1s\n"));
  lab.driver.on_exec = [](const std::string&, const std::string&) { return FakeAnswer{.takes_ns = 5'000'000'000}; };
  lab.start();
  auto runner = std::make_unique<ScenarioRunner>(lab.runtime, lab.commands, lab.execs);
  bool over = false;
  runner->run([&over](const Status&) { over = true; });
  runner.reset();
  lab.loop.run_until(LabTime{20'000'000'000});
  CHECK_FALSE(over);
}

TEST_CASE("the same scenario gives the same events every time", "[scenario]") {
  const std::string text = lab_with(
      "  - parallel:\n      - flap: {port: \"r1:eth1\", times: 3}\n      - repeat: {times: 3, every: 700ms, steps: [exec: {node: r1, run: a}]}\n"
      "      - wait: {node: h1, run: look, until: yes}\n  - node: {restart: r2}\n"
      "watch: [{name: w, node: r2, run: look, every: 100ms}]\n");
  const auto play = [&text] {
    FakeLab lab(text);
    lab.driver.on_exec = [&lab](const std::string&, const std::string&) {
      return FakeAnswer{.stdout_text = lab.loop.now().ns > 2'000'000'000 ? "yes" : "no"};
    };
    REQUIRE(lab.play()->ok());
    std::vector<std::tuple<std::uint64_t, std::uint64_t, EventKind>> events;
    for (const Event& event : lab.events()) events.emplace_back(event.time.ns, event.cause.value, event.kind());
    return std::make_pair(events, lab.scenario_lines());
  };
  const auto first = play();
  CHECK(first.first.size() > 100);
  CHECK(first == play());
}

TEST_CASE("ten thousand quick steps neither deepen the stack nor share a turn", "[scenario]") {
  std::string steps;
  for (int i = 0; i < 9'999; ++i) steps += "  - sleep: 0\n";
  FakeLab lab(lab_with(steps));
  REQUIRE(lab.play()->ok());
  CHECK(lab.scenario_lines().size() == 2 * 9'999);
}
