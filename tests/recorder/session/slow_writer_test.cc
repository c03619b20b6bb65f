// A lossy recording into a real reel whose disk stands still: what the ring holds, what a kill leaves.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/lab/lab_file.h"
#include "recorder/session/continuation.h"
#include "replay/final_outcomes.h"
#include "replay/info.h"
#include "replay/reel_log.h"
#include "replay/verify.h"
#include "store/reel_check.h"
#include "store/reel_writer.h"
#include "tests/crash/disk_shim.h"
#include "tests/crash/prefix.h"
#include "tests/determinism/reel_oracle.h"
#include "tests/recorder/session/lossy_lab.h"

namespace labreel::test {
namespace {

// A disk whose writes wait while it stands still.
class StillDisk final : public DiskWatcher {
 public:
  void stand_still() { set(true); }
  void go_on() { set(false); }
  DiskVerdict before(const DiskCall& call) override {
    std::unique_lock lock{mutex_};
    if (call.op == DiskOp::write) changed_.wait(lock, [this] { return !stands_still_; });
    return {};
  }

 private:
  void set(bool still) {
    const std::lock_guard lock{mutex_};
    stands_still_ = still;
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stands_still_ = false;
};

ReelOptions small_ring() {
  ReelOptions options;
  options.page_bytes = 4096;
  options.ring_pages = 64;
  options.commit_bytes = 16 << 10;
  options.commit_interval_ms = 2;
  return options;
}

const std::string kLong = lab_frame(3, 4, 1'000);

// Records a lab until `frames` frames were not recorded, because the disk stands still.
struct Behind {
  explicit Behind(const std::string& path)
      : writer(ReelWriter::create(path, small_ring())),
        lab(
            *writer, [this] { return writer->backlog_percent(); }, CableSettings{.delay_ns = kMs},
            writer->event_bytes_max()) {}
  void fall_behind(std::uint64_t frames) {
    while (lab.sink.left_out().unrecorded < frames) {
      lab.send(kLinkA, kLong);
      if (++sent % 50 == 0) lab.pass_ms();
    }
  }
  void catch_up() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (writer->backlog_percent() >= 25 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    lab.pass_ms(3);
  }
  std::unique_ptr<ReelWriter> writer;
  LossyLab lab;
  std::uint64_t sent = 0;
};

std::vector<VerifiedRange> ranges_of(const ReelLog& log) {
  const auto source = log.events();
  const auto result = verify_fabric(*source, log.complete());
  INFO((result ? "" : result.error().what));
  REQUIRE(result);
  CHECK(result->identical());
  const auto counts = tally(log);
  REQUIRE(counts);
  CHECK(counts->holds());
  return result->ranges;
}

}  // namespace

TEST_CASE("a disk that stands still costs payloads, then frames, and what is left is counted and proved", "[lossy]") {
  const ScratchFolder folder;
  const std::string path = folder.file("a.reel");
  StillDisk disk;
  const DiskShim shim{disk};
  LeftOut left_out;
  std::uint64_t sent = 0;
  {
    Behind it{path};
    for (int round = 1; round <= 3; ++round) {
      disk.stand_still();
      it.fall_behind(static_cast<std::uint64_t>(round) * 100);
      disk.go_on();
      it.catch_up();
      for (int i = 0; i < 10; ++i) it.lab.send(kLinkA, kLong);
      it.lab.pass_ms(2);
      it.sent += 10;
    }
    it.lab.end();
    left_out = it.lab.sink.left_out();
    sent = it.sent;
    CHECK(it.writer->state().waits == 0);  // the lab never waited
    it.writer->seal();
    REQUIRE(it.writer->state().failure.empty());
  }
  CHECK(left_out.unrecorded == 300);
  CHECK(left_out.cut_short > 100);
  const auto report = check_reel(path);
  REQUIRE(report);
  CHECK(report->findings.empty());
  const auto reel = ReelReader::open(path);
  REQUIRE(reel);
  const ReelLog log{*reel};
  const auto info = summarise(log);
  REQUIRE(info);
  CHECK(info->unrecorded == left_out.unrecorded);
  CHECK(info->cut_short == left_out.cut_short);
  CHECK(info->frames + info->unrecorded == sent);
  CHECK(info->gaps == 3);
  CHECK(ranges_of(log).size() == 4);
  CHECK(fault_of_reels_in(folder.path()) == "");
}

TEST_CASE("a kill while frames are not recorded leaves an exact prefix that verifies", "[lossy]") {
  const bool gap_is_told = GENERATE(false, true);
  const ScratchFolder folder;
  const std::string path = folder.file("a.reel");
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    StillDisk disk;
    const DiskShim shim{disk};
    Behind it{path};
    disk.stand_still();
    it.fall_behind(50);
    if (gap_is_told) it.lab.sink.append(it.lab.loop.now(), {}, Marker{"in-the-gap", ""});
    const std::uint64_t last = it.writer->next_seq().value - 1;
    if (::write(ends[1], &last, sizeof last) != sizeof last) ::_exit(1);
    for (;;) ::pause();
  }
  std::uint64_t last = 0;
  const bool told = ::read(ends[0], &last, sizeof last) == sizeof last;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  REQUIRE(told);

  const auto reel = ReelReader::open(path);
  REQUIRE(reel);
  CHECK_FALSE(reel->end().damage);
  CHECK(reel->end().last.value == last);
  const ReelLog log{*reel};
  const auto ranges = ranges_of(log);
  REQUIRE(ranges.size() == 1);
  CHECK(ranges[0].to.value == (gap_is_told ? last - 2 : last));
  const auto info = summarise(log);
  REQUIRE(info);
  CHECK(info->unrecorded == (gap_is_told ? 50 : 0));
  const auto report = check_reel(path);
  REQUIRE(report);
  CHECK(report->findings.empty());
  CHECK_FALSE(report->complete);
  const std::string in_gap = "; it ends in the gap of event " + std::to_string(last - 1) + ": what lies behind it is not proved";
  CHECK((report->summary.find(in_gap) != std::string::npos) == gap_is_told);
  CHECK_THAT(report->summary, Catch::EndsWith("; frames were not recorded when it ended"));
  // The host note says that frames were left out, even where the kill took the gap.
  REQUIRE_FALSE(reel->notes().empty());
  CHECK(reel->notes().back().detail.find(R"("keeps":"nothing")") != std::string::npos);
  CHECK(fault_of_reels_in(folder.path()) == "");
  const auto file = parse_lab_file("name: lossy\nseed: 7\ntopology: {nodes: {a: }}\n", "lab.yml");
  REQUIRE(file);
  const auto continuation = read_continuation(path, *file);
  INFO((continuation ? "" : continuation.error().what));
  REQUIRE(continuation);
  CHECK(continuation->last.value == last);
  CHECK(continuation->old_run.unproved.has_value() == gap_is_told);
  const auto again = ReelWriter::reopen(path, small_ring());
  REQUIRE(again);
  (*again)->seal();
  CHECK((*again)->state().failure.empty());
}

}  // namespace labreel::test
