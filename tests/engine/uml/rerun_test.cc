#include <catch2/catch.hpp>
#include <optional>

#include "tests/engine/uml/virtual_lab.h"

namespace labreel {
namespace {

struct TypedRun {
  std::string digest;
  LabTime typed_at;
};

// A lab in which somebody types a command and cuts a cable: after some turns of the loop, or at a stamp of lab time.
TypedRun run_with_command(std::optional<int> after_turns, std::optional<LabTime> at) {
  VirtualLab lab;
  lab.add_node("h1", {{"10.0.0.1/24"}});
  lab.add_node("h2", {{"10.0.0.2/24"}});
  CableSettings cable;
  cable.delay_ns = 300'000;
  lab.add_link("h1:eth1", "h2:eth1", cable);
  REQUIRE(lab.all_up());
  TypedRun run;
  const auto type = [&] {
    run.typed_at = lab.loop.now();
    lab.begin("h2", "ping -c 2 -i 0.2 10.0.0.1; ip -s link show eth1; cat /proc/interrupts");
    REQUIRE(lab.loop.apply(Seq{}, LinkDown{*lab.fabric.topology().port_named("h1:eth1")}));
    REQUIRE(lab.loop.apply(Seq{}, LinkUp{*lab.fabric.topology().port_named("h1:eth1")}));
  };
  if (at) lab.loop.call_at(*at, type);
  lab.begin("h1", "ping -c 50 -i 0.01 10.0.0.2");
  if (after_turns) {
    for (int i = 0; i < *after_turns; ++i) lab.loop.turn();
    type();
  }
  while (lab.loop.now() < LabTime{2'000'000'000}) lab.loop.turn();
  REQUIRE(lab.execs.size() == 2);
  for (const auto& [exec, result] : lab.execs) REQUIRE(result.done);
  run.digest = lab.digest();
  return run;
}

TEST_CASE("what was typed at a barrier gives the same events when it is called at that stamp", "[uml]") {
  for (const int turns : {1, 7, 40, 111}) {
    const TypedRun typed = run_with_command(turns, std::nullopt);
    INFO("after " << turns << " turns, at " << typed.typed_at.ns);
    CHECK(run_with_command(std::nullopt, typed.typed_at).digest == typed.digest);
  }
}

}  // namespace
}  // namespace labreel
