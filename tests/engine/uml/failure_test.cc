#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/engine/uml/virtual_lab.h"

using namespace std::string_literals;

namespace labreel {
namespace {

// Counts the processes of the host whose command line has a text.
std::size_t processes_with(const std::string& text) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream in(entry.path() / "cmdline", std::ios::binary);
    const std::string line((std::istreambuf_iterator<char>(in)), {});
    if (line.find(text) != std::string::npos) ++count;
  }
  return count;
}

std::string fate_of(VirtualLab& lab, NodeId node) {
  lab.run_until([&] { return lab.state[node] != "starting" && lab.state[node] != "up"; });
  return lab.state[node];
}

TEST_CASE("a kernel that is not there, or is none, is a node that failed", "[uml]") {
  LabOptions options;
  options.kernel = "/no/such/kernel";
  VirtualLab missing(options);
  CHECK(fate_of(missing, missing.add_node("h1", {})) == "failed: start the guest's kernel: No such file or directory");
  options.kernel = "/bin/false";
  VirtualLab wrong(options);
  CHECK(fate_of(wrong, wrong.add_node("h1", {})) == "failed: its kernel exited with status 1");
  options.kernel = "/bin/cat";  // finds no such files as its arguments, and exits
  VirtualLab other(options);
  CHECK(fate_of(other, other.add_node("h1", {})) == "failed: its kernel exited with status 1");
}

TEST_CASE("a guest that crashes is gone at that moment of lab time, paused or not, and starts again", "[uml]") {
  const bool paused = GENERATE(false, true);
  const auto digest_of_a_run = [paused] {
    VirtualLab lab;
    const NodeId h1 = lab.add_node("h1", {{"10.0.0.1/24"}});
    const NodeId h2 = lab.add_node("h2", {{"10.0.0.2/24"}});
    lab.add_link("h1:eth1", "h2:eth1", {});
    REQUIRE(lab.all_up());
    const ExecId ping = lab.begin("h1", "ping -i 0.1 10.0.0.2");
    lab.run_for(1'000'000'000);
    if (paused) lab.driver.pause(h1);
    const LabTime asked = lab.loop.now();
    lab.driver.crash(h1);
    CHECK(fate_of(lab, h1) == "down: crashed");
    CHECK(lab.loop.now().ns - asked.ns <= kWindowMax_ns);  // at the next barrier
    CHECK(lab.execs[ping].status == 128 + SIGKILL);
    lab.start_again(h1);
    REQUIRE(lab.all_up());
    CHECK(lab.exec("h1", "ping -c 1 10.0.0.2").status == 0);
    CHECK(lab.state[h2] == "up");
    return lab.digest();
  };
  CHECK(digest_of_a_run() == digest_of_a_run());
}

TEST_CASE("a kernel that never boots is ended, and leaves nothing behind", "[uml]") {
  const std::string program = "/tmp/labreel-test-sleeps-" + std::to_string(::getpid());
  std::ofstream{program} << "#!/bin/sh\nexec sleep 1017\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  LabOptions options;
  options.kernel = program;
  options.silence_ms = 1'000;
  VirtualLab lab(options);
  CHECK(fate_of(lab, lab.add_node("h1", {})) ==
        "failed: it does not boot: it ran for 1 s of wall-clock time without letting lab time go on");
  std::filesystem::remove(program);
  CHECK(processes_with("sleep\0"
                       "1017"s) == 0);
}

TEST_CASE("what a killed engine left of a guest that was starting goes when the next one begins", "[uml]") {
  namespace fs = std::filesystem;
  const char* const before = std::getenv("XDG_RUNTIME_DIR");
  const std::string kept = before == nullptr ? "" : before;
  const fs::path folder = "/tmp/labreel-test-runtime-" + std::to_string(::getpid());
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1);
  for (const char* name : {"labreel-guest-old", "labreel-guest-young", "labreel-other-old"}) {
    fs::create_directories(folder / name / "sub");
    if (std::string_view(name).ends_with("old")) fs::last_write_time(folder / name, old);
  }
  ::setenv("XDG_RUNTIME_DIR", folder.c_str(), 1);
  VirtualLab lab;
  lab.add_node("h1", {});
  CHECK(lab.all_up());
  kept.empty() ? ::unsetenv("XDG_RUNTIME_DIR") : ::setenv("XDG_RUNTIME_DIR", kept.c_str(), 1);
  CHECK_FALSE(fs::exists(folder / "labreel-guest-old"));
  CHECK(fs::exists(folder / "labreel-guest-young"));
  CHECK(fs::exists(folder / "labreel-other-old"));
  CHECK(std::distance(fs::directory_iterator(folder), {}) == 2);  // its own is gone, too
  fs::remove_all(folder);
}

