#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>
#include <thread>

#include "tests/engine/nodes/node_bench.h"

using namespace std::chrono_literals;

namespace labreel {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.insert(entry.path().filename());
  return names;
}

std::size_t cgroup_count() {
  std::size_t count = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at("/sys/fs/cgroup", error), end; at != end; at.increment(error)) {
    count += at->is_directory(error) ? 1U : 0U;
  }
  return count;
}

// Processes of the host that live in any of these namespaces ("net:[4026531840]").
std::vector<std::string> processes_in(const std::set<std::string>& namespaces) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& process : std::filesystem::directory_iterator("/proc", error)) {
    for (const std::string kind : {"net", "mnt", "pid", "uts", "ipc"}) {
      const auto link = std::filesystem::read_symlink(process.path() / "ns" / kind, error);
      if (!error && namespaces.contains(link.string())) found.push_back(process.path().filename());
    }
  }
  return found;
}

bool is_gone_or_zombie(pid_t pid) {
  const std::string status = text_of("/proc/" + std::to_string(pid) + "/status");
  return status.empty() || status.find("State:\tZ") != std::string::npos;
}

bool becomes_true(const std::function<bool()>& condition, std::chrono::seconds patience = 10s) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

std::string namespaces_of(NodeBench& bench, NodeId node) {
  return bench.shell(node, "for k in net mnt pid uts ipc; do readlink /proc/self/ns/$k; done").out;
}

pid_t only_child_of(pid_t pid) {
  std::istringstream children(text_of("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children"));
  pid_t child = 0;
  children >> child;
  return child;
}

// The engine in a process of its own, to be killed: tells through the pipe in which namespaces its nodes are.
[[noreturn]] void run_engine_until_killed(int report) {
  NodeBench bench;
  std::string namespaces;
  for (std::uint32_t number = 1; number <= 3; ++number) {
    bench.start(node_spec(number, {{"10.0.0.1/24"}}));
    bench.begin(NodeId{number}, {"sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1; done"});
    bench.shell(NodeId{number}, "setsid sleep 1006 &");
    namespaces += namespaces_of(bench, NodeId{number});
  }
  bench.spawner.start(node_spec(4));  // dies while this one starts
  if (::write(report, namespaces.data(), namespaces.size()) < 0) ::_exit(1);
  ::close(report);
  for (;;) bench.serve_for(1s);
}

}  // namespace

TEST_CASE("requests to a spawner that does not read make nobody wait, and reach it later", "[nodes]") {
  NodeBench bench;
  pid_t spawner = 0;
  for (int tries = 0; spawner == 0 && tries < 500; ++tries, ::usleep(10'000)) {  // it takes its name a moment after its birth
    std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) + "/children");
    for (pid_t child = 0; children >> child;) {
      if (text_of("/proc/" + std::to_string(child) + "/comm").starts_with("labreel-spawne")) spawner = child;
    }
  }
  REQUIRE(spawner > 0);
  ::kill(spawner, SIGSTOP);
  for (std::uint32_t i = 0; i < 5'000; ++i) bench.spawner.pause(NodeId{1'000 + i});  // more than the socket holds
  CHECK_FALSE(bench.spawner.send_waiting());
  ::kill(spawner, SIGCONT);
  bench.start(node_spec(1));
  CHECK(bench.spawner.send_waiting());
  CHECK(bench.shell(NodeId{1}, "echo here").out == "here\n");
}

TEST_CASE("a node that is stopped says so and leaves nothing", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1, {{"10.0.0.1/24"}}));
  std::istringstream lines(namespaces_of(bench, NodeId{1}));
  const std::set<std::string> namespaces{std::istream_iterator<std::string>(lines), {}};
  REQUIRE(namespaces.size() == 5);
  CHECK_FALSE(processes_in(namespaces).empty());
  bench.shell(NodeId{1}, "setsid sleep 1007 &");
  const auto down = bench.stop(NodeId{1});
  CHECK(down.asked);
  CHECK(down.why == "stopped");
  CHECK(processes_in(namespaces).empty());
}

