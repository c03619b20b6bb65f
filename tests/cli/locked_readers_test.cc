// The reading verbs of the program itself: locked down while they read, and as useful as before.
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include "tests/cli/ordinary_user.h"
#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

namespace fs = std::filesystem;

void record(const TestFolder& folder) {
  const std::string name = "locked-readers";
  std::string lab = two_hosts(name);
  lab += "scenario:\n  - exec: {node: h1, run: \"ping -c 3 -i 0.2 10.0.0.2\"}\n";
  folder.write("lab.yml", lab);
  const auto run = labreel({"run", "lab.yml", "-o", "a.reel"}, folder.path());
  INFO(run.err);
  REQUIRE(run.status == 0);
}

std::string status_line(pid_t pid, const std::string& key) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ":")) return line.substr(line.find_last_of("\t ") + 1);
  }
  return {};
}

const std::vector<std::vector<std::string>> kReading{
    {"info", "a.reel"},
    {"info", "a.reel", "--json"},
    {"events", "a.reel"},
    {"events", "a.reel", "--json", "--payload", "--filter", "icmp"},
    {"show", "a.reel", "--at", "end"},
    {"query", "a.reel", "SELECT count(*) FROM frame"},
    {"verify", "a.reel"},
    {"check", "a.reel"},
    {"diff", "a.reel", "a.reel"},
    {"replay", "a.reel", "--speed", "max"},
    {"export", "a.reel", "-o", "-"},
    {"ls"},
    {"__complete", "show", "--at", ""},
};

}  // namespace

TEST_CASE("every reading verb works as an ordinary user in a folder that cannot be written", "[cli]") {
  const TestFolder folder;
  record(folder);
  const std::string program = lend_to_user(folder, kUserWithoutIds);
  fs::permissions(folder / "a.reel", fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read |
                                     fs::perms::others_exec);
  REQUIRE(::chown(folder.path().c_str(), 0, 0) == 0);
  for (std::vector<std::string> words : kReading) {
    words.insert(words.begin(), program);
    const auto read = run_program(as_user(folder, words, kUserWithoutIds), folder.path());
    INFO(words[1] << ": " << read.out.substr(0, 500) << read.err);
    CHECK(read.status == 0);
    CHECK_FALSE(read.out.empty());
    CHECK(read.err.find("lock") == std::string::npos);
  }
}

TEST_CASE("a reader has given up its rights before it reads", "[cli]") {
  const TestFolder folder;
  record(folder);
  BackgroundProgram replay{{labreel_binary(), "replay", "a.reel", "--speed", "0.01"}, folder.path()};
  REQUIRE(replay.wait_for_err("view level"));
  CHECK(status_line(replay.pid(), "Seccomp") == "2");
  CHECK(status_line(replay.pid(), "NoNewPrivs") == "1");
  replay.signal(SIGINT);
  CHECK(replay.wait().status == 130);
}

TEST_CASE("a sort that does not fit into memory works behind the lock", "[cli]") {
  const TestFolder folder;
  record(folder);
  const auto sorted = labreel({"query", "a.reel",
                               "SELECT a.seq * 1000003 % 7919 AS k, printf('%.400c', 'x') AS x FROM event AS a, event AS b, event AS c "
                               "ORDER BY k, x"},
                              folder.path());
  INFO(sorted.err);
  CHECK(sorted.status == 0);
}

TEST_CASE("an export that fails behind the lock leaves neither a file nor a folder", "[cli]") {
  const TestFolder folder;
  record(folder);
  const std::vector<std::string> fails{"export", "a.reel", "--filter", "and", "-o"};
  for (const std::vector<std::string>& output : std::vector<std::vector<std::string>>{{"new.pcapng"}, {"new", "--per-port"}}) {
    std::vector<std::string> words = fails;
    words.insert(words.end(), output.begin(), output.end());
    const auto failed = labreel(words, folder.path());
    INFO(failed.err);
    CHECK(failed.status == 2);
    CHECK(failed.err.find("filter") != std::string::npos);
    CHECK_FALSE(fs::exists(folder / output[0]));
  }
}

}  // namespace labreel::test
