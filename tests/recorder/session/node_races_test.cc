// Commands for a node that another command, or the lab's end, has in its hands.
#include <catch2/catch.hpp>

#include "tests/recorder/session/fakes.h"
#include "tests/recorder/session/lab_texts.h"

using namespace labreel;
using namespace labreel::test;

namespace {

// Gives a command of two words and returns where its answer will be: an error, or "ok".
std::shared_ptr<std::string> give(FakeLab& lab, const std::string& verb, const std::string& node) {
  auto answer = std::make_shared<std::string>();
  lab.commands.submit({verb, {node}, "cli"}, Seq{},
                      [answer](const CommandReply& reply) { *answer = reply.ok ? "ok" : reply.error; });
  return answer;
}

void let_pass(FakeLab& lab) { lab.loop.run_until(LabTime{lab.loop.now().ns + 1'000'000'000}); }

}  // namespace

TEST_CASE("a node that is being stopped cannot be deleted before it is gone", "[session]") {
  FakeLab lab(lab_with("  - sleep: 1s\n"));
  lab.start();
  const auto stopped = give(lab, "node.stop", "r1");
  const auto refused = give(lab, "node.del", "r1");
  CHECK(*refused == "node r1 is being stopped");
  let_pass(lab);
  CHECK(*stopped == "ok");
  CHECK(*give(lab, "node.del", "r1") == "ok");
  CHECK_FALSE(lab.fabric.topology().node_named("r1"));
}

TEST_CASE("a restart that is half way when the lab ends brings no node back", "[session]") {
  FakeLab lab(lab_with("  - sleep: 1s\n"));
  lab.start();
  const auto restarted = give(lab, "node.restart", "r1");
  lab.nodes.stop_all(Seq{});
  let_pass(lab);
  CHECK(*restarted == "the lab is ending");
  CHECK_FALSE(lab.nodes.any_alive());
  CHECK(*give(lab, "node.start", "r2") == "the lab is ending");
}
