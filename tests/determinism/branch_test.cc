// Branches of labs in virtual time: the parent's lab again up to a position, then a lab of its own.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/determinism/virtual_labs.h"

namespace labreel::test {
namespace {

using Json = nlohmann::json;

const std::string kLab = two_guests("name: fork\n", R"(  - exec: {node: h1, run: "ping -c 2 -i 0.2 10.0.0.2"}
  - mark: {name: before, note: "The cable is whole."}
  - link: {down: "h1:eth0"}
  - mark: {name: after}
)");

Json info(const std::string& reel) {
  const auto shown = labreel({"info", reel, "--json"});
  INFO(shown.err);
  REQUIRE(shown.status == 0);
  return Json::parse(shown.out);
}

std::uint64_t seq_of_marker(const Json& info, const std::string& name) {
  for (const Json& marker : info.at("markers")) {
    if (marker.at("name") == name) return marker.at("seq");
  }
  FAIL("no marker " << name);
  return 0;
}

std::string events(const std::string& reel, std::uint64_t from, std::uint64_t to) {
  const auto shown =
      labreel({"events", reel, "--json", "--payload", "--from", std::to_string(from), "--to", std::to_string(to)});
  REQUIRE(shown.status == 0);
  return shown.out;
}

}  // namespace

TEST_CASE("a branch has its parent's events up to the position, then its own, and proves itself", "[determinism]") {
  const TestFolder folder;
  folder.write("lab.yml", kLab);
  const std::string parent = folder / "parent.reel";
  REQUIRE(labreel({"run", folder / "lab.yml", "-o", parent}).status == 0);
  const std::uint64_t at = seq_of_marker(info(parent), "before");

  const std::string branch = folder / "branch.reel";
  BackgroundProgram run{{labreel_binary(), "branch", parent, "--trust", "--at", "before", "-o", branch}, folder.path()};
  REQUIRE(run.wait_for_err("goes its own way"));
  // The cable that the parent cut here is whole, since the scenario plays no more.
  CHECK(labreel({"exec", "h2", "--", "ping", "-c", "2", "-i", "0.2", "10.0.0.1"}).status == 0);
  CHECK(labreel({"mark", "elsewhere"}).status == 0);
  CHECK(labreel({"stop"}).status == 0);
  CHECK(run.wait().status == 0);

  CHECK(events(branch, 2, at) == events(parent, 2, at));
  const Json facts = info(branch);
  CHECK(facts.at("branch").at("parent") == "fork");
  CHECK(facts.at("branch").at("position") == at);
  CHECK(seq_of_marker(facts, "elsewhere") > at);
  CHECK(events(branch, at + 1, facts.at("events")).find("\"link.down\"") == std::string::npos);
  require_proved(branch);

  // A branch of the branch, left where the first one was on its own.
  const std::string second = folder / "second.reel";
  REQUIRE(labreel({"branch", branch, "--trust", "--at", "elsewhere", "--for", "1s", "--pace", "max", "-o", second}).status == 0);
  CHECK(info(second).at("branch").at("position") == seq_of_marker(facts, "elsewhere"));
  require_proved(second);
}

TEST_CASE("a branch that plays on comes out as its parent did", "[determinism]") {
  const TestFolder folder;
  folder.write("lab.yml", kLab);
  const std::string parent = folder / "parent.reel";
  REQUIRE(labreel({"run", folder / "lab.yml", "-o", parent}).status == 0);
  const std::string branch = folder / "branch.reel";
  REQUIRE(labreel({"branch", parent, "--trust", "--at", "+0.2s", "--pace", "max", "--play-on", "-o", branch}).status == 0);
  const std::uint64_t last = info(parent).at("events");
  CHECK(info(branch).at("events") == last);
  CHECK(events(branch, 2, last) == events(parent, 2, last));
  require_proved(branch);
}

TEST_CASE("a lab that does not come out as recorded is not branched from: the event is named, nothing is kept",
          "[determinism]") {
  const TestFolder folder;
  // Guests see the host's files below /; a folder of /tmp is behind their own /tmp, so the file goes to /var/tmp.
  const std::string outside = "/var/tmp/labreel-test-branch-" + std::to_string(::getpid());
  std::ofstream{outside} << "first\n";
  folder.write("lab.yml",
               "name: leak\nclock: virtual\ntopology:\n  defaults: {kind: uml}\n  nodes:\n    h1:\nscenario:\n"
               "  - exec: {node: h1, run: \"cat " +
                   outside + "\"}\n  - mark: {name: read}\n");
  const std::string parent = folder / "leak.reel";
  REQUIRE(labreel({"run", folder / "lab.yml", "-o", parent}).status == 0);
  std::ofstream{outside} << "other\n";
  const auto refused = labreel({"branch", parent, "--trust", "--at", "read", "-o", folder / "branch.reel"});
  std::filesystem::remove(outside);
  INFO(refused.err);
  CHECK(refused.status == 1);
  CHECK(refused.err.find("exec.output") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "branch.reel"));
  CHECK_FALSE(std::filesystem::exists(folder / "branch.reel-ring"));
}

TEST_CASE("only a lab in virtual time is branched, at a position that it has, into a new file", "[determinism]") {
  const TestFolder folder;
  folder.write("real.yml", "name: real\ntopology:\n  nodes:\n    h1:\n");
  REQUIRE(labreel({"run", "real.yml", "--for", "200ms"}, folder.path()).status == 0);
  const auto refused = labreel({"branch", folder / "real.reel", "--trust", "--at", "end", "-o", folder / "branch.reel"});
  CHECK(refused.status == 2);
  CHECK(refused.err.find("no snapshot") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "branch.reel"));
}

}  // namespace labreel::test
