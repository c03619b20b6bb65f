// The samples in virtual time: the same digest on every run, whatever else the host does, and verify --trust proves it.
#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "tests/cli/program.h"

namespace labreel::test {
namespace {

using Json = nlohmann::json;

// Copies a sample into the folder with its clock and its nodes' kind changed, and nothing else.
std::string virtual_copy(const std::string& sample, const TestFolder& folder, const std::string& into = "lab") {
  std::filesystem::create_directories(folder / into);
  std::filesystem::copy(source_dir() + "/samples/" + sample, folder / into, std::filesystem::copy_options::recursive);
  std::string text = folder.read(into + "/lab.yml");
  const auto change = [&text](const std::string& line, const std::string& by) {
    const std::size_t at = text.find(line);
    if (at == std::string::npos) return false;
    text.replace(at, line.size(), by);
    return true;
  };
  REQUIRE(change("\ntopology:", "\nclock: virtual\ntopology:"));
  if (!change("\n  defaults: {", "\n  defaults: {kind: uml, ") &&
      !change("\n  defaults:\n", "\n  defaults:\n    kind: uml\n")) {
    REQUIRE(change("\ntopology:\n", "\ntopology:\n  defaults: {kind: uml}\n"));
  }
  folder.write(into + "/lab.yml", text);
  return folder / (into + "/lab.yml");
}

std::string record(const std::string& lab_file, const std::string& reel, const std::vector<std::string>& before = {}) {
  std::vector<std::string> argv = before;
  argv.insert(argv.end(), {labreel_binary(), "run", lab_file, "-o", reel});
  const auto run = run_program(argv, ".", 400);
  INFO(run.err);
  REQUIRE(run.status == 0);
  const auto info = labreel({"info", reel, "--json"});
  REQUIRE(info.status == 0);
  return Json::parse(info.out).at("digest");
}

std::string cache_home() {
  const char* const set = std::getenv("XDG_CACHE_HOME");
  if (set != nullptr && *set != '\0') return set;
  const char* const home = std::getenv("HOME");
  REQUIRE(home != nullptr);
  return std::string{home} + "/.cache";
}

// Processes that keep every CPU busy while they live.
class Burners {
 public:
  Burners() {
    for (int i = 0; i < 3; ++i) {
      const pid_t pid = ::fork();
      if (pid == 0) {
        for (;;) {
        }
      }
      pids_.push_back(pid);
    }
  }
  ~Burners() {
    for (const pid_t pid : pids_) ::kill(pid, SIGKILL);
  }
  Burners(const Burners&) = delete;
  Burners& operator=(const Burners&) = delete;

 private:
  std::vector<pid_t> pids_;
};

void require_proved(const std::string& reel) {
  const auto fabric = labreel({"verify", reel, "--json"});
  CHECK(fabric.status == 0);
  CHECK(Json::parse(fabric.out).at("higher_level_available") == true);
  const auto proved = labreel({"verify", "--trust", "--json", reel});
  INFO(proved.out << proved.err);
  CHECK(proved.status == 0);
  const Json result = Json::parse(proved.out);
  CHECK(result.at("level") == "lab");
  CHECK(result.at("identical") == true);
}

}  // namespace

TEST_CASE("every sample in virtual time has one digest, and verify --trust proves it", "[determinism]") {
  const std::string sample = GENERATE("two-hosts", "lossy-link", "tcp-loss", "ipv6-ra", "ospf-triangle", "bgp-two-as");
  CAPTURE(sample);
  const TestFolder folder;
  const std::string lab = virtual_copy(sample, folder);
  const std::string first = record(lab, folder / "first.reel");
  CHECK(record(lab, folder / "second.reel") == first);
  require_proved(folder / "first.reel");
}

TEST_CASE("load, one CPU, low priority, another folder and another host name change nothing", "[determinism]") {
  const TestFolder folder;
  const std::string lab = virtual_copy("two-hosts", folder);
  const std::string digest = record(lab, folder / "plain.reel");
  {
    const Burners burners;
    CHECK(record(lab, folder / "loaded.reel") == digest);
  }
  CHECK(record(lab, folder / "pinned.reel", {"taskset", "-c", "0"}) == digest);
  CHECK(record(lab, folder / "niced.reel", {"nice", "-n", "19"}) == digest);
  CHECK(record(lab, folder / "renamed.reel",
               {"unshare", "--uts", "sh", "-c", "hostname elsewhere && exec \"$@\"", "sh"}) == digest);
  CHECK(record(virtual_copy("two-hosts", folder, "some/where/else"), folder / "moved.reel") == digest);
}

TEST_CASE("a changed seed, delay or command changes the digest", "[determinism]") {
  const TestFolder folder;
  const std::string lab = virtual_copy("two-hosts", folder);
  const std::string text = read_file(lab);
  const std::string digest = record(lab, folder / "plain.reel");
  int number = 0;
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"seed: 1", "seed: 2"},
                                 {"delay: 5ms", "delay: 6ms"},
                                 {"ping -c 3", "ping -c 4"}}) {
    CAPTURE(to);
    folder.write("lab/lab.yml", std::regex_replace(text, std::regex{from}, to));
    CHECK(record(lab, folder / ("changed" + std::to_string(number++) + ".reel")) != digest);
  }
}

