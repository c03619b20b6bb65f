// The doctor as root and as an ordinary user: it tries, says what helps, and leaves nothing behind, however it ends.
#include <catch2/catch.hpp>
#include <csignal>
#include <map>

#include "tests/cli/host_state.h"
#include "tests/cli/ordinary_user.h"
#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

using Command = std::vector<std::string>;

Command doctor(const TestFolder& folder, bool as_root) {
  if (as_root) return {labreel_binary(), "doctor", "--json"};
  return as_user(folder, {lend_to_user(folder), "doctor", "--json"});
}

}  // namespace

TEST_CASE("the doctor tries everything, has a fix for all that fails, and leaves nothing behind", "[doctor]") {
  const bool as_root = GENERATE(true, false);
  CAPTURE(as_root);
  const TestFolder folder;
  const HostState before = host_state();
  BackgroundProgram program{doctor(folder, as_root), folder.path()};
  LabTraces traces;
  REQUIRE(program.wait_for_out("namespace labs"));
  traces.add(program.pid(), folder / "run");
  const auto told = program.wait();
  INFO(told.out << told.err);
  CHECK(told.status == 0);
  CHECK(told.err.empty());
  std::map<std::string, Json> findings;
  for (const Json& finding : json_lines(told.out)) {
    CHECK_FALSE(finding.at("detail").get<std::string>().empty());
    CHECK(finding.at("ok") == finding.at("fix").get<std::string>().empty());
    CHECK(findings.emplace(finding.at("check"), finding).second);
  }
  for (const char* const check :
       {"namespace labs", "user namespaces", "subordinate ids", "tap", "packet socket", "overlay, rootless",
        "cgroup delegation", "landlock", "seccomp", "tshark", "frr", "uml", "qemu, kvm", "qemu, tcg", "npm"}) {
    CHECK(findings.contains(check));
  }
  CHECK(findings.contains("overlay") == as_root);
  // What the samples that run in these tests cannot do without.
  for (const char* const check : {"namespace labs", "packet socket", "overlay, rootless", "landlock", "seccomp", "tshark", "frr"}) {
    CHECK(findings.at(check).at("ok") == true);
  }
  CHECK(traces.left().empty());
  CHECK(becomes(before));
}

TEST_CASE("Ctrl-C ends the doctor at once, and nothing of its trials stays", "[doctor]") {
  const bool as_root = GENERATE(true, false);
  // In the middle of a node, of a machine, and of what comes after it.
  const std::string after = GENERATE("", "\"namespace labs\"", "\"uml\"");
  CAPTURE(as_root, after);
  const TestFolder folder;
  const HostState before = host_state();
  LabTraces traces;
  {
    BackgroundProgram program{doctor(folder, as_root), folder.path()};
    REQUIRE(program.wait_for_out(after));
    traces.add(program.pid(), folder / "run");
    program.signal(SIGINT);
    const auto told = program.wait(20);
    INFO(told.out << told.err);
    CHECK(told.status == 130);
  }
  CHECK(traces.left().empty());
  CHECK(becomes(before));
}

TEST_CASE("kill -9 of the doctor ends its trials, too", "[doctor]") {
  const TestFolder folder;
  const HostState before = host_state();
  LabTraces traces;
  {
    const BackgroundProgram program{doctor(folder, true), folder.path()};
    REQUIRE(program.wait_for_out("\"namespace labs\""));
    traces.add(program.pid(), folder / "run");
    program.signal(SIGKILL);
  }
  CHECK(traces.left().empty());
  CHECK(becomes(before));
}

}  // namespace labreel::test
