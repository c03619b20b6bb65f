// Each plain step: what it does to the lab, and how it fails.
#include <catch2/catch.hpp>

#include "tests/recorder/session/fakes.h"
#include "tests/recorder/session/lab_texts.h"

using namespace labreel;
using namespace labreel::test;
using Lines = std::vector<std::string>;

namespace {

// Plays a scenario that must end well.
void play_well(FakeLab& lab) {
  const auto end = lab.play();
  REQUIRE(end);
  if (!*end) FAIL(end->error().place << ": " << end->error().what);
}

Error play_badly(FakeLab& lab) {
  const auto end = lab.play();
  REQUIRE(end);
  REQUIRE_FALSE(end->ok());
  CHECK(end->error().kind == ErrorKind::lab);
  return end->error();
}

}  // namespace

TEST_CASE("steps run in order, each begun and done, and their commands are theirs by cause", "[scenario]") {
  FakeLab lab(lab_with("  - mark: {name: one, note: first}\n  - sleep: 2s\n  - link: {down: \"r1:eth1\"}\n"));
  play_well(lab);
  CHECK(lab.scenario_lines() == Lines{"0.01 1 begun mark one: first", "0.01 1 done", "0.01 2 begun sleep 2s",
                                      "2.01 2 done", "2.01 3 begun link r1:eth1 down", "2.01 3 done"});
  CHECK(lab.command_lines() == Lines{"0.01 mark one first", "2.01 link.down r1:eth1"});
  for (const Event& event : lab.events()) {
    const auto* const command = std::get_if<Command>(&event.body);
    if (command == nullptr) continue;
    CHECK(command->by == "scenario");
    const auto* const begun = std::get_if<Scenario>(&lab.events().at(event.cause.value - 1).body);
    REQUIRE(begun != nullptr);
    CHECK(begun->state == "begun");
  }
  CHECK_FALSE(lab.fabric.topology().ports()[1].cable_up);
  CHECK(lab.narrated == Lines{"[1/3] mark one: first", "[2/3] sleep 2s", "[3/3] link r1:eth1 down"});
}

