// Faults as steps: one way, flapping, over time, crash and restart.
#include <catch2/catch.hpp>

#include "tests/recorder/session/fakes.h"
#include "tests/recorder/session/lab_texts.h"

using namespace labreel;
using namespace labreel::test;
using Lines = std::vector<std::string>;

namespace {

const PortInfo& port(const FakeLab& lab, const std::string& name) {
  const Topology& topology = lab.fabric.topology();
  return topology.ports()[index_of(topology.port_named(name).value())];
}

std::string failure(FakeLab& lab) {
  const auto end = lab.play();
  REQUIRE(end);
  REQUIRE_FALSE(end->ok());
  return end->error().what;
}

}  // namespace

TEST_CASE("a one-way failure loses everything one way, and up restores the loss that was", "[scenario]") {
  FakeLab lab(lab_with("  - link: {down: \"r1:eth1\", direction: out}\n  - sleep: 1s\n  - link: {up: \"r1:eth1\"}\n"));
  lab.start();
  bool over = false;
  lab.scenario.run([&over](const Status& status) { over = status.ok(); });
  lab.loop.run_until(LabTime{500'000'000});
  CHECK(port(lab, "r1:eth1").out.loss_ppb == kCertain_ppb);
  CHECK(port(lab, "r2:eth1").out.loss_ppb == 0);
  CHECK(port(lab, "r1:eth1").cable_up);
  lab.loop.run_until(LabTime{5'000'000'000});
  CHECK(over);
  CHECK(port(lab, "r1:eth1").out.loss_ppb == 10'000'000);
  CHECK(lab.command_lines() == Lines{"0.01 link.set r1:eth1 loss.out=100%", "1.01 link.set r1:eth1 loss.out=1%"});
}

TEST_CASE("a one-way failure can be undone from the cable's other end, and beside a cut", "[scenario]") {
  FakeLab lab(lab_with("  - link: {down: \"r1:eth1\", direction: in}\n  - link: {down: \"r1:eth1\"}\n"
                       "  - link: {up: \"r2:eth1\"}\n"));
  REQUIRE(lab.play()->ok());
  CHECK(lab.command_lines() == Lines{"0.01 link.set r1:eth1 loss.in=100%", "0.01 link.down r1:eth1",
                                     "0.01 link.set r2:eth1 loss.out=0%", "0.01 link.up r2:eth1"});
  CHECK(port(lab, "r2:eth1").out.loss_ppb == 0);
  CHECK(port(lab, "r1:eth1").cable_up);
}

TEST_CASE("on a lan each direction of a port's cable fails by itself", "[scenario]") {
  FakeLab lab(lab_with("  - link: {down: \"h1:eth0\", direction: in}\n  - link: {down: \"h1:eth0\", direction: out}\n"
                       "  - link: {up: \"h1:eth0\", direction: out}\n"));
  REQUIRE(lab.play()->ok());
  CHECK(port(lab, "h1:eth0").in.loss_ppb == kCertain_ppb);
  CHECK(port(lab, "h1:eth0").out.loss_ppb == 0);
}

TEST_CASE("a loss that was set during a one-way failure stays", "[scenario]") {
  FakeLab lab(lab_with("  - link: {down: \"r1:eth1\", direction: out}\n  - link: {set: \"r1:eth1\", loss: 5%}\n"
                       "  - link: {up: \"r1:eth1\", direction: out}\n"));
  CHECK(failure(lab) == "no step made the cable of r1:eth1 fail out");
  CHECK(port(lab, "r1:eth1").out.loss_ppb == 50'000'000);
}

TEST_CASE("a direction cannot fail twice, nor be mended when it is whole", "[scenario]") {
  FakeLab twice(lab_with("  - link: {down: \"r1:eth1\", direction: out}\n  - link: {down: \"r2:eth1\", direction: in}\n"));
  CHECK(failure(twice) == "the cable of r2:eth1 loses everything in already");
  FakeLab whole(lab_with("  - link: {up: \"r1:eth1\", direction: in}\n"));
  CHECK(failure(whole) == "no step made the cable of r1:eth1 fail in");
}

TEST_CASE("a flapping link goes down and up on time and ends up", "[scenario]") {
  FakeLab lab(lab_with("  - flap: {port: \"r1:eth1\", times: 3, down: 1s, up: 2s}\n"));
  REQUIRE(lab.play()->ok());
  CHECK(lab.command_lines() == Lines{"0.01 link.down r1:eth1", "1.01 link.up r1:eth1", "3.01 link.down r1:eth1",
                                     "4.01 link.up r1:eth1", "6.01 link.down r1:eth1", "7.01 link.up r1:eth1"});
  CHECK(port(lab, "r1:eth1").cable_up);
  CHECK(lab.scenario_lines().back() == "7.01 1 done");
}

TEST_CASE("a flap fails when someone else has cut the cable", "[scenario]") {
  FakeLab lab(lab_with("  - parallel:\n      - flap: {port: \"r1:eth1\", times: 3}\n"
                       "      - {at: 1500ms, link: {down: \"r1:eth1\"}}\n"));
  CHECK(failure(lab) == "the cable of r1:eth1 is cut already");
}

TEST_CASE("a ramp sets its first value at once and its last one at the end", "[scenario]") {
  FakeLab lab(lab_with("  - ramp: {port: \"r1:eth1\", loss: {from: 0%, to: 20%}, delay: {from: 30ms, to: 10ms}, over: 4s, "
                       "steps: 4}\n"));
  REQUIRE(lab.play()->ok());
  CHECK(lab.command_lines() ==
        Lines{"0.01 link.set r1:eth1 loss=0% delay=30ms", "1.01 link.set r1:eth1 loss=5% delay=25ms",
              "2.01 link.set r1:eth1 loss=10% delay=20ms", "3.01 link.set r1:eth1 loss=15% delay=15ms",
              "4.01 link.set r1:eth1 loss=20% delay=10ms"});
  CHECK(port(lab, "r1:eth1").out.loss_ppb == 200'000'000);
  CHECK(port(lab, "r2:eth1").out.loss_ppb == 200'000'000);
}

TEST_CASE("a ramp can move one direction, rates and jitter, and divides what does not divide", "[scenario]") {
  FakeLab lab(lab_with("  - ramp: {port: \"r1:eth1\", direction: in, rate: {from: 10mbit, to: 1mbit}, "
                       "jitter: {from: 0, to: 10ns}, over: 1s, steps: 3}\n"));
  REQUIRE(lab.play()->ok());
  CHECK(lab.command_lines()[1] == "0.343333333 link.set r1:eth1 rate.in=7mbit jitter.in=3ns");
  CHECK(lab.command_lines()[2] == "0.676666666 link.set r1:eth1 rate.in=4mbit jitter.in=6ns");
  CHECK(port(lab, "r2:eth1").out.rate_bps == 1'000'000);
  CHECK(port(lab, "r2:eth1").out.jitter_ns == 10);
  CHECK(port(lab, "r1:eth1").out.rate_bps == 0);
}

TEST_CASE("a crash kills all that runs in a node, and the lab goes on", "[scenario]") {
  FakeLab lab(lab_with("  - node: {crash: r1}\n  - sleep: 1s\n  - node: {restart: r1}\n  - exec: {node: r1, run: a}\n"));
  Lines run;
  lab.driver.on_exec = [&run](const std::string& node, const std::string& line) {
    run.push_back(node + ": " + line);
    return FakeAnswer{};
  };
  REQUIRE(lab.play()->ok());
  CHECK(run == Lines{"r1: a"});
  CHECK(lab.deaths.empty());
  CHECK(lab.driver.runs(NodeId{0}));
  CHECK(lab.command_lines()[0] == "0.01 node.crash r1");
}

TEST_CASE("a restart stops a node that runs, and starts it", "[scenario]") {
  FakeLab lab(lab_with("  - node: {restart: r1}\n"));
  REQUIRE(lab.play()->ok());
  Lines kinds;
  for (const Event& event : lab.events()) {
    if (event.time.ns > 10'000'000) kinds.emplace_back(name_of(event.kind()));
  }
  CHECK(kinds == Lines{"node.stopped", "node.starting", "node.started", "command.done", "scenario"});
}

TEST_CASE("a node that does not run cannot crash, one that is paused can", "[scenario]") {
  FakeLab stopped(lab_with("  - node: {stop: r1}\n  - node: {crash: r1}\n"));
  CHECK(failure(stopped) == "node r1 is not running");
  FakeLab paused(lab_with("  - node: {pause: r1}\n  - node: {crash: r1}\n"));
  REQUIRE(paused.play()->ok());
  CHECK_FALSE(paused.driver.runs(NodeId{0}));
}

TEST_CASE("a restart of a node that cannot start fails the scenario", "[scenario]") {
  FakeLab lab(lab_with("  - sleep: 1s\n  - node: {restart: r1}\n"));
  lab.loop.call_at(LabTime{500'000'000}, [&lab] { lab.driver.broken["r1"] = "no more memory"; });
  CHECK(failure(lab) == "node r1: no more memory");
}
