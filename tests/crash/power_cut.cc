#include "power_cut.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <random>
#include <thread>

#include "disk_model.h"
#include "disk_shim.h"
#include "store/open_reel.h"
#include "store/reel_writer.h"

namespace labreel {
namespace {

constexpr std::uint64_t kEvents = 500;
constexpr std::uint64_t kCutsOfOne = 25;  // of one recording
constexpr std::size_t kRingSector_bytes = 512;

void put_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

struct TracedCall {
  DiskOp op;
  bool is_journal;
  bool failed;
  std::uint64_t at;
  std::string bytes;
  std::uint64_t promised;  // events whose COMMIT had returned when the call was made
  std::size_t rings;       // how many states of the ring had been seen
};

// Writes down every call that changes a file.
class TracingDisk final : public DiskWatcher {
 public:
  TracingDisk(std::string ring, std::uint64_t failing_sync) : ring_(std::move(ring)), failing_sync_(failing_sync) {}

  DiskVerdict before(const DiskCall& call) override {
    if (call.op == DiskOp::open || call.op == DiskOp::read) return {};
    const std::lock_guard lock{mutex_};
    const ReelWriter* const writer = writer_.load();
    // The ring's pages are mapped: the kernel writes them when it likes. So what it may have written is any mixture of these.
    if (call.op == DiskOp::sync) rings.push_back(content_of(ring_));
    const bool fails = call.op == DiskOp::sync && writer != nullptr && ++syncs_ == failing_sync_;
    calls.push_back({call.op, call.is_journal, fails, static_cast<std::uint64_t>(call.at), std::string(call.bytes),
                     writer == nullptr ? 0 : writer->state().durable.value, rings.size()});
    return fails ? DiskVerdict{SQLITE_IOERR_FSYNC, EIO} : DiskVerdict{};
  }
  // Before this create() has not returned, and nothing is promised.
  void set_writer(const ReelWriter* writer) {
    const std::lock_guard lock{mutex_};
    if (writer != nullptr) created_at = calls.size();
    writer_ = writer;
  }

  std::vector<TracedCall> calls;
  std::vector<std::string> rings;
  std::size_t created_at = 0;

