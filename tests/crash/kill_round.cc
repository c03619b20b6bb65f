#include "kill_round.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <new>
#include <random>
#include <system_error>
#include <thread>

#include "store/open_reel.h"
#include "store/page.h"
#include "store/reel_writer.h"

namespace labreel {
namespace {

using std::chrono::microseconds;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kPage_bytes = 4096;

// What the child tells, in memory that outlives it.
struct Told {
  std::atomic<std::uint64_t> returned;
  std::atomic<std::uint64_t> uncommitted_bytes;
};

class SharedTold {
 public:
  SharedTold() {
    void* const memory = ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "share memory with the child");
    told_ = new (memory) Told{};
  }
  ~SharedTold() { ::munmap(told_, sizeof(Told)); }
  SharedTold(const SharedTold&) = delete;
  SharedTold& operator=(const SharedTold&) = delete;
  Told* operator->() { return told_; }

 private:
  Told* told_;
};

// How one round goes, drawn from its seed.
struct Plan {
  explicit Plan(std::uint64_t seed) {
    std::mt19937_64 draw(seed);
    options.page_bytes = kPage_bytes;
    options.ring_pages = 16 + draw() % 112;
    options.commit_bytes = kPage_bytes * (4 + draw() % 60);
    options.commit_interval_ms = 2 + draw() % 30;
    pause_every = draw() % 4 == 0 ? 0 : 5 + draw() % 60;  // 0: as fast as it goes
    kill_after_events = draw() % 3000;
    kill_after_pages = kUncommittedPagesMin + 1 + draw() % 6;
    kill_delay = microseconds(draw() % 3000);
  }
  ReelOptions options;
  std::uint64_t pause_every;
  std::uint64_t kill_after_events;
  std::uint64_t kill_after_pages;
  microseconds kill_delay;
};

[[noreturn]] void record_for_ever(const std::string& path, const Plan& plan, const Load& load, Told& told) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto writer = ReelWriter::create(path, plan.options);
  writer->note("host", "{}");
  std::vector<std::uint64_t> bytes_up_to{0};
  for (std::uint64_t seq = 1;; ++seq) {
    const Seq returned = load.append(*writer, seq);
    told.returned.store(returned.value, std::memory_order_release);
    bytes_up_to.push_back(bytes_up_to.back() + sizeof(Record) + load.payload_bytes(seq));
    told.uncommitted_bytes.store(bytes_up_to.back() - bytes_up_to[writer->state().durable.value], std::memory_order_relaxed);
    if (plan.pause_every != 0 && seq % plan.pause_every == 0) std::this_thread::sleep_for(microseconds(200));
  }
}

// Kills when enough is appended and uncommitted, a little later; in any case after ten seconds.
bool wait_and_kill(pid_t child, const Plan& plan, SharedTold& told) {
  const Clock::time_point limit = Clock::now() + std::chrono::seconds(10);
  bool in_time = true;
  const auto is_ripe = [&] {
    return told->returned.load(std::memory_order_acquire) > plan.kill_after_events &&
           told->uncommitted_bytes.load(std::memory_order_relaxed) >= plan.kill_after_pages * kPage_bytes;
  };
  while (in_time && !is_ripe()) {
    in_time = Clock::now() < limit;
    std::this_thread::sleep_for(microseconds(20));
  }
  const Clock::time_point at = Clock::now() + plan.kill_delay;
  while (Clock::now() < at) {
  }
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  return in_time && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

// How many full pages events `from` to `to` make.
std::uint64_t full_pages(const Load& load, std::uint64_t from, std::uint64_t to) {
  std::uint64_t pages = 0;
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
  for (std::uint64_t seq = from; seq <= to; ++seq) {
    const std::uint64_t more = load.payload_bytes(seq);
    if (count > 0 && page_size_of(count + 1, bytes + more) > kPage_bytes) {
      ++pages;
      count = bytes = 0;
    }
    ++count;
    bytes += more;
  }
  return pages;
}

// What the reel holds without its ring.
std::uint64_t committed_in(const std::string& path, const std::string& copy) {
  std::filesystem::copy_file(path, copy);
  if (std::filesystem::exists(journal_path_of(path))) {
    std::filesystem::copy_file(journal_path_of(path), journal_path_of(copy));
  }
  const Result<ReelReader> reader = ReelReader::open(copy);
  return reader ? reader->end().last.value : 0;
}

Complaint complaint_about(const KillRound& round, const Prefix& prefix) {
  if (!prefix.complaint.empty()) return prefix.complaint;
  if (prefix.end.damage) return "damage: " + prefix.end.damage->place + ": " + prefix.end.damage->what;
  if (round.readable < round.returned) {
    return "event " + std::to_string(round.readable + 1) + " is lost, though append had returned up to event " +
           std::to_string(round.returned);
  }
  // The one that was being appended may be whole.
  if (round.readable > round.returned + 1) return "the reel has events that were never appended";
  if (prefix.end.complete || prefix.end.why.find("the recorder was killed") == std::string::npos) {
    return "the end does not say that the recorder was killed: " + prefix.end.why;
  }
  if (prefix.end.why.find(std::to_string(round.readable - round.committed) + " event") == std::string::npos) {
    return "the end does not say how many events the ring held: " + prefix.end.why;
  }
  return {};
}

// Goes on with what the killed child left, and seals it: both parts must be there.
Complaint complaint_of_going_on(const std::string& path, const Plan& plan, const Load& load, std::uint64_t readable) {
  constexpr std::uint64_t kMoreEvents = 300;
  {
    const Result<std::unique_ptr<ReelWriter>> writer = ReelWriter::reopen(path, plan.options);
    if (!writer) return "the reel cannot be continued: " + writer.error().what;
    for (std::uint64_t seq = readable + 1; seq <= readable + kMoreEvents; ++seq) {
      if (load.append(**writer, seq).value != seq) return "the continued reel counts on from another event";
    }
    (*writer)->seal();
    if (!(*writer)->state().failure.empty()) return "the continued reel is not sealed: " + (*writer)->state().failure;
  }
  const Prefix whole = read_prefix(path, load);
  if (!whole.complaint.empty()) return "the continued reel: " + whole.complaint;
  if (whole.events != readable + kMoreEvents) return "the continued reel has " + std::to_string(whole.events) + " events";
  if (!whole.end.complete) return "the continued reel does not end sealed: " + whole.end.why;
  return check_complaint(path, whole, load);
}

}  // namespace