TEST_CASE("a stopped node is quiet before its ports go, with what it sent still in them", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1, {{"10.0.0.1/24"}}));
  std::istringstream lines(namespaces_of(bench, NodeId{1}));
  const std::set<std::string> namespaces{std::istream_iterator<std::string>(lines), {}};
  bench.shell(NodeId{1}, "setsid sleep 1009 & ping -c 1 -W 1 10.0.0.9");  // nobody reads what asks for that address
  std::vector<NodeId> quiet;
  bench.on_quiet = [&](NodeId node) {
    quiet.push_back(node);
    CHECK_FALSE(bench.down.contains(node));
    const auto left = processes_in(namespaces);
    CHECK(std::set(left.begin(), left.end()).size() == 1);  // its init
    CHECK_FALSE(read_frames(bench.port(PortId{11})).empty());
  };
  CHECK(bench.stop(NodeId{1}).why == "stopped");
  CHECK(quiet == std::vector{NodeId{1}});
  CHECK(processes_in(namespaces).empty());
}

TEST_CASE("a node that crashes is gone at once, frozen or not, whatever its processes ignore", "[nodes]") {
  const bool frozen = GENERATE(false, true);
  NodeBench bench;
  bench.start(node_spec(1, {{"10.0.0.1/24"}}));
  std::istringstream lines(namespaces_of(bench, NodeId{1}));
  const std::set<std::string> namespaces{std::istream_iterator<std::string>(lines), {}};
  const ExecId deaf = bench.begin(NodeId{1}, {"sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1; done"});
  bench.shell(NodeId{1}, "setsid sleep 1008 &");
  if (frozen) bench.spawner.pause(NodeId{1});
  const auto asked = std::chrono::steady_clock::now();
  bench.spawner.crash(NodeId{1});
  REQUIRE(bench.serve_until([&] { return bench.down.contains(NodeId{1}); }, 10s));
  CHECK(std::chrono::steady_clock::now() - asked < 2s);  // shorter than the grace of a stop
  CHECK(bench.down[NodeId{1}].asked);
  CHECK(bench.down[NodeId{1}].why == "crashed");
  CHECK(bench.finish(deaf).status == 128 + SIGKILL);
  CHECK(processes_in(namespaces).empty());
}

TEST_CASE("a node that dies by itself is reported as not asked for", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  const pid_t init = only_child_of(only_child_of(::getpid()));
  REQUIRE(init > 0);
  REQUIRE(text_of("/proc/" + std::to_string(init) + "/comm") == "labreel-node\n");
  ::kill(init, SIGKILL);
  REQUIRE(bench.serve_until([&] { return bench.down.contains(NodeId{1}); }, 10s));
  CHECK_FALSE(bench.down[NodeId{1}].asked);
  CHECK(bench.down[NodeId{1}].why == "killed by signal 9");
  // The same node starts again.
  bench.up.clear();
  bench.start(node_spec(1));
  CHECK(bench.run(NodeId{1}, {"true"}).status == 0);
}

TEST_CASE("processes inside a node cannot end or stop its init by signals", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  CHECK(bench.shell(NodeId{1}, "kill -TERM 1; kill -KILL 1; kill -STOP 1; kill -INT 1; echo here").out == "here\n");
  CHECK(bench.run(NodeId{1}, {"true"}).status == 0);
}

TEST_CASE("SIGKILL of the engine leaves no process, namespace, mount, interface or cgroup", "[nodes]") {
  const std::string mounts_before = text_of("/proc/self/mountinfo");
  const auto interfaces_before = names_in("/sys/class/net");
  const auto cgroups_before = cgroup_count();
  std::array<int, 2> report{};
  REQUIRE(::pipe(report.data()) == 0);
  const pid_t engine = ::fork();
  REQUIRE(engine >= 0);
  if (engine == 0) run_engine_until_killed(report[1]);
  ::close(report[1]);
  std::string told;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = ::read(report[0], buffer.data(), buffer.size())) > 0;) {
    told.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(report[0]);
  const pid_t spawner = only_child_of(engine);
  std::istringstream lines(told);
  const std::set<std::string> namespaces{std::istream_iterator<std::string>(lines), {}};
  REQUIRE(namespaces.size() == 15);
  REQUIRE(spawner > 0);
  CHECK(processes_in(namespaces).size() >= 15);

  SECTION("alone") { ::kill(engine, SIGKILL); }
  SECTION("together with the spawner") {
    ::kill(spawner, SIGKILL);
    ::kill(engine, SIGKILL);
  }
  SECTION("by another signal that it does not catch") { ::kill(engine, SIGQUIT); }
  SECTION("while the engine is stopped") {
    ::kill(engine, SIGSTOP);
    ::kill(engine, SIGKILL);
  }
  int status = 0;
  CHECK(::waitpid(engine, &status, 0) == engine);
  CHECK(becomes_true([&] { return processes_in(namespaces).empty(); }));
  CHECK(becomes_true([&] { return is_gone_or_zombie(spawner); }));
  CHECK(text_of("/proc/self/mountinfo") == mounts_before);
  CHECK(names_in("/sys/class/net") == interfaces_before);
  CHECK(cgroup_count() == cgroups_before);
}