TEST_CASE("what a lab depends on is named by content", "[uml]") {
  UmlOptions options;
  options.kernel = kernel_for_tests();
  const InputsNote inputs = uml_inputs(options).value();
  CHECK(inputs.kernel.size() == 64);
  CHECK(inputs.guest_program.size() == 64);
  CHECK(uml_inputs(options).value() == inputs);
  options.kernel = "/bin/false";
  CHECK_FALSE(uml_inputs(options).value() == inputs);
  options.kernel = "/no/such/kernel";
  CHECK_FALSE(uml_inputs(options));
}

TEST_CASE("a node that cannot be as its spec says fails, and names what cannot be", "[uml]") {
  VirtualLab lab;
  CHECK(fate_of(lab, lab.add_node("h1", {{"10.0.0.300/24"}})).find("10.0.0.300/24") != std::string::npos);
  CHECK(fate_of(lab, lab.add_node("h2", {}, {{"/proc/nothing/here", "x", 0644}})).find("/proc/nothing") !=
        std::string::npos);
}

TEST_CASE("a guest that stops, is stopped, or panics says so, and the others go on", "[uml]") {
  VirtualLab lab;
  const NodeId off = lab.add_node("off", {}), stopped = lab.add_node("stopped", {}),
               panicked = lab.add_node("panicked", {});
  lab.add_node("stays", {});
  REQUIRE(lab.all_up());
  lab.begin("off", "busybox poweroff -f || poweroff -f");
  CHECK(fate_of(lab, off) == "down: switched itself off");
  const ExecId running = lab.begin("stopped", "sleep 1000");
  lab.driver.stop(stopped);
  CHECK(fate_of(lab, stopped) == "down: stopped");
  CHECK(lab.execs[running].done);
  lab.begin("panicked", "sysctl -qw vm.panic_on_oom=1; tail /dev/zero");
  CHECK(fate_of(lab, panicked).starts_with("down: kernel panic: Out of memory"));
  CHECK(lab.exec("stays", "echo here").out == "here\n");
}

TEST_CASE("a program that spins ends its guest, which is named", "[uml]") {
  LabOptions options;
  options.silence_ms = 2'000;
  VirtualLab lab(options);
  const NodeId spins = lab.add_node("spins", {});
  lab.add_node("stays", {});
  REQUIRE(lab.all_up());
  lab.begin("spins", "while :; do :; done");
  CHECK(fate_of(lab, spins) ==
        "down: a program in it spins: it ran for 2 s of wall-clock time without letting lab time go on");
  CHECK(lab.exec("stays", "echo here").out == "here\n");
}

TEST_CASE("a node can be started again, and a paused one hears nothing", "[uml]") {
  VirtualLab lab;
  const NodeId h1 = lab.add_node("h1", {{"10.0.0.1/24"}});
  const NodeId h2 = lab.add_node("h2", {{"10.0.0.2/24"}});
  CableSettings cable;
  cable.delay_ns = 100'000;
  lab.add_link("h1:eth1", "h2:eth1", cable);
  REQUIRE(lab.all_up());
  CHECK(lab.exec("h1", "ping -c 1 -W 1 10.0.0.2").status == 0);
  lab.driver.pause(h2);
  CHECK(lab.exec("h1", "ping -c 1 -W 1 10.0.0.2").status == 1);
  lab.driver.resume(h2);
  CHECK(lab.exec("h1", "ping -c 1 -W 1 10.0.0.2").status == 0);
  lab.driver.stop(h1);
  CHECK(fate_of(lab, h1) == "down: stopped");
  lab.start_again(h1);
  REQUIRE(lab.run_until([&] { return lab.state[h1] == "up"; }));
  CHECK(lab.exec("h1", "ping -c 1 -W 1 10.0.0.2").status == 0);
}

TEST_CASE("no guest outlives a killed engine", "[uml]") {
  constexpr std::uint64_t kSeed = 987'650'001;
  const std::string mark = "labreel.seed=" + std::to_string(kSeed);
  kernel_for_tests();
  const pid_t engine = ::fork();
  if (engine == 0) {
    LabOptions options;
    options.seed = kSeed;
    VirtualLab lab(options);
    lab.add_node("h1", {});
    lab.add_node("h2", {});
    lab.all_up();
    lab.begin("h1", "while sleep 0.001; do date; done");
    for (;;) lab.loop.turn();
  }
  const auto wait_for = [&](const auto& holds) {
    for (int i = 0; i < 200; ++i) {
      if (holds()) return true;  // looked at once: the guests' programs come and go
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  };
  CHECK(wait_for([&] { return processes_with(mark) >= 6; }));  // two kernels, and their programs
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  ::kill(engine, SIGKILL);
  ::waitpid(engine, nullptr, 0);
  CHECK(wait_for([&] { return processes_with(mark) == 0; }));
}

}  // namespace
}  // namespace labreel