KillRound run_kill_round(std::uint64_t seed) {
  const Plan plan{seed};
  const Load load{seed};
  ScratchFolder folder;
  const std::string path = folder.file("a.reel");
  SharedTold told;
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    try {
      record_for_ever(path, plan, load, *told.operator->());
    } catch (...) {
      ::_exit(1);
    }
  }
  KillRound round;
  if (!wait_and_kill(child, plan, told)) round.complaint = "the child did not record";
  if (round.complaint.empty()) {
    round.returned = told->returned.load(std::memory_order_acquire);
    round.journal_was_hot = has_hot_journal(path);
    round.committed = committed_in(path, folder.file("without-ring.reel"));
    const Prefix prefix = read_prefix(path, load);
    round.readable = prefix.events;
    round.uncommitted_pages = full_pages(load, round.committed + 1, round.returned);
    round.complaint = complaint_about(round, prefix);
    if (round.complaint.empty()) round.complaint = check_complaint(path, prefix, load);
    // It takes as long as the rest of the round.
    const bool repairs = seed % 4 == 0;
    if (repairs && round.complaint.empty()) round.complaint = repair_complaint(path, folder.file("repaired.reel"), prefix, load);
    if (round.complaint.empty()) round.complaint = complaint_of_going_on(path, plan, load, round.readable);
  }
  if (!round.complaint.empty()) {
    folder.keep();
    round.complaint += " (kept in " + folder.path().string() + ")";
  }
  return round;
}

KillTally run_kill_rounds(std::uint64_t rounds, std::uint64_t seed) {
  KillTally tally;
  for (; tally.rounds < rounds && tally.complaint.empty(); ++seed) {
    const KillRound round = run_kill_round(seed);
    tally.events += round.readable;
    tally.in_commit += round.journal_was_hot ? 1 : 0;
    if (!round.complaint.empty()) {
      tally.complaint = round.complaint;
      tally.failed_seed = seed;
    } else if (round.uncommitted_pages < kUncommittedPagesMin) {
      // On a machine where this is the rule the harness proves nothing.
      if (++tally.too_early > rounds + 20) tally.complaint = "too many kills landed too early";
    } else {
      ++tally.rounds;
      tally.pages_min = std::min(tally.pages_min, round.uncommitted_pages);
      tally.pages_max = std::max(tally.pages_max, round.uncommitted_pages);
    }
  }
  return tally;
}

std::string words_of(const KillTally& tally) {
  const std::uint64_t pages_min = std::min(tally.pages_min, tally.pages_max);
  std::string words = std::to_string(tally.rounds) + " kills with " + std::to_string(pages_min) + " to " +
                      std::to_string(tally.pages_max) + " full pages uncommitted, " + std::to_string(tally.in_commit) +
                      " kills inside a COMMIT, " + std::to_string(tally.too_early) + " kills too early (checked, not counted), " +
                      std::to_string(tally.events) + " events";
  if (tally.complaint.empty()) return words;
  return words + "; FAILED: " + tally.complaint + "; again: crash_rounds --rounds 1 --seed " + std::to_string(tally.failed_seed);
}

}  // namespace labreel
