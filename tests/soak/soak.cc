// A real lab for minutes or hours: traffic, commands, restarts of a node, a recorder that is stopped for a moment. Then: flat
// memory, no descriptor or process more than at first, and a reel that accounts for every frame.
#include <fmt/format.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "tests/cli/program.h"
#include "tests/soak/accounts.h"
#include "tests/soak/vitals.h"

namespace labreel::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// What may grow in the recorder: a number a page, a hash for 4,096 events, a row a marker or checkpoint, its host notes.
constexpr std::uint64_t kGrowthMax_kib = 4'096;
constexpr int kStall_ms = 400;  // the loop calls a stall what is longer than 50 ms

constexpr const char* kLab = R"(name: soak
topology:
  nodes:
    h1: {ports: {counted: {address: [10.0.0.1/24]}, cable: {address: [10.0.1.1/24]}}}
    h2: {ports: {eth0: {address: [10.0.0.2/24]}, cable: {address: [10.0.1.2/24]}}}
    h3: {ports: {eth0: {address: [10.0.0.3/24]}}}
  links:
    - {endpoints: ["h1:cable", "h2:cable"], delay: 2ms, loss: 1%, rate: 50mbit}
  lans:
    office: {ports: ["h1:counted", "h2:eth0", "h3:eth0"]}
)";