TEST_CASE("the end of the spawner is an error that the engine sees", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  ::kill(only_child_of(::getpid()), SIGKILL);
  CHECK_THROWS_AS(bench.serve_for(5s), std::system_error);
}

TEST_CASE("signals of the terminal reach neither the spawner nor the nodes", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  const pid_t spawner = only_child_of(::getpid());
  CHECK(::getsid(spawner) != ::getsid(0));
  CHECK(::getsid(only_child_of(spawner)) != ::getsid(0));
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::kill(spawner, number);
  bench.serve_for(100ms);
  CHECK(bench.run(NodeId{1}, {"true"}).status == 0);
}

TEST_CASE("a paused node stands still and goes on when resumed", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  const ExecId counting = bench.begin(NodeId{1}, {"sh", "-c", "while :; do echo x; sleep 0.02; done"});
  const auto counted = [&] { return bench.out_so_far(counting).size(); };
  REQUIRE(bench.serve_until([&] { return counted() >= 20; }, 10s));
  bench.spawner.pause(NodeId{1});
  REQUIRE(bench.serve_until([&] { return bench.frozen.contains(NodeId{1}); }, 10s));
  bench.serve_for(100ms);  // what it wrote before that
  const auto at_pause = counted();
  const ExecId waiting = bench.begin(NodeId{1}, {"echo", "later"});
  bench.serve_for(500ms);
  CHECK(counted() == at_pause);
  CHECK(bench.out_so_far(waiting).empty());
  bench.spawner.resume(NodeId{1});
  CHECK(bench.finish(waiting).out == "later\n");
  CHECK(bench.serve_until([&] { return counted() > at_pause + 10; }, 10s));
}

TEST_CASE("a paused node can be stopped, and a command that waits in it can be killed", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  const ExecId sleeping = bench.begin(NodeId{1}, {"sleep", "1008"});
  bench.spawner.pause(NodeId{1});
  const ExecId waiting = bench.begin(NodeId{1}, {"echo", "never"});
  bench.spawner.kill_exec(waiting);
  const auto killed = bench.finish(waiting);
  CHECK(killed.status == 128 + SIGKILL);
  CHECK(killed.out.empty());
  CHECK(bench.stop(NodeId{1}).why == "stopped");
  CHECK(bench.finish(sleeping, 0s).status == 128 + SIGTERM);
}

TEST_CASE("starting a node twice, or stopping one that is not there, does no harm", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  bench.spawner.start(node_spec(1));
  REQUIRE(bench.serve_until([&] { return bench.failed.contains(NodeId{1}); }, 10s));
  CHECK(bench.failed[NodeId{1}] == "start the node: it is running already");
  bench.spawner.stop(NodeId{9});
  bench.spawner.pause(NodeId{9});
  CHECK(bench.run(NodeId{1}, {"true"}).status == 0);
}

TEST_CASE("fifty nodes start side by side and end together", "[nodes]") {
  constexpr std::uint32_t count = 50;
  const auto begun = std::chrono::steady_clock::now();
  const auto since_begun = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  };
  std::string last_namespaces;
  {
    NodeBench bench;
    for (std::uint32_t number = 1; number <= count; ++number) {
      bench.spawner.start(node_spec(number, {{"10.0.0.1/24"}, {"10.0.1.1/24"}}));
    }
    CHECK(bench.serve_until([&] { return bench.up.size() == count; }, 120s));
    std::cerr << "fifty nodes with two ports were up after " << since_begun() << " s\n";
    CHECK(bench.failed.empty());
    CHECK(bench.ports.size() == 2 * count);
    CHECK(bench.run(NodeId{count}, {"hostname"}).out == "n50\n");
    last_namespaces = namespaces_of(bench, NodeId{count});
  }
  std::cerr << "and gone after " << since_begun() << " s\n";
  std::istringstream lines(last_namespaces);
  CHECK(processes_in({std::istream_iterator<std::string>(lines), {}}).empty());
}

}  // namespace labreel