TEST_CASE("what a guest learns from outside is named to the event", "[determinism]") {
  const TestFolder folder;
  // Guests see the host's files below /; a folder of /tmp is behind their own /tmp, so the file goes to /var/tmp.
  const std::string outside = "/var/tmp/labreel-test-outside-" + std::to_string(::getpid());
  std::ofstream{outside} << "first\n";
  folder.write("lab.yml",
               "name: leak\nclock: virtual\ntopology:\n  defaults: {kind: uml}\n  nodes:\n    h1:\nscenario:\n"
               "  - exec: {node: h1, run: \"cat " +
                   outside + "\"}\n");
  record(folder / "lab.yml", folder / "leak.reel");
  CHECK(labreel({"verify", "--trust", folder / "leak.reel"}).status == 0);
  std::ofstream{outside} << "other\n";
  const auto proved = labreel({"verify", "--trust", "--json", folder / "leak.reel"});
  std::filesystem::remove(outside);
  INFO(proved.out << proved.err);
  CHECK(proved.status == 1);
  const Json difference = Json::parse(proved.out).at("first_difference");
  CHECK(difference.at("got").at("kind") == "exec.output");
  CHECK(difference.at("got").at("text") == "first\n");
  CHECK(difference.at("expected").at("text") == "other\n");
}

TEST_CASE("what was typed while a virtual lab ran is run again at its stamp", "[determinism]") {
  const TestFolder folder;
  const std::string lab = virtual_copy("two-hosts", folder);
  std::string text = read_file(lab);
  text.resize(text.find("scenario:"));
  folder.write("lab/lab.yml", text);
  BackgroundProgram run{{labreel_binary(), "run", lab, "--pace", "real", "-o", folder / "typed.reel"}, "."};
  REQUIRE(run.wait_for_err("runs until it is stopped"));
  CHECK(labreel({"exec", "h1", "--", "ping", "-c", "2", "-i", "0.2", "10.0.0.2"}).status == 0);
  CHECK(labreel({"link", "down", "h1:eth0"}).status == 0);
  CHECK(labreel({"mark", "typed", "by hand"}).status == 0);
  CHECK(labreel({"stop"}).status == 0);
  CHECK(run.wait().status == 0);
  require_proved(folder / "typed.reel");
}

TEST_CASE("another kernel is named before anything runs", "[determinism]") {
  const TestFolder folder;
  const std::string lab = virtual_copy("two-hosts", folder);
  record(lab, folder / "here.reel");
  // The same kernel with a byte behind its end: it would run, but it is another one.
  const std::string cache = cache_home();
  std::string other;
  for (const auto& entry : std::filesystem::directory_iterator{cache + "/labreel"}) {
    if (!std::filesystem::exists(entry.path() / "linux")) continue;
    other = folder / ("cache/labreel/" + entry.path().filename().string());
    std::filesystem::create_directories(std::filesystem::path{other}.parent_path());
    std::filesystem::copy(entry.path(), other, std::filesystem::copy_options::recursive);
    std::ofstream{other + "/linux", std::ios::app} << '\0';
  }
  REQUIRE_FALSE(other.empty());
  const auto refused = run_program(
      {"env", "XDG_CACHE_HOME=" + (folder / "cache"), labreel_binary(), "verify", "--trust", folder / "here.reel"}, ".",
      100);
  INFO(refused.err);
  CHECK(refused.status == 4);
  CHECK(refused.err.find("recorded \"kernel\":") != std::string::npos);
  CHECK(refused.err.find("here     \"kernel\":") != std::string::npos);
  CHECK(refused.err.find("memory_mib") == std::string::npos);  // only what differs
}

TEST_CASE("the lab level is refused for a lab in real time", "[determinism]") {
  const TestFolder folder;
  folder.write("real.yml", "name: real\ntopology:\n  nodes:\n    h1:\n");
  REQUIRE(labreel({"run", "real.yml", "--for", "200ms"}, folder.path()).status == 0);
  const auto refused = labreel({"verify", "--trust", folder / "real.reel"});
  CHECK(refused.status == 2);
  CHECK(refused.err.find("by the wall clock") != std::string::npos);
}

}  // namespace labreel::test
