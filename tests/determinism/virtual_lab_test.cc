// The samples in virtual time: the same digest on every run, whatever else the host does, and verify --trust proves it.
#include <asm/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <thread>

#include "tests/cli/ordinary_user.h"
#include "tests/determinism/virtual_labs.h"

namespace labreel::test {
namespace {

using Json = nlohmann::json;

// A sample in virtual time in which nothing happens but what is typed.
std::string quiet_copy(const std::string& sample, const TestFolder& folder) {
  const std::string lab = virtual_copy(sample, folder);
  std::string text = read_file(lab);
  text.resize(text.find("scenario:"));
  folder.write("lab/lab.yml", text);
  return lab;
}

void require_one_digest(const std::string& sample) {
  CAPTURE(sample);
  const TestFolder folder;
  const std::string first = record(virtual_copy(sample, folder), folder / "first.reel");
  // Guests take turns on one CPU that others want, too, from another folder.
  {
    const Burners burners;
    CHECK(record(virtual_copy(sample, folder, "some/where/else"), folder / "second.reel",
                 {"nice", "-n", "-5", "taskset", "-c", "0"}, {"--serial"}) == first);
  }
  require_proved(folder / "first.reel");
}

}  // namespace

TEST_CASE("each sample without routers has one digest in virtual time, and verify --trust proves it", "[determinism]") {
  require_one_digest(GENERATE("two-hosts", "lossy-link", "tcp-loss", "ipv6-ra"));
}

TEST_CASE("each sample with routers has one digest in virtual time, and verify --trust proves it", "[determinism]") {
  require_one_digest(GENERATE("ospf-triangle", "bgp-two-as", "rip-line"));
}

TEST_CASE("the ring of 25 routers has one digest in virtual time, and verify --trust proves it", "[determinism]") {
  require_one_digest("frr-ring-25");
}

TEST_CASE("one CPU, low priority, another folder, another host name and another user change nothing", "[determinism]") {
  const TestFolder folder;
  const std::string lab = virtual_copy("two-hosts", folder);
  const std::string digest = record(lab, folder / "plain.reel");
  CHECK(record(lab, folder / "pinned.reel", {"taskset", "-c", "0"}) == digest);
  CHECK(record(lab, folder / "niced.reel", {"nice", "-n", "19"}) == digest);
  CHECK(record(lab, folder / "renamed.reel",
               {"unshare", "--uts", "sh", "-c", "hostname elsewhere && exec \"$@\"", "sh"}) == digest);
  CHECK(record(virtual_copy("two-hosts", folder, "some/where/else"), folder / "moved.reel") == digest);
  // The user's own cache has the same kernel; `nobody` is no one's root.
  const std::string cache = cache_with_kernel(folder, [](const std::string&) {});
  const std::string binary = lend_to_user(folder, kUserWithoutIds);
  const auto run = run_program(as_user(
      folder, {"env", "XDG_CACHE_HOME=" + cache, binary, "run", lab, "-o", folder / "user.reel"}, kUserWithoutIds));
  INFO(run.err);
  REQUIRE(run.status == 0);
  CHECK(digest_of(folder / "user.reel") == digest);
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

TEST_CASE("a packed lab in virtual time is proved and branched from where its folder never was", "[determinism]") {
  const TestFolder folder;
  const std::string lab = virtual_copy("ospf-triangle", folder);
  record(lab, folder / "demo.reel", {}, {"--for", "2s"});
  REQUIRE(labreel({"pack", folder / "demo.reel"}).status == 0);
  std::filesystem::remove_all(std::filesystem::path{lab}.parent_path());
  require_proved(folder / "demo.reel");
  CHECK(labreel({"branch", folder / "demo.reel", "--trust", "--at", "+1s", "--for", "500ms", "--pace", "max", "-o", folder / "branch.reel"}).status == 0);
}

TEST_CASE("what was typed while a virtual lab ran is run again at its stamp", "[determinism]") {
  const TestFolder folder;
  const std::string lab = quiet_copy("two-hosts", folder);
  BackgroundProgram run{{labreel_binary(), "run", lab, "--pace", "real", "-o", folder / "typed.reel"}, "."};
  REQUIRE(run.wait_for_err("runs until it is stopped"));
  CHECK(labreel({"exec", "h1", "--", "ping", "-c", "2", "-i", "0.2", "10.0.0.2"}).status == 0);
  CHECK(labreel({"link", "down", "h1:eth0"}).status == 0);
  CHECK(labreel({"mark", "typed", "by hand"}).status == 0);
  CHECK(labreel({"stop"}).status == 0);
  CHECK(run.wait().status == 0);
  require_proved(folder / "typed.reel");
}

// Types on two consoles, changes the size of one, leaves the other, and cancels a command.
void type_on_consoles(const TestFolder& folder) {
  TerminalProgram desk{{labreel_binary(), "connect", "h1"}, folder.path()};
  REQUIRE(desk.shows("connected to h1"));
  INFO(desk.screen());
  desk.type("stty size; hostname\r");
  CHECK(desk.shows("24 80"));
  desk.resize(40, 100);
  desk.type("sleep 0.3; stty size\r");
  CHECK(desk.shows("40 100"));
  TerminalProgram other{{labreel_binary(), "connect", "h2", "--", "sh", "-c", "echo here; exec sleep 1013"},
                        folder.path()};
  REQUIRE(other.shows("here"));
  CHECK(labreel({"mark", "typing"}).status == 0);
  desk.type("ping -c 2 -i 0.2 10.0.0.2; sleep 1000\r");
  CHECK(desk.shows("2 received"));
  desk.type("\x03");  // Ctrl-C is the node's
  other.type("\x1d");
  CHECK(other.wait() == 0);
  BackgroundProgram cancelled{{labreel_binary(), "exec", "h2", "--", "sh", "-c", "echo begun; sleep 1000"},
                              folder.path()};
  REQUIRE(cancelled.wait_for_out("begun"));
  cancelled.signal(SIGINT);
  cancelled.wait();
  desk.type("echo still $((40 + 2))\r");
  CHECK(desk.shows("still 42"));
  desk.type("exit 3\r");
  CHECK(desk.wait() == 3);
}

TEST_CASE("what was typed on consoles is typed again at its stamp, and a branch types it, too", "[determinism]") {
  const TestFolder folder;
  const std::string lab = quiet_copy("two-hosts", folder);
  const std::string reel = folder / "typed.reel";
  BackgroundProgram run{{labreel_binary(), "run", lab, "--pace", "real", "-o", reel}, "."};
  REQUIRE(run.wait_for_err("runs until it is stopped"));
  type_on_consoles(folder);
  CHECK(labreel({"stop"}).status == 0);
  CHECK(run.wait().status == 0);

  std::string typed, shown;
  for (const std::string& line : lines_of(labreel({"events", reel, "--json", "--kind", "console"}).out)) {
    const Json event = Json::parse(line);
    (event.at("input").get<bool>() ? typed : shown) += event.value("text", "");
  }
  CHECK(typed.starts_with("stty size; hostname\r"));
  CHECK(typed.ends_with("exit 3\r"));
  CHECK(shown.find("40 100") != std::string::npos);
  require_proved(reel);
  const std::string branch = folder / "branch.reel";
  REQUIRE(labreel({"branch", reel, "--trust", "--at", "typing", "--for", "1s", "--pace", "max", "-o", branch}).status == 0);
  require_proved(branch);
}

TEST_CASE("with strict, a program that asks the CPU for time and random numbers gets the same ones", "[determinism]") {
  // cpuid, and with it rdrand, can be hidden only where the CPU lets it trap; without that the program is told to leave
  // random numbers alone.
  const bool hides_cpuid = ::syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1) == 0;
  const TestFolder folder;
  std::filesystem::copy(build_dir() + "/tests/determinism/ask_cpu", folder / "ask_cpu");
  const std::string lab =
      "name: cpu\nclock: virtual\ntopology:\n  defaults: {kind: uml}\n  nodes:\n    h1: {files: {/opt/ask_cpu: "
      "ask_cpu}}\n"
      "scenario:\n  - mark: {name: before}\n  - exec: {node: h1, run: \"/opt/ask_cpu " +
      std::string{hides_cpuid ? "all" : "time"} + "\"}\n";
  folder.write("lab.yml", lab);
  folder.write("strict.yml", "strict: true\n" + lab);
  record(folder / "lab.yml", folder / "leak.reel");
  const auto leaks = labreel({"verify", "--trust", "--json", folder / "leak.reel"});
  CHECK(leaks.status == 1);
  const Json difference = Json::parse(leaks.out).at("first_difference");
  CHECK(difference.at("got").at("kind") == "exec.output");
  CHECK(difference.at("got").at("text") != difference.at("expected").at("text"));

  const std::string digest = record(folder / "strict.yml", folder / "strict.reel");
  require_proved(folder / "strict.reel");
  const Burners burners;
  CHECK(record(folder / "strict.yml", folder / "loaded.reel", {"taskset", "-c", "1"}) == digest);
  const auto warned = labreel({"run", folder / "strict.yml", "-o", folder / "warned.reel"});
  CHECK((warned.err.find("does not let cpuid trap") == std::string::npos) == hides_cpuid);
}

TEST_CASE("another kernel is named before anything runs", "[determinism]") {
  const TestFolder folder;
  const std::string lab = virtual_copy("two-hosts", folder);
  record(lab, folder / "here.reel");
  // The same kernel with a byte behind its end: it would run, but it is another one.
  const std::string cache = cache_with_kernel(folder, [](const std::string& kernel) {
    std::ofstream{kernel, std::ios::app} << '\0';
  });
  const auto refused = run_program(
      {"env", "XDG_CACHE_HOME=" + cache, labreel_binary(), "verify", "--trust", folder / "here.reel"}, ".", 100);
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

TEST_CASE("run --virtual records an ordinary lab in virtual time, which verify --trust proves and which branches", "[determinism]") {
  const TestFolder folder;
  const std::string lab = source_dir() + "/samples/two-hosts/lab.yml";
  const auto run = labreel({"run", "--virtual", lab, "-o", folder / "a.reel"});
  INFO(run.err);
  REQUIRE(run.status == 0);
  CHECK(labreel({"run", "--virtual", lab, "-o", folder / "b.reel"}).status == 0);
  CHECK(digest_of(folder / "a.reel") == digest_of(folder / "b.reel"));
  require_proved(folder / "a.reel");
  const auto branch = labreel({"branch", folder / "a.reel", "--at", "+1s", "-o", folder / "c.reel", "--for", "1s", "--pace", "max", "--trust"});
  INFO(branch.err);
  REQUIRE(branch.status == 0);
  require_proved(folder / "c.reel");
}

TEST_CASE("a lab in virtual time that is kept after its scenario is not ahead of the wall clock", "[determinism]") {
  const TestFolder folder;
  folder.write("lab.yml", two_guests("name: kept\n", "  - sleep: 1s\n"));
  BackgroundProgram lab{{labreel_binary(), "run", "--keep", "lab.yml", "-o", "kept.reel"}, folder.path()};
  const auto began = std::chrono::steady_clock::now();  // earlier than the scenario's end
  REQUIRE(lab.wait_for_err("the scenario is done"));
  std::this_thread::sleep_for(std::chrono::seconds{2});
  lab.signal(SIGINT);
  CHECK(lab.wait(60).status == 130);
  const double wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const auto lines = labreel({"events", folder / "kept.reel", "--json"}).out;
  double done_s = 0;
  double end_s = 0;
  std::istringstream events(lines);
  for (std::string line; std::getline(events, line);) {
    const Json event = Json::parse(line);
    end_s = event.at("time").get<double>() / 1e9;
    if (event.at("kind") == "scenario" && event.at("state") == "done") done_s = end_s;
  }
  CHECK(done_s > 0.9);
  CHECK(end_s - done_s < wall_s + 0.5);
}

}  // namespace labreel::test
