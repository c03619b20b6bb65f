// Steps within steps, faults and watches: what they may say, and what is refused by line.
#include <catch2/catch.hpp>

#include "engine/lab/lab_file.h"
#include "tests/engine/lab/lab_text.h"

using namespace labreel;
using namespace labreel::test;

namespace {

// The scenario begins in line 9; r1:eth1 and r2:eth1 are a link, r2:eth2 is on lan office, r2:eth7 is free.
std::string with_scenario(const std::string& steps) {
  return small_lab(
      "  links: [endpoints: [\"r1:eth1\", \"r2:eth1\"]]\n  lans: {office: {ports: [\"r2:eth2\"]}}\nscenario:\n" + steps);
}

LabFile parsed(const std::string& steps) {
  auto lab = parse_lab_file(with_scenario(steps), "lab.yml");
  if (!lab) FAIL(lab.error().place << ": " << lab.error().what);
  return std::move(*lab);
}

struct Refused {
  std::string steps;
  int line;
  std::string what;
  std::string hint = {};
};

void check_each(const std::vector<Refused>& cases) {
  for (const Refused& refused : cases) {
    INFO(refused.steps);
    const auto lab = parse_lab_file(with_scenario(refused.steps), "lab.yml");
    REQUIRE_FALSE(lab);
    CHECK(lab.error().place == "lab.yml:" + std::to_string(refused.line));
    CHECK_THAT(lab.error().what, Catch::Contains(refused.what));
    CHECK_THAT(lab.error().hint, Catch::Contains(refused.hint));
  }
}

std::string nested(int levels) {
  std::string text = "sleep: 1s";
  for (int i = 1; i < levels; ++i) text = "parallel: [" + text + "]";
  return "  - " + text + "\n";
}

}  // namespace