class Soak {
 public:
  explicit Soak(double minutes) : ends_(Clock::now() + milliseconds{static_cast<long>(minutes * 60'000)}), began_(Clock::now()) {
    folder_.write("lab.yml", kLab);
  }

  int run() {
    BackgroundProgram lab{{labreel_binary(), "run", "lab.yml"}, folder_.path()};
    if (!lab.wait_for_err("runs until it is stopped")) return fail("the lab does not start: " + lab.err_so_far());
    {
      BackgroundProgram steady{{labreel_binary(), "exec", "h1", "--", "ping", "-q", "-i", "0.02", "-s", "1000", "10.0.0.3"},
                               folder_.path()};
      fill_caches();
      do {
        do_cycle(lab.pid());
        take_vitals(lab.pid());
      } while (Clock::now() < ends_ && faults_ == 0);
    }
    count_at_the_node();
    must_do({"stop"});
    const ProgramResult ended = lab.wait(60);
    if (ended.status != 0) fail(fmt::format("the recorder ends with {}: {}", ended.status, ended.err));
    check_reel();
    return faults_ == 0 ? 0 : 1;
  }

 private:
  int fail(const std::string& what) {
    fmt::print("FAILED after {} cycles: {}\n", cycles_, what);
    ++faults_;
    return 1;
  }

  ProgramResult must_do(const std::vector<std::string>& words) {
    ProgramResult done = labreel(words, folder_.path());
    if (done.status != 0) {
      fail(fmt::format("labreel {}: exit {}: {}{}", fmt::join(words, " "), done.status, done.out, done.err));
    }
    return done;
  }

  // More than the ring and a whole group commit, at once: later bursts need no more memory.
  void fill_caches() {
    must_do({"exec", "h1", "--", "sh", "-c", "ping -q -f -l 10 -c 1000 -s 60000 -W 1 10.0.0.2 || true"});
  }

  void do_cycle(pid_t recorder) {
    ++cycles_;
    must_do({"mark", fmt::format("cycle-{}", cycles_)});
    must_do({"exec", "h1", "--", "ping", "-q", "-f", "-c", "1000", "-s", "200", "10.0.0.2"});
    must_do({"link", "down", "h1:cable"});
    must_do({"exec", "h2", "--", "sh", "-c", "ping -q -c 5 -i 0.01 -W 1 10.0.1.1; seq 2000"});
    must_do({"link", "up", "h1:cable"});
    must_do({"link", "set", "h1:cable", fmt::format("delay={}ms", cycles_ % 7)});
    must_do({"exec", "h2", "--", "sh", "-c", "ping -q -c 200 -i 0.002 10.0.1.1 || true"});
    if (cycles_ % 3 == 0) {
      must_do({"node", "stop", "h3"});
      must_do({"node", "start", "h3"});
      ++restarts_;
    }
    if (cycles_ % 10 == 5) stall(recorder);
  }

  // A burst that finds the recorder asleep: more than the kernel keeps for it.
  void stall(pid_t recorder) {
    BackgroundProgram burst{{labreel_binary(), "exec", "h1", "--", "sh", "-c",
                             "echo ready; sleep 0.1; ping -q -l 5000 -c 5000 -W 1 10.0.0.2"},
                            folder_.path()};
    if (!burst.wait_for_out("ready")) fail("the burst does not begin: " + burst.err_so_far());
    ::kill(recorder, SIGSTOP);
    std::this_thread::sleep_for(milliseconds{kStall_ms});
    ::kill(recorder, SIGCONT);
    ++stalls_;
    burst.wait(60);
  }

  // Between commands only the recorder, its spawner, the nodes and the steady ping are there.
  void take_vitals(pid_t recorder) {
    Vitals now = vitals_of(recorder);
    const auto has_more = [&] { return now.processes > first_.processes || now.descriptors > first_.descriptors; };
    for (int i = 0; i < 100 && cycles_ > 1 && has_more(); ++i) {
      std::this_thread::sleep_for(milliseconds{20});
      now = vitals_of(recorder);
    }
    if (cycles_ == 1) first_ = now;
    if (now.processes > first_.processes) fail(fmt::format("{} processes, {} at first", now.processes, first_.processes));
    if (now.descriptors > first_.descriptors) {
      fail(fmt::format("{} descriptors, {} at first", now.descriptors, first_.descriptors));
    }
    // Until a fourth of the time: caches, and the writer's buffers.
    const bool warm = Clock::now() - began_ > (ends_ - began_) / 4;
    if (!warm || warm_.processes == 0) warm_ = now;
    if (now.memory_kib > warm_.memory_kib + kGrowthMax_kib) {
      fail(fmt::format("{} KiB of memory, {} after warming up", now.memory_kib, warm_.memory_kib));
    }
    if (cycles_ % 20 == 1) print(now);
    last_ = now;
  }

  void print(const Vitals& now) const {
    fmt::print("{:5} s, cycle {:4}: {} processes, {} descriptors, {} KiB ({} in the recorder)\n",
               std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began_).count(), cycles_, now.processes,
               now.descriptors, now.memory_kib, now.recorder_memory_kib);
    std::fflush(stdout);
  }

  // The kernel's own count of what the port sent, between two markers.
  void count_at_the_node() {
    must_do({"mark", "counted-from"});
    const std::string folder = "/sys/class/net/counted/statistics/";
    const ProgramResult counts = must_do({"exec", "h1", "--", "cat", folder + "tx_packets", folder + "tx_dropped"});
    must_do({"mark", "counted-to"});
    char* rest = nullptr;
    sent_ = std::strtoull(counts.out.c_str(), &rest, 10);
    dropped_ = std::strtoull(rest, nullptr, 10);
  }

  void check_reel() {
    const std::string path = folder_ / "soak.reel";
    const Result<Accounts> read = accounts_of(path, "counted");
    if (!read) {
      fail("the reel: " + read.error().what);
      return;
    }
    const Accounts& reel = *read;
    fmt::print("{} cycles, {} restarts, {} stalls made; reel: {} events, {} frames, {} checkpoints, {} stalls, {} frames lost "
               "before the fabric\n", cycles_, restarts_, stalls_, reel.events, reel.frames, reel.checkpoints, reel.stalls,
               reel.lost_before_fabric);
    print(last_);
    const auto must_be = [&](bool holds, const std::string& what) {
      if (!holds) fail(what);
    };
    must_be(reel.marks.size() == cycles_ + 2, fmt::format("{} markers", reel.marks.size()));
    must_be(reel.starts == 3 + restarts_, fmt::format("{} nodes started", reel.starts));
    must_be(reel.stalls >= stalls_, "a stall is not in the reel");
    must_be(reel.lost_before_fabric == dropped_, fmt::format("the node's port dropped {} frames", dropped_));
    must_be(stalls_ == 0 || dropped_ > 0, "no burst was too large for the kernel's queue: nothing is tested");
    const std::uint64_t from = reel.marks.at("counted-from");
    const std::uint64_t to = reel.marks.at("counted-to");
    must_be(from <= sent_ && sent_ <= to,
            fmt::format("the node's port sent {} frames, the reel has {} to {}", sent_, from, to));
    must_be(must_do({"verify", path}).out.find("identical") != std::string::npos, "verify does not say identical");
  }

  TestFolder folder_;
  const Clock::time_point ends_;
  const Clock::time_point began_;
  std::uint64_t cycles_ = 0;
  std::uint64_t restarts_ = 0;
  std::uint64_t stalls_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t dropped_ = 0;
  int faults_ = 0;
  Vitals first_;
  Vitals warm_;
  Vitals last_;
};

}  // namespace
}  // namespace labreel::test

int main(int argc, char** argv) {
  double minutes = 60;
  CLI::App app{"Runs a real lab for a long time and looks for leaks and losses"};
  app.add_option("--minutes", minutes, "For so long");
  CLI11_PARSE(app, argc, argv);
  return labreel::test::Soak{minutes}.run();
}
