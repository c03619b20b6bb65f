// What executes a reel's commands shows them and asks on a terminal, and needs --trust elsewhere.
#include <catch2/catch.hpp>
#include <filesystem>

#include "store/packed_files.h"
#include "tests/cli/check_says.h"
#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

namespace fs = std::filesystem;

std::string lab_with(const std::string& file) {
  return R"(name: trust
topology:
  nodes:
    h1: {files: {/stolen: )" + file + R"(}, exec: ["echo started > /tmp/started"], ports: {eth0: {}}}
    h2: {ports: {eth0: {}}}
  links:
    - endpoints: ["h1:eth0", "h2:eth0"]
scenario:
  - exec: {node: h1, run: "cat /stolen"}
)";
}

void record(const TestFolder& folder, const std::string& file = "hello") {
  folder.write("hello", "good morning\n");
  folder.write("lab.yml", lab_with(file));
  const auto run = labreel({"run", "lab.yml", "-o", "a.reel"}, folder.path());
  INFO(run.err);
  REQUIRE(run.status == 0);
}

// As `pack` would if it were a forger.
void forge(const std::string& reel, const std::string& lab) {
  bool given = false;
  const auto packed = pack_files(
      reel,
      [&](PackedFile& file) -> Result<bool> {
        if (std::exchange(given, true)) return false;
        file = {{"lab.yml", 0644, 0, lab.size()}, lab};
        return true;
      },
      PackedBefore::replace);
  INFO((packed.ok() ? std::string{} : packed.error().what));
  REQUIRE(packed.ok());
}

}  // namespace

TEST_CASE("without a terminal, what runs a reel's commands runs nothing that --trust was not said to", "[cli]") {
  const TestFolder folder;
  record(folder);
  REQUIRE(labreel({"pack", "a.reel"}, folder.path()).status == 0);
  const std::string why = "runs the commands that the reel holds, on this host, in nodes: 3 of them";
  check_says(labreel({"run", "a.reel", "-o", "b.reel"}, folder.path()), 2, why);
  check_says(labreel({"rerun", "a.reel", "-o", "b.reel"}, folder.path()), 2, why);
  check_says(labreel({"branch", "a.reel", "--at", "1", "-o", "b.reel"}, folder.path()), 2, why);
  CHECK_FALSE(fs::exists(folder / "b.reel"));
  check_says(labreel({"run", "a.reel", "--trust", "-o", "b.reel"}, folder.path()), 0, "b.reel");
}

TEST_CASE("on a terminal, what runs a reel's commands shows each of them and takes anything but y for no", "[cli]") {
  const TestFolder folder;
  record(folder);
  REQUIRE(labreel({"pack", "a.reel"}, folder.path()).status == 0);
  const std::vector<std::string> run{labreel_binary(), "run", "a.reel", "-o", "b.reel"};
  const std::vector<std::string> rerun{labreel_binary(), "rerun", "a.reel", "-o", "b.reel"};
  const std::vector<std::string> verify{labreel_binary(), "verify", "a.reel", "--trust"};
  for (const auto& command : {run, rerun, verify}) {
    CAPTURE(command[1]);
    TerminalProgram asked{command, folder.path()};
    REQUIRE(asked.shows("h1 gets /stolen from the reel's hello"));
    CHECK(asked.shows("h1 runs echo started > /tmp/started"));
    CHECK(asked.shows("h1 runs cat /stolen"));
    REQUIRE(asked.shows("[y/N]"));
    asked.type("\n");
    CHECK(asked.shows("not run"));
    CHECK(asked.wait() == 2);
    CHECK_FALSE(fs::exists(folder / "b.reel"));
  }
  TerminalProgram agreed{run, folder.path()};
  REQUIRE(agreed.shows("[y/N]"));
  agreed.type("y\n");
  CHECK(agreed.wait() == 0);
  CHECK(fs::exists(folder / "b.reel"));
}

TEST_CASE("what runs is the reel whose commands were shown, though another lies under its name by then", "[cli]") {
  const TestFolder folder;
  record(folder);
  REQUIRE(labreel({"pack", "a.reel"}, folder.path()).status == 0);
  folder.write("other.yml", "name: trust\nseed: 7\ntopology: {nodes: {h1: {}, h2: {}}}\n"
                            "scenario:\n  - exec: {node: h1, run: \"echo smuggled > /tmp/smuggled\"}\n");
  REQUIRE(labreel({"run", "other.yml", "-o", "other.reel"}, folder.path()).status == 0);
  REQUIRE(labreel({"pack", "other.reel"}, folder.path()).status == 0);
  fs::copy_file(folder / "a.reel", folder / "kept.reel");
  for (const std::string verb : {"run", "rerun"}) {
    CAPTURE(verb);
    fs::copy_file(folder / "kept.reel", folder / "a.reel", fs::copy_options::overwrite_existing);
    TerminalProgram asked{{labreel_binary(), verb, "a.reel", "-o", verb + "-b.reel"}, folder.path()};
    REQUIRE(asked.shows("h1 runs cat /stolen"));
    REQUIRE(asked.shows("[y/N]"));
    fs::copy_file(folder / "other.reel", folder / "new.reel");
    fs::rename(folder / "new.reel", folder / "a.reel");
    asked.type("y\n");
    CHECK(asked.wait(60) == 0);
    const std::string execs = labreel({"events", verb + "-b.reel", "--kind", "exec,lab.begun", "--json"}, folder.path()).out;
    INFO(asked.screen() << execs);
    CHECK(execs.find("cat /stolen") != std::string::npos);
    CHECK(execs.find("smuggled") == std::string::npos);
  }
  // What the new reel carries is what ran, too.
  CHECK(labreel({"unpack", "run-b.reel", "--print", "hello"}, folder.path()).out == "good morning\n");
}

TEST_CASE("what a reel that is not packed takes from this host is shown by its whole path", "[cli]") {
  const TestFolder folder;
  record(folder);
  TerminalProgram asked{{labreel_binary(), "rerun", "a.reel", "-o", "b.reel"}, folder.path()};
  CHECK(asked.shows("h1 gets /stolen from " + (folder / "hello")));
  REQUIRE(asked.shows("[y/N]"));
  asked.type("n\n");
  CHECK(asked.wait() == 2);
}

TEST_CASE("a forged packed lab gets no file of this host, however it names it", "[cli]") {
  const TestFolder folder;
  folder.write("secret", "precious\n");
  record(folder, "hello");
  const std::string out = GENERATE("/etc/shadow", "../secret", "x/../../secret");
  CAPTURE(out);
  forge(folder / "a.reel", lab_with(out));
  const auto run = labreel({"run", "a.reel", "--trust", "-o", "b.reel"}, folder.path());
  check_says(run, 3, "lies outside the packed lab: it would be a file of this host");
  check_says(labreel({"run", "a.reel", "-o", "b.reel"}, folder.path()), 3, "lies outside the packed lab");
  CHECK_FALSE(fs::exists(folder / "b.reel"));
}

}  // namespace labreel::test
