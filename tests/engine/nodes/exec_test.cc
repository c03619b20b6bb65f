#include <signal.h>

#include <algorithm>

#include <catch2/catch.hpp>
#include <thread>

#include "tests/engine/nodes/node_bench.h"

using namespace std::chrono_literals;

namespace labreel {

TEST_CASE("a command's output and status come back", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1, {{"10.0.0.1/24", "2001:db8::1/64"}}));
  const auto addresses = bench.run(NodeId{1}, {"ip", "-br", "addr"});
  CHECK(addresses.status == 0);
  CHECK(addresses.err.empty());
  CHECK_THAT(addresses.out, Catch::Contains("eth1") && Catch::Contains("10.0.0.1/24") &&
                                Catch::Contains("2001:db8::1/64") && Catch::Contains("127.0.0.1/8"));
  CHECK(bench.shell(NodeId{1}, "echo no >&2; exit 3").status == 3);
  CHECK(bench.shell(NodeId{1}, "echo no >&2; exit 3").err == "no\n");
  CHECK(bench.shell(NodeId{1}, "kill -TERM $$").status == 128 + SIGTERM);
}

TEST_CASE("a command starts with an empty stdin, a small environment and the root folder", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  CHECK(bench.run(NodeId{1}, {"cat"}).status == 0);
  CHECK(bench.run(NodeId{1}, {"pwd"}).out == "/\n");
  CHECK(bench.run(NodeId{1}, {"hostname"}).out == "n1\n");
  const auto environment = bench.run(NodeId{1}, {"env"}).out;
  CHECK_THAT(environment, Catch::Contains("/usr/sbin") && Catch::Contains("HOSTNAME=n1\n"));
  CHECK(std::count(environment.begin(), environment.end(), '\n') == 7);
  CHECK(bench.shell(NodeId{1}, "ls /proc/self/fd | wc -l").out == "4\n");  // 0, 1, 2 and ls's own
  CHECK_THAT(bench.run(NodeId{1}, {"grep", "SigBlk", "/proc/self/status"}).out, Catch::Contains("0000000000000000"));
}

TEST_CASE("a program that is missing or cannot run says so, with a shell's status", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  const auto missing = bench.run(NodeId{1}, {"no-such-program"});
  CHECK(missing.status == 127);
  CHECK(missing.err == "labreel: no-such-program: No such file or directory\n");
  CHECK(bench.run(NodeId{1}, {"/etc/passwd"}).status == 126);
  CHECK(bench.run(NodeId{1}, {}).status == 126);
  const auto nowhere = bench.run(NodeId{2}, {"true"});
  CHECK(nowhere.status == 126);
  CHECK(nowhere.err == "labreel: the node is not running\n");
}

TEST_CASE("huge output of one command holds up nothing else", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  // Nobody reads this one's pipe: it fills and stays full.
  const ExecId stuck{1000};
  const ExecStreams unread = bench.spawner.exec(stuck, NodeId{1}, {"cat", "/dev/zero"});
  const auto big = bench.run(NodeId{1}, {"head", "-c", "20000000", "/dev/zero"});
  CHECK(big.status == 0);
  CHECK(big.out.size() == 20'000'000);
  CHECK(bench.run(NodeId{1}, {"echo", "alive"}).out == "alive\n");
  bench.spawner.kill_exec(stuck);
  std::optional<ExecEnded> ended;
  for (int i = 0; i < 500 && !ended; ++i) {
    if (auto event = bench.spawner.receive()) ended = std::get<ExecEnded>(*event);
    std::this_thread::sleep_for(10ms);
  }
  REQUIRE(ended);
  CHECK(ended->exec == stuck);
  CHECK(ended->status == 128 + SIGKILL);
}

TEST_CASE("killing a command kills its whole session and nothing else", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  const ExecId other = bench.begin(NodeId{1}, {"sleep", "1001"});
  // A job-controlling shell puts its children into process groups of their own.
  const ExecId exec = bench.begin(NodeId{1}, {"bash", "-mc", "sleep 1002 & sleep 1003 & echo ready; wait"});
  REQUIRE(bench.serve_until([&] { return bench.out_so_far(exec) == "ready\n"; }, 10s));
  bench.spawner.kill_exec(exec);
  CHECK(bench.finish(exec).status == 128 + SIGKILL);
  // A process that is killed may take a moment to be gone.
  CHECK(bench.shell(NodeId{1}, "for i in $(seq 200); do pgrep -fx 'sleep 100[23]' || exit 0; sleep 0.02; done; exit 1")
            .status == 0);
  CHECK(bench.shell(NodeId{1}, "for i in $(seq 200); do pgrep -fx 'sleep 1001' && exit 0; sleep 0.02; done; exit 1")
            .status == 0);
  bench.spawner.kill_exec(other);
  CHECK(bench.finish(other).status == 128 + SIGKILL);
}

TEST_CASE("a daemon outlives the command that started it", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  CHECK(bench.shell(NodeId{1}, "setsid sleep 1004 & echo started").out == "started\n");
  // The command may end before its child has become `sleep`.
  CHECK(bench.shell(NodeId{1}, "for i in $(seq 200); do pgrep -fx 'sleep 1004' && exit 0; sleep 0.02; done; exit 1")
            .status == 0);
}

TEST_CASE("commands that run when their node ends have ended before it", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1));
  const ExecId exec = bench.begin(NodeId{1}, {"bash", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"});
  REQUIRE(bench.serve_until([&] { return bench.out_so_far(exec) == "ready\n"; }, 10s));
  CHECK(bench.stop(NodeId{1}).why == "stopped; what ignored SIGTERM was killed");
  CHECK(bench.finish(exec, 0s).status == 128 + SIGKILL);
}

}  // namespace labreel