TEST_CASE("every live command can be a step", "[scenario]") {
  FakeLab lab(lab_with(R"(  - node: {add: h3, position: [1, 2]}
  - lan: {add: yard, hub: true}
  - lan: {join: yard, port: "h3:eth0", delay: {out: 1ms}}
  - lan: {leave: yard, port: "h3:eth0"}
  - link: {add: ["h3:eth0", "r1:eth9"], rate: 1mbit}
  - link: {set: "r1:eth9", loss: {in: 2%}}
  - link: {del: "r1:eth9"}
  - lan: {del: yard}
  - node: {pause: h3}
  - node: {resume: h3}
  - node: {stop: h3}
  - node: {start: h3}
  - node: {del: h3}
)"));
  play_well(lab);
  Lines without_time;
  for (const std::string& line : lab.command_lines()) without_time.push_back(line.substr(line.find(' ') + 1));
  CHECK(without_time == Lines{"node.add h3 position=1,2", "lan.add yard hub", "lan.join yard h3:eth0 delay.out=1ms",
                              "lan.leave yard h3:eth0", "link.add h3:eth0 r1:eth9 rate.out=1mbit rate.in=1mbit",
                              "link.set r1:eth9 loss.in=2%", "link.del r1:eth9", "lan.del yard", "node.pause h3",
                              "node.resume h3", "node.stop h3", "node.start h3", "node.del h3"});
  CHECK_FALSE(lab.fabric.topology().node_named("h3"));
  CHECK(lab.deaths.empty());
}

TEST_CASE("a command that the lab refuses fails the scenario at its line", "[scenario]") {
  FakeLab lab(lab_with("  - link: {down: \"r1:eth1\"}\n  - sleep: 0\n  - link: {down: \"r2:eth1\"}\n"));
  const Error error = play_badly(lab);
  CHECK(error.place == "labs/lab.yml:11");
  CHECK(error.what == "the cable of r2:eth1 is cut already");
  CHECK(lab.scenario_lines().back() == "0.01 3 failed the cable of r2:eth1 is cut already");
  CHECK(lab.command_lines().back() == "0.01 link.down r2:eth1 -> the cable of r2:eth1 is cut already");
}

TEST_CASE("an exec step fails with its command's status, unless it may fail", "[scenario]") {
  FakeLab lab(lab_with("  - exec: {node: h1, run: \"false\", may_fail: true}\n  - exec: {node: h1, run: \"false\"}\n"));
  lab.driver.on_exec = [](const std::string&, const std::string& line) {
    return FakeAnswer{.status = line == "false" ? 1 : 0};
  };
  const Error error = play_badly(lab);
  CHECK(error.place == "labs/lab.yml:10");
  CHECK(error.what == "`false` on h1 ended with status 1");
  CHECK(error.hint.find("may_fail") != std::string::npos);
}

TEST_CASE("a wait looks every 500 ms until the pattern is there often enough", "[scenario]") {
  FakeLab lab(lab_with("  - wait: {node: r1, run: neighbors, until: \"^Full$\", count: 2}\n"));
  std::vector<std::uint64_t> looks;
  lab.driver.on_exec = [&](const std::string& node, const std::string& line) {
    CHECK(node == "r1");
    CHECK(line == "neighbors");
    looks.push_back(lab.loop.now().ns);
    return FakeAnswer{.stdout_text = looks.size() < 4 ? "Full\nFuller\n" : "Full\nFull\n"};
  };
  play_well(lab);
  CHECK(looks == std::vector<std::uint64_t>{10'000'000, 510'000'000, 1'010'000'000, 1'510'000'000});
  CHECK(lab.scenario_lines() == Lines{"0.01 1 begun wait for r1: neighbors until ^Full$ (2 times)",
                                      "1.511 1 flipped holds after 1.5 s", "1.511 1 done"});
}

TEST_CASE("a wait whose look takes longer than 500 ms looks again at once", "[scenario]") {
  FakeLab lab(lab_with("  - wait: {node: r1, run: slow}\n"));
  std::vector<std::uint64_t> looks;
  lab.driver.on_exec = [&](const std::string&, const std::string&) {
    looks.push_back(lab.loop.now().ns);
    return FakeAnswer{.status = looks.size() < 3 ? 1 : 0, .takes_ns = 800'000'000};
  };
  play_well(lab);
  CHECK(looks == std::vector<std::uint64_t>{10'000'000, 810'000'000, 1'610'000'000});
}

TEST_CASE("a wait that does not hold fails at its timeout and says what it saw", "[scenario]") {
  FakeLab lab(lab_with("  - wait: {node: r1, run: look, until: Full, count: 3, timeout: 2s}\n"));
  lab.driver.on_exec = [](const std::string&, const std::string&) { return FakeAnswer{.stdout_text = "Full Full"}; };
  const Error error = play_badly(lab);
  CHECK(lab.loop.now().ns == 2'010'000'000);
  CHECK(error.place == "labs/lab.yml:9");
  CHECK(error.what == "the wait on r1 did not hold within 2s: `look`: `Full` seen 2 of 3 times, last status 0");
}

TEST_CASE("a wait ends at its timeout even if its command hangs", "[scenario]") {
  FakeLab lab(lab_with("  - wait: {node: r1, run: hang, timeout: 3s}\n"));
  lab.driver.on_exec = [](const std::string&, const std::string&) { return FakeAnswer{.hangs = true}; };
  CHECK(play_badly(lab).what == "the wait on r1 did not hold within 3s: `hang`: it has not ended");
  CHECK(lab.loop.now().ns == 3'010'000'000);
}

TEST_CASE("a wait outlasts its node's absence, and names it if that is why it fails", "[scenario]") {
  FakeLab lab(lab_with("  - node: {stop: r1}\n  - wait: {node: r1, run: look, timeout: 1s}\n"));
  CHECK(play_badly(lab).what == "the wait on r1 did not hold within 1s: `look`: node r1 is not running");
}

TEST_CASE("an expect looks once, and fails at once if it does not hold", "[scenario]") {
  FakeLab good(lab_with("  - expect: {node: r1, run: look, until: \"up|UP\"}\n"));
  good.driver.on_exec = [](const std::string&, const std::string&) { return FakeAnswer{.stdout_text = "UP"}; };
  play_well(good);
  CHECK(good.scenario_lines() == Lines{"0.01 1 begun expect of r1: look until up|UP", "0.011 1 flipped holds", "0.011 1 done"});

  FakeLab bad(lab_with("  - sleep: 1s\n  - expect: {node: r1, run: look, until: up}\n"));
  bad.driver.on_exec = [](const std::string&, const std::string&) { return FakeAnswer{.stdout_text = "down"}; };
  const Error error = play_badly(bad);
  CHECK(bad.loop.now().ns == 1'011'000'000);
  CHECK(error.place == "labs/lab.yml:10");
  CHECK(error.what == "r1 is not as expected: `look`: `up` seen 0 of 1 times, last status 0");

  FakeLab gone(lab_with("  - node: {stop: r1}\n  - expect: {node: r1, run: look}\n"));
  CHECK(play_badly(gone).what == "r1 is not as expected: `look`: node r1 is not running");
}

TEST_CASE("output with NUL bytes and without end is searched, up to its first MiB", "[scenario]") {
  FakeLab lab(lab_with("  - expect: {node: r1, run: nul, until: b}\n  - expect: {node: r1, run: long, until: b}\n"));
  lab.driver.on_exec = [](const std::string&, const std::string& line) {
    if (line == "nul") return FakeAnswer{.stdout_text = std::string("a\0b", 3)};
    std::string one_more(1'048'577, 'a');
    one_more.back() = 'b';
    return FakeAnswer{.stdout_text = one_more};
  };
  CHECK(play_badly(lab).place == "labs/lab.yml:10");
}

TEST_CASE("a port of a node that is not there is answered with the node, not with another node's port", "[session]") {
  FakeLab lab(lab_with("  - sleep: 1s\n"));
  lab.start();
  CommandReply answer;
  lab.commands.submit({"link.down", {"r9:eth1"}, "cli"}, Seq{}, [&answer](const CommandReply& reply) { answer = reply; });
  CHECK(answer.error == "no node r9 (did you mean r1?)");
  lab.commands.submit({"link.down", {"r1:eth8"}, "cli"}, Seq{}, [&answer](const CommandReply& reply) { answer = reply; });
  CHECK_THAT(answer.error, Catch::StartsWith("no port r1:eth8"));
}
