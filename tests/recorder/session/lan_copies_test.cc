// A running lab is refused what could give one frame more copies, or the lab more ports, than a reel can count.
#include <catch2/catch.hpp>

#include "tests/recorder/session/fakes.h"

using namespace labreel;
using namespace labreel::test;

namespace {

// A switch with that many ports of one node, each with these settings.
std::string wide_lab(int ports, const std::string& settings) {
  std::string text = "name: wide\ntopology:\n  nodes: {h: , r: }\n  lans:\n    wide:\n      ports:\n";
  for (int i = 0; i < ports; ++i) text += "        - {port: \"h:e" + std::to_string(i) + "\"" + settings + "}\n";
  return text;
}

CommandReply give(FakeLab& lab, const std::string& verb, const std::vector<std::string>& arguments) {
  std::optional<CommandReply> answer;
  lab.commands.submit({verb, arguments, "cli"}, Seq{}, [&](const CommandReply& reply) { answer = reply; });
  lab.loop.run_until(LabTime{lab.loop.now().ns + 1'000'000'000});
  REQUIRE(answer);
  return *answer;
}

}  // namespace

TEST_CASE("duplicates that could give a frame more than 65535 copies are refused in a running lab", "[session]") {
  FakeLab lab(wide_lab(32'768, ", duplicate: {in: 1%}"));
  lab.start();
  const auto check_refused = [&](const CommandReply& reply) {
    CHECK_FALSE(reply.ok);
    CHECK_THAT(reply.error, Catch::Contains("lan wide has 3276"));
    CHECK_THAT(reply.error, Catch::EndsWith(" copies, but a reel counts at most 65535"));
    CHECK_THAT(reply.hint, Catch::Contains("duplicate"));
  };
  const std::size_t ports = lab.fabric.topology().ports().size();
  check_refused(give(lab, "lan.join", {"wide", "r:eth0"}));
  CHECK(lab.fabric.topology().ports().size() == ports);  // none was made for it
  check_refused(give(lab, "link.set", {"h:e7", "duplicate.out=1%"}));
  CHECK(lab.fabric.topology().ports()[7].out.duplicate_ppb == 0);
  CHECK(give(lab, "link.set", {"h:e7", "loss=1%"}).ok);
  REQUIRE(give(lab, "link.set", {"h:e7", "duplicate.in=0%"}).ok);
  REQUIRE(give(lab, "link.set", {"h:e8", "duplicate.in=0%"}).ok);
  CHECK(give(lab, "lan.join", {"wide", "r:eth0"}).ok);
}

TEST_CASE("a running lab of 65535 ports is refused another, until one is gone", "[session]") {
  FakeLab lab(wide_lab(65'534, ""));
  lab.start();
  CHECK(give(lab, "lan.join", {"wide", "r:eth0"}).ok);
  for (const auto& [verb, arguments] : {std::pair{"lan.join", std::vector<std::string>{"wide", "r:eth1"}},
                                        std::pair{"link.add", std::vector<std::string>{"r:eth1", "r:eth2"}}}) {
    const CommandReply refused = give(lab, verb, arguments);
    CHECK_FALSE(refused.ok);
    CHECK(refused.error == "the lab has 65535 ports already, the most that there can be");
    CHECK_FALSE(refused.hint.empty());
  }
  REQUIRE(give(lab, "node.del", {"r"}).ok);
  REQUIRE(give(lab, "node.add", {"s"}).ok);
  CHECK(give(lab, "lan.join", {"wide", "s:eth0"}).ok);
}