TEST_CASE("steps are numbered depth first, in the order in which they are written", "[lab]") {
  const LabFile lab = parsed(
      "  - sleep: 1s\n  - parallel:\n      - sleep: 2s\n      - repeat: {times: 3, every: 10s, steps: [sleep: 3s, sleep: 4s]}\n"
      "      - sleep: 5s\n  - sleep: 6s\n");
  CHECK(lab.step_count == 8);
  REQUIRE(lab.scenario.size() == 3);
  CHECK(lab.scenario[2].number == 8);
  const auto& parallel = std::get<ParallelStep>(lab.scenario[1].action);
  CHECK(lab.scenario[1].number == 2);
  CHECK(lab.scenario[1].text == "parallel: 3 steps at once");
  REQUIRE(parallel.steps.size() == 3);
  CHECK(parallel.steps[0].number == 3);
  CHECK(parallel.steps[1].number == 4);
  CHECK(parallel.steps[1].line == 12);
  CHECK(parallel.steps[1].text == "repeat 3 times, every 10s");
  CHECK(parallel.steps[2].number == 7);
  const auto& repeat = std::get<RepeatStep>(parallel.steps[1].action);
  CHECK(repeat.times == 3);
  CHECK(repeat.every_ns == 10'000'000'000);
  REQUIRE(repeat.steps.size() == 2);
  CHECK(repeat.steps[1].number == 6);
}

TEST_CASE("faults are read as they are written", "[lab]") {
  const LabFile lab = parsed(
      "  - link: {down: \"r1:eth1\", direction: in}\n  - link: {up: \"r1:eth1\", direction: in}\n"
      "  - flap: {port: \"r1:eth1\", times: 5, down: 200ms, up: 3s}\n"
      "  - ramp: {port: \"r2:eth2\", direction: out, loss: {from: 0%, to: 20%}, rate: {from: 1gbit, to: 1mbit}, over: 30s}\n"
      "  - node: {crash: r1}\n  - {at: 30s, node: {restart: r1}}\n  - expect: {node: r1, run: a, until: b, count: 2}\n");
  const auto& down = std::get<LinkStep>(lab.scenario[0].action);
  CHECK(down.direction == Direction::in);
  CHECK(lab.scenario[0].text == "link r1:eth1 down in");
  const auto& flap = std::get<FlapStep>(lab.scenario[2].action);
  CHECK(flap.times == 5);
  CHECK(flap.down_ns == 200'000'000);
  CHECK(flap.up_ns == 3'000'000'000);
  const auto& ramp = std::get<RampStep>(lab.scenario[3].action);
  CHECK(ramp.direction == Direction::out);
  CHECK(ramp.steps == 10);
  CHECK(ramp.over_ns == 30'000'000'000);
  REQUIRE(ramp.settings.size() == 2);
  CHECK(ramp.settings[0].field == kFieldLoss);
  CHECK(ramp.settings[0].to == 200'000'000);
  CHECK(ramp.settings[1].from == 1'000'000'000);
  CHECK(lab.scenario[3].text == "ramp r2:eth2 out loss 0% to 20% rate 1gbit to 1mbit over 30s in 10 steps");
  CHECK(std::get<NodeStep>(lab.scenario[4].action).action == NodeStep::Action::crash);
  CHECK(lab.scenario[5].at_ns == 30'000'000'000);
  CHECK(lab.scenario[5].text == "at 30s: restart node r1");
  CHECK(std::get<ExpectStep>(lab.scenario[6].action).condition.count == 2);
  CHECK(lab.scenario[6].text == "expect of r1: a until b (2 times)");
}

TEST_CASE("what a step adds, later steps may name, and what one takes away they may not", "[lab]") {
  const LabFile lab = parsed(
      "  - node: {add: h9}\n  - link: {add: [\"h9:eth0\", \"r1:eth5\"], delay: 5ms}\n  - link: {down: \"r1:eth5\"}\n"
      "  - link: {del: \"h9:eth0\"}\n  - lan: {add: yard, hub: true}\n  - lan: {join: yard, port: \"r1:eth5\", loss: 1%}\n"
      "  - exec: {node: h9, run: a}\n");
  CHECK(lab.nodes.size() == 2);  // h9 is no node of the lab's beginning
  const auto& link = std::get<LinkStep>(lab.scenario[1].action);
  CHECK(link.peer == "r1:eth5");
  CHECK(link.change.out.delay_ns == 5'000'000);
  CHECK(std::get<LanStep>(lab.scenario[4].action).hub);
  CHECK(std::get<LanStep>(lab.scenario[5].action).change.in.loss_ppb == 10'000'000);
  check_each({
      {"  - node: {del: r1}\n  - link: {down: \"r2:eth1\"}\n", 10, "r2:eth1 has no cable at this step"},
      {"  - node: {del: r1}\n  - node: {stop: r1}\n", 10, "node r1 was deleted by a step before this one"},
      {"  - link: {del: \"r2:eth1\"}\n  - link: {down: \"r1:eth1\"}\n", 10, "r1:eth1 has no cable at this step"},
      {"  - lan: {del: office}\n  - link: {down: \"r2:eth2\"}\n", 10, "r2:eth2 has no cable at this step"},
      {"  - lan: {del: office}\n  - lan: {join: office, port: \"r2:eth7\"}\n", 10, "there is no lan \"office\""},
      {"  - link: {del: \"r2:eth2\"}\n", 9, "r2:eth2 is not on a link, but on lan office", "leave"},
      {"  - link: {add: [\"r1:eth1\", \"r2:eth7\"]}\n", 9, "r1:eth1 cannot get a link: it has a cable already: the link of"},
      {"  - link: {add: [\"r1:eth5\", \"r1:eth5\"]}\n", 9, "joins \"r1:eth5\" to itself"},
      {"  - link: {add: \"r1:eth5\"}\n", 9, "link: add must be a list"},
      {"  - link: {add: [\"r1:eth5\"]}\n", 9, "link: add joins two ports"},
      {"  - link: {add: [\"r1:eth5\", \"r3:eth5\"]}\n", 9, "there is no node \"r3\" (did you mean r1?)"},
      {"  - node: {add: r1}\n", 9, "node r1 is there already"},
      {"  - node: {add: \"a b\"}\n", 9, "\"a b\" cannot be the name of a node"},
      {"  - lan: {add: office}\n", 9, "lan office is there already"},
      {"  - lan: {add: yard, port: \"r1:eth5\"}\n", 9, "lan: add takes no port"},
      {"  - lan: {leave: office, port: \"r2:eth2\", hub: true}\n", 9, "lan: leave takes no hub"},
      {"  - lan: {leave: office, port: \"r2:eth2\", loss: 1%}\n", 9, "lan: leave takes no loss"},
  });
}

TEST_CASE("steps within steps are refused by line where they are wrong", "[lab]") {
  check_each({
      {"  - parallel: {}\n", 9, "parallel must be a list, but is a map"},
      {"  - parallel: []\n", 9, "parallel has no steps"},
      {"  - parallel:\n      - sleep: 1s\n      - slep: 1s\n", 11, "no key \"slep\" (did you mean sleep?)"},
      {"  - paralel: []\n", 9, "no key \"paralel\" (did you mean parallel?)"},
      {"  - repeat: {steps: [sleep: 1s]}\n", 9, "repeat lacks the key times"},
      {"  - repeat: {times: 2}\n", 9, "repeat lacks the key steps"},
      {"  - repeat: {times: 2, steps: []}\n", 9, "repeat has no steps"},
      {"  - repeat: {times: 0, steps: [sleep: 1s]}\n", 9, "times must be a number from 1 to 1000000"},
      {"  - repeat: {times: 2, evry: 1s, steps: [sleep: 1s]}\n", 9, "no key \"evry\" (did you mean every?)"},
      {"  - repeat: {times: 2, every: 0s, steps: [sleep: 1s]}\n", 9, "every must be longer than 0"},
      {"  - repeat:\n      times: 2\n      steps:\n        - {at: 1s, sleep: 1s}\n", 12, "at inside repeat", "every"},
      {"  - at: 30s\n", 9, "there is no step beside it"},
      {"  - {at: 30, sleep: 1s}\n", 9, "at: \"30\" is not a duration"},
      {"  - {at: 30s, sleep: 1s, mark: {name: m}}\n", 9, "a map with one key, and perhaps at"},
      {"  - {at: 30s, slep: 1s}\n", 9, "no key \"slep\" (did you mean sleep?)"},
      {"  - {at: 30s, sleep: 1s}\n  - {at: 20s, sleep: 1s}\n", 10, "at 20s is before the step above it", "order of time"},
      {"  - {at: 30s, sleep: 1s}\n  - parallel:\n      - {at: 20s, sleep: 1s}\n", 11, "begins at 30s"},
      {nested(kScenarioDepth_max + 1), 9, "nested more than 8 levels deep"},
  });
  CHECK(parsed(nested(kScenarioDepth_max)).step_count == 8);
  CHECK(parsed("  - parallel:\n      - {at: 30s, sleep: 1s}\n      - {at: 20s, sleep: 1s}\n").step_count == 3);
}

TEST_CASE("a scenario of more than 10000 steps is refused, however they are nested", "[lab]") {
  std::string steps;
  for (int i = 0; i < 100; ++i) {
    steps += "  - parallel:\n";
    for (int j = 0; j < 99; ++j) steps += "      - sleep: 1s\n";
  }
  CHECK(parsed(steps).step_count == kScenarioSteps_max);
  check_each({{steps + "  - sleep: 1s\n", 10'009, "more than 10000 steps"}});
}

TEST_CASE("faults are refused by line where they are wrong", "[lab]") {
  check_each({
      {"  - link: {down: \"r1:eth1\", direction: uot}\n", 9, "direction must be out or in, but is \"uot\" (did you mean out?)"},
      {"  - link: {set: \"r1:eth1\", direction: out, loss: 1%}\n", 9, "link: set takes no direction", "KEY: {out: VALUE} for one direction"},
      {"  - flap: {times: 2}\n", 9, "flap lacks the key port"},
      {"  - flap: {port: \"r1:eth1\"}\n", 9, "flap lacks the key times"},
      {"  - flap: {port: \"r2:eth7\", times: 2}\n", 9, "r2:eth7 has no cable"},
      {"  - flap: {port: \"r1:eth1\", times: 2, down: 0}\n", 9, "down must be longer than 0"},
      {"  - flap: {port: \"r1:eth1\", time: 2}\n", 9, "no key \"time\" (did you mean times?)"},
      {"  - ramp: {port: \"r1:eth1\", over: 1s}\n", 9, "ramp changes nothing"},
      {"  - ramp: {port: \"r1:eth1\", loss: {from: 0%, to: 1%}}\n", 9, "ramp lacks the key over"},
      {"  - ramp: {port: \"r1:eth1\", loss: 1%, over: 1s}\n", 9, "loss must be a map"},
      {"  - ramp: {port: \"r1:eth1\", loss: {form: 0%, to: 1%}, over: 1s}\n", 9, "no key \"form\" (did you mean from?)"},
      {"  - ramp: {port: \"r1:eth1\", loss: {from: 0%}, over: 1s}\n", 9, "loss lacks the key to"},
      {"  - ramp: {port: \"r1:eth1\", loss: {from: 0%, to: 101%}, over: 1s}\n", 9, "loss: to: \"101%\" is not a probability"},
      {"  - ramp: {port: \"r1:eth1\", rate: {from: 1mbit, to: 0bit}, over: 1s}\n", 9, "a rate of 0 means no limit"},
      {"  - ramp: {port: \"r1:eth1\", queue: {from: 1, to: 2}, over: 1s}\n", 9, "ramp has no key \"queue\""},
      {"  - ramp: {port: \"r1:eth1\", loss: {from: 0%, to: 1%}, over: 1s, steps: 10001}\n", 9, "steps must be a number"},
      {"  - node: {crsh: r1}\n", 9, "node has no key \"crsh\" (did you mean crash?)"},
      {"  - node: {crash: r1, restart: r1}\n", 9, "node says both crash and restart"},
      {"  - expect: {node: r1, run: a, timeout: 1s}\n", 9, "expect has no key \"timeout\""},
      {"  - expect: {node: r1, run: a, until: \"(\"}\n", 9, "not an extended regular expression"},
  });
}

TEST_CASE("watches are read, and refused by line where they are wrong", "[lab]") {
  const std::string begin = "  - node: {add: h9}\nwatch:\n";
  const LabFile lab = parsed(begin +
                             "  - {name: adjacency, node: r1, run: \"vtysh -c a\", until: Full, count: 2, every: 1s}\n"
                             "  - {name: other, node: h9, run: \"true\"}\n");
  REQUIRE(lab.watches.size() == 2);
  CHECK(lab.watches[0].name == "adjacency");
  CHECK(lab.watches[0].condition.until == "Full");
  CHECK(lab.watches[0].condition.count == 2);
  CHECK(lab.watches[0].every_ns == 1'000'000'000);
  CHECK(lab.watches[0].line == 11);
  CHECK(lab.watches[1].every_ns == 500'000'000);
  check_each({
      {begin + "  name: a\n", 11, "watch must be a list, but is a map"},
      {begin + "  - {node: r1, run: a}\n", 11, "a watch lacks the key name"},
      {begin + "  - {name: a b, node: r1, run: a}\n", 11, "\"a b\" cannot be the name of a watch"},
      {begin + "  - {name: a, node: r9, run: a}\n", 11, "there is no node \"r9\""},
      {begin + "  - {name: a, node: r1}\n", 11, "a watch lacks the key run"},
      {begin + "  - {name: a, node: r1, run: a, timeout: 1s}\n", 11, "a watch has no key \"timeout\""},
      {begin + "  - {name: a, node: r1, run: a, until: \"[\"}\n", 11, "not an extended regular expression"},
      {begin + "  - {name: a, node: r1, run: a, count: 2}\n", 11, "count needs until"},
      {begin + "  - {name: a, node: r1, run: a, every: 1ms}\n", 11, "every must be 10ms or longer"},
      {begin + "  - {name: a, node: r1, run: a}\n  - {name: a, node: r2, run: a}\n", 12, "line 11 has the other"},
  });
  CHECK(parse_lab_file(small_lab("  watch: []\n"), "lab.yml").error().hint.find("top of the file") != std::string::npos);
}
