#include "fault_run.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>

#include "store/reel_writer.h"
#include "tests/waits_for.h"

namespace labreel {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kEvents = 400;

class FaultyDisk final : public DiskWatcher {
 public:
  explicit FaultyDisk(const Fault& fault) : fault_(fault) {}

  DiskVerdict before(const DiskCall& call) override {
    const std::lock_guard lock{mutex_};
    if (watches_quiet_ && call.op != DiskOp::read) ++calls_after_quiet_;
    if (call.op == DiskOp::write || call.op == DiskOp::truncate) is_dirty_[call.is_journal] = true;
    if (call.op != fault_.op || is_well_) return {};
    ++calls_;
    const bool fails = fault_.span == FaultSpan::once ? calls_ == fault_.nth : calls_ >= fault_.nth;
    if (fails) {
      was_hit_ = true;
      mattered_ = mattered_ || call.op != DiskOp::sync || is_dirty_[call.is_journal];
    } else if (call.op == DiskOp::sync) {
      is_dirty_[call.is_journal] = false;
    }
    return fails ? fault_.verdict : DiskVerdict{};
  }
  void heal() {
    const std::lock_guard lock{mutex_};
    is_well_ = true;
  }
  bool was_hit() const {
    const std::lock_guard lock{mutex_};
    return was_hit_;
  }
  // False if only syncs failed before which nothing had been written: SQLite makes one when it closes a journal.
  bool mattered() const {
    const std::lock_guard lock{mutex_};
    return mattered_;
  }
  // From now on nobody should write.
  void expect_quiet() {
    const std::lock_guard lock{mutex_};
    watches_quiet_ = true;
  }
  void stop_expecting() {
    const std::lock_guard lock{mutex_};
    watches_quiet_ = false;
  }
  std::uint64_t calls_after_quiet() const {
    const std::lock_guard lock{mutex_};
    return calls_after_quiet_;
  }

 private:
  mutable std::mutex mutex_;
  const Fault fault_;
  std::uint64_t calls_ = 0;
  std::uint64_t calls_after_quiet_ = 0;
  bool was_hit_ = false;
  bool mattered_ = false;
  bool is_dirty_[2] = {false, false};  // written since the last sync; by is_journal
  bool is_well_ = false;
  bool watches_quiet_ = false;
};

// What the writer said at its end.
struct Recording {
  bool created = false;
  bool failure_was_said = false;
  WriterState state;
  Complaint complaint;
};

bool is_want_of_room(const Fault& fault) { return fault.verdict.code == SQLITE_FULL; }
// After which nothing may be written. (A write that failed may be repeated: the whole transaction is.)
bool is_final(const Fault& fault) { return fault.op == DiskOp::sync; }

Recording record(const std::string& path, const Fault& fault, FaultyDisk& disk, const Load& load) {
  Recording recording;
  ReelOptions options;
  options.page_bytes = 4096;
  options.ring_pages = fault.nth % 2 == 1 ? 64 : 8;
  options.commit_bytes = 16 << 10;
  options.commit_interval_ms = 2;
  std::atomic<bool> was_said = false;
  options.on_failure = [&](const std::string&) {
    if (fault.span == FaultSpan::until_said) disk.heal();
    if (is_final(fault)) disk.expect_quiet();
    was_said = true;
  };
  std::unique_ptr<ReelWriter> writer;
  try {
    writer = ReelWriter::create(path, options);
  } catch (const std::system_error&) {
    return recording;
  }
  recording.created = true;
  std::uint64_t durable_when_said = 0;
  for (std::uint64_t seq = 1; seq <= kEvents; ++seq) {
    if (load.append(*writer, seq).value != seq) recording.complaint = "append returned a wrong number";
    if (seq % 40 == 0) std::this_thread::sleep_for(milliseconds(1));
    if (was_said && durable_when_said == 0) durable_when_said = writer->state().durable.value;
  }
  // Whoever waits for room gets it back: everything becomes durable, and the failure goes away.
  const bool recovers = is_want_of_room(fault) && fault.span != FaultSpan::for_good && writer->state().refused == 0;
  if (recovers && !waits_for([&] {
        const WriterState now = writer->state();
        return now.failure.empty() && now.durable.value == kEvents;
      })) {
    recording.complaint = "there is room again, but the writer did not go on: " + writer->state().failure;
  }
  writer->seal();
  recording.state = writer->state();
  recording.failure_was_said = was_said;
  disk.stop_expecting();
  if (disk.calls_after_quiet() > 0) recording.complaint = "the writer went on writing after it gave up";
  if (durable_when_said != 0 && is_final(fault) && recording.state.durable.value != durable_when_said) {
    recording.complaint = "events became durable after a failed fsync";
  }
  if (recording.state.appended.value + recording.state.refused != kEvents) recording.complaint = "events were not counted";
  return recording;
}

// What the writer may not keep to itself. (A recording works on without some reads, opens and removals.)
Complaint silence_complaint(const Fault& fault, const FaultyDisk& disk, const Recording& recording) {
  const bool matters = (fault.op == DiskOp::write || fault.op == DiskOp::sync) && disk.mattered();
  if (matters && !recording.failure_was_said) return "the failure was not said";
  if (matters && is_final(fault) && recording.state.failure.empty()) return "the failure did not stay";
  return {};
}

}  // namespace

FaultRun run_with_fault(const Fault& fault) {
  FaultRun run;
  ScratchFolder folder;
  const std::string path = folder.file("a.reel");
  const Load load{fault.nth};
  Recording recording;
  {
    FaultyDisk disk{fault};
    const DiskShim shim{disk};
    recording = record(path, fault, disk, load);
    run.was_hit = disk.was_hit();
    if (recording.created && run.was_hit && recording.complaint.empty()) {
      recording.complaint = silence_complaint(fault, disk, recording);
    }
  }
  run.complaint = recording.complaint;
  if (!recording.created) {
    if (!run.was_hit) run.complaint = "a reel could not be begun without a fault";
    if (!folder.is_empty()) run.complaint = "a reel that could not be begun left files behind";
    return run;
  }
  const Prefix prefix = read_prefix(path, load);
  if (run.complaint.empty()) run.complaint = prefix.complaint;
  if (run.complaint.empty() && prefix.end.damage) run.complaint = "damage: " + prefix.end.damage->what;
  if (run.complaint.empty() && prefix.events != recording.state.appended.value) {
    run.complaint = std::to_string(recording.state.appended.value) + " events were kept, " + std::to_string(prefix.events) +
                    " can be read";
  }
  if (run.complaint.empty() && recording.state.failure.empty() && !prefix.end.complete) run.complaint = "the reel is not sealed";
  if (run.complaint.empty()) run.complaint = check_complaint(path, prefix, load);
  return run;
}

FaultTally run_all_faults(DiskOp op, DiskVerdict verdict, FaultSpan span, std::uint64_t step) {
  FaultTally tally;
  for (std::uint64_t nth = 1;; nth += step) {
    const FaultRun run = run_with_fault({op, verdict, span, nth});
    ++tally.runs;
    tally.last_nth = nth;
    if (!run.complaint.empty()) {
      tally.complaint = "call " + std::to_string(nth) + ": " + run.complaint;
      return tally;
    }
    if (!run.was_hit) return tally;
  }
}

}  // namespace labreel