 private:
  std::mutex mutex_;
  const std::string ring_;
  const std::uint64_t failing_sync_;
  std::uint64_t syncs_ = 0;
  std::atomic<const ReelWriter*> writer_ = nullptr;
};

// What the disk has of a file of which several states were seen, none of them synced.
std::string ring_after_cut(const std::vector<std::string>& rings, std::size_t seen, std::mt19937_64& draw) {
  std::string ring = rings[draw() % seen];
  const bool is_mixed = draw() % 4 != 0;
  for (std::size_t at = 0; is_mixed && at < ring.size(); at += kRingSector_bytes) {
    const std::string& other = rings[draw() % seen];
    const bool is_zero = draw() % 50 == 0;
    if (at + kRingSector_bytes > std::min(ring.size(), other.size())) break;
    if (is_zero) ring.replace(at, kRingSector_bytes, kRingSector_bytes, '\0');
    else ring.replace(at, kRingSector_bytes, other, at, kRingSector_bytes);
  }
  return ring;
}

}  // namespace

struct CutRecording::State {
  explicit State(std::uint64_t seed) : load(seed) {}
  Load load;
  std::uint64_t appended = kEvents;
  std::vector<TracedCall> calls;
  std::vector<std::string> rings;
  std::size_t created_at = 0;
};

CutRecording::CutRecording(std::uint64_t seed, bool fails_sync) : state_(std::make_unique<State>(seed)) {
  std::mt19937_64 draw(seed);
  const ScratchFolder folder;
  const std::string path = folder.file("a.reel");
  TracingDisk disk{ring_path_of(path), fails_sync ? 2 + draw() % 15 : 0};
  const DiskShim shim{disk};
  ReelOptions options;
  options.page_bytes = 4096;
  options.ring_pages = 12 + draw() % 20;
  options.commit_bytes = 4096 * (2 + draw() % 6);
  options.commit_interval_ms = 1 + draw() % 3;
  {
    const auto writer = ReelWriter::create(path, options);
    disk.set_writer(writer.get());
    writer->note("host", "{}");
    for (std::uint64_t seq = 1; seq <= kEvents; ++seq) {
      state_->load.append(*writer, seq);
      if (seq % 25 == 0) std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
    writer->seal();
    state_->appended = writer->state().appended.value;
    disk.set_writer(nullptr);
  }
  // The destructor's own calls promise nothing new.
  std::uint64_t promised = 0;
  for (TracedCall& call : disk.calls) promised = call.promised = std::max(promised, call.promised);
  state_->calls = std::move(disk.calls);
  state_->rings = std::move(disk.rings);
  state_->created_at = disk.created_at;
}

CutRecording::~CutRecording() = default;

PowerCut CutRecording::cut(std::uint64_t seed) const {
  std::mt19937_64 draw(seed);
  const State& recording = *state_;
  // Before the call `end`: all before it were made.
  const std::size_t end = recording.created_at + draw() % (recording.calls.size() - recording.created_at);
  std::array<DiskModel, 2> files;
  for (std::size_t i = 0; i < end; ++i) {
    const TracedCall& call = recording.calls[i];
    DiskModel& file = files[call.is_journal ? 1 : 0];
    if (call.op == DiskOp::write) file.write(call.at, call.bytes);
    if (call.op == DiskOp::truncate) file.truncate(call.at);
    if (call.op == DiskOp::remove) file.remove();
    if (call.op == DiskOp::sync && call.failed) file.fail_sync();
    if (call.op == DiskOp::sync && !call.failed) file.sync();
  }
  ScratchFolder folder;
  const std::string path = folder.file("a.reel");
  put_file(path, files[0].after_cut(draw));
  if (files[1].exists()) put_file(journal_path_of(path), files[1].after_cut(draw));
  const TracedCall& last = recording.calls[end];
  if (last.rings > 0 && draw() % 8 != 0) put_file(ring_path_of(path), ring_after_cut(recording.rings, last.rings, draw));

  WellDisk disk;
  const DiskShim shim{disk};  // a journal is rolled back without syncs: most of the time would go there
  PowerCut cut;
  cut.promised = last.promised;
  cut.was_rolled_back = has_hot_journal(path);
  const Prefix prefix = read_prefix(path, recording.load);
  cut.readable = prefix.events;
  cut.ring_helped = prefix.end.why.find("from the ring") != std::string::npos && prefix.events > cut.promised;
  cut.complaint = prefix.complaint;
  if (cut.complaint.empty() && cut.readable < cut.promised) {
    cut.complaint = "COMMIT had returned for " + std::to_string(cut.promised) + " events, and " +
                    std::to_string(cut.readable) + " can be read: " + prefix.end.why;
  }
  if (cut.complaint.empty() && cut.readable > recording.appended) cut.complaint = "events that were never appended";
  // What is said to be whole must be whole.
  if (cut.complaint.empty() && !prefix.end.damage) cut.complaint = check_complaint(path, prefix, recording.load);
  if (!cut.complaint.empty()) {
    folder.keep();
    cut.complaint += " (cut before call " + std::to_string(end) + ", kept in " + folder.path().string() + ")";
  }
  return cut;
}

CutTally run_power_cuts(std::uint64_t cuts, std::uint64_t seed) {
  CutTally tally;
  std::unique_ptr<CutRecording> recording;
  for (; tally.cuts < cuts; ++tally.cuts, ++seed) {
    // Every second recording meets an fsync that fails.
    if (tally.cuts % kCutsOfOne == 0) recording = std::make_unique<CutRecording>(seed, tally.cuts / kCutsOfOne % 2 == 1);
    const PowerCut cut = recording->cut(seed);
    tally.rolled_back += cut.was_rolled_back ? 1 : 0;
    tally.from_ring += cut.ring_helped ? 1 : 0;
    tally.promised += cut.promised;
    tally.readable += cut.readable;
    if (!cut.complaint.empty()) {
      tally.complaint = cut.complaint;
      tally.failed_seed = seed;
      break;
    }
  }
  return tally;
}

std::string words_of(const CutTally& tally) {
  std::string words = std::to_string(tally.cuts) + " power cuts, " + std::to_string(tally.rolled_back) +
                      " journals rolled back, " + std::to_string(tally.from_ring) + " rings with more than the reel; of " +
                      std::to_string(tally.promised) + " promised events, " + std::to_string(tally.readable) + " were read";
  if (tally.complaint.empty()) return words;
  return words + "; FAILED at seed " + std::to_string(tally.failed_seed) + ": " + tally.complaint;
}

}  // namespace labreel
