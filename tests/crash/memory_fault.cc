#include "memory_fault.h"

#include <functional>
#include <memory>
#include <new>
#include <system_error>

#include "allocations.h"
#include "disk_shim.h"
#include "specimen.h"
#include "store/reel_check.h"
#include "store/reel_writer.h"

namespace labreel {
namespace {

constexpr std::uint64_t kEvents = 90;

// Passes on what is appended; only the writer's own allocations count, not those of who made the event.
class CountedSink final : public EventSink {
 public:
  explicit CountedSink(ReelWriter& to) : to_(to) {}
  Seq append(LabTime at, Seq cause, const EventBody& body) override {
    const CountedScope counted;
    return to_.append(at, cause, body);
  }
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override {
    const CountedScope counted;
    return to_.append_frame(at, port, bytes, copies);
  }
  Seq next_seq() const override { return to_.next_seq(); }
  void note(std::string_view kind, std::string_view detail) override {
    const CountedScope counted;
    to_.note(kind, detail);
  }

 private:
  ReelWriter& to_;
};

// Does something that may run out of memory; false if it did.
bool has_memory_for(const std::function<void()>& work) {
  try {
    work();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  } catch (const std::system_error&) {
    return false;
  }
}

struct Recorded {
  bool began = false;
  std::uint64_t events = 0;  // that append() took
  std::string failure;
  Complaint complaint;
};

// An append that finds no memory is tried once more: the reel must be as if it had never been tried.
Recorded record(const std::string& path, const Load& load) {
  Recorded recorded;
  ReelOptions options;
  options.page_bytes = 4096;
  options.ring_pages = 64;
  options.commit_bytes = 8 << 10;
  options.commit_interval_ms = 1;
  std::unique_ptr<ReelWriter> writer;
  recorded.began = has_memory_for([&] {
    const CountedScope counted;
    writer = ReelWriter::create(path, options);
  });
  if (!recorded.began) return recorded;
  CountedSink sink{*writer};
  has_memory_for([&] { sink.note("host", "{}"); });
  for (std::uint64_t seq = 1; seq <= kEvents; ++seq) {
    Seq given;
    const auto append = [&] { given = load.append(sink, seq); };
    if (!has_memory_for(append) && !has_memory_for(append)) break;
    if (given.value != seq) recorded.complaint = "append returned a wrong number";
    recorded.events = seq;
  }
  {
    const CountedScope counted;
    if (!has_memory_for([&] { writer->seal(); })) recorded.complaint = "seal threw";
  }
  const WriterState state = writer->state();
  recorded.events -= state.refused;
  recorded.failure = state.failure;
  return recorded;
}

Complaint writer_complaint(Allocator allocator, FaultSpan span, std::uint64_t nth, bool& was_hit) {
  const ScratchFolder folder;
  const std::string path = folder.file("a.reel");
  const Load load{nth};
  const Holdings before = holdings();
  Complaint complaint;
  {
    Recorded recorded;
    {
      WellDisk disk;
      const DiskShim shim{disk};
      const FailingAllocation failing{allocator, span, nth};
      recorded = record(path, load);
      was_hit = failing.was_hit();
    }
    complaint = recorded.complaint;
    if (!recorded.began && complaint.empty()) {
      if (!was_hit) complaint = "a reel could not be begun without a fault";
      if (!folder.is_empty()) complaint = "a reel that could not be begun left files behind";
    } else if (complaint.empty()) {
      const Prefix prefix = read_prefix(path, load);
      complaint = prefix.complaint.empty() ? check_complaint(path, prefix, load) : prefix.complaint;
      if (complaint.empty() && prefix.events != recorded.events) {
        complaint = std::to_string(recorded.events) + " events were kept, " + std::to_string(prefix.events) + " can be read";
      }
      if (complaint.empty() && !prefix.end.complete && recorded.failure.empty()) complaint = "not sealed, and not said";
    }
  }
  if (complaint.empty() && holdings() != before) complaint = "memory or open files are still held";
  return complaint;
}

// One reel that is read, and what holds if memory runs out meanwhile.
Complaint reader_complaint(const Specimen& specimen, const std::string& scratch, Allocator allocator, FaultSpan span,
                           std::uint64_t nth, bool& was_hit) {
  const Holdings before = holdings();
  Complaint complaint;
  bool was_read = false;
  bool was_refused = false;
  std::uint64_t events = 0;
  {
    const FailingAllocation failing{allocator, span, nth};
    was_refused = !has_memory_for([&] {
      std::optional<Result<ReelReader>> reader;
      std::optional<ReelReader::Cursor> cursor;
      {
        const CountedScope counted;
        reader.emplace(ReelReader::open(specimen.path()));
        if (*reader) cursor.emplace((*reader)->events());
      }
      Event event{};
      while (cursor) {
        std::optional<Result<bool>> more;
        {
          const CountedScope counted;
          more.emplace(cursor->next(event));
        }
        was_read = more->ok();
        if (!*more || !**more) break;
        if (event.seq.value != ++events || !specimen.load().is(event)) complaint = "an event is not what was appended";
      }
      const CountedScope counted;
      was_read = was_read && !(*reader)->end().damage;
      const Result<ReelReport> report = check_reel(specimen.path());
      was_refused = !report || !report->findings.empty();
      const Result<ReelReport> repaired = repair_reel(specimen.path(), scratch + "/b.reel");
    });
    was_hit = failing.was_hit();
  }
  if (was_read && !was_refused && events != specimen.events() && complaint.empty()) complaint = "events are missing in silence";
  if (!was_hit && (was_refused || !was_read) && complaint.empty()) complaint = "it cannot be read without a fault";
  for (const char* const ending : {"", "-journal", "-ring"}) std::filesystem::remove(scratch + "/b.reel" + ending);
  if (complaint.empty() && !std::filesystem::is_empty(scratch)) complaint = "a private copy was left behind";
  if (complaint.empty() && holdings() != before) complaint = "memory or open files are still held";
  return complaint;
}

FaultTally run_all(std::uint64_t step, const std::function<Complaint(std::uint64_t nth, bool& was_hit)>& run) {
  FaultTally tally;
  bool was_hit = false;
  run(~std::uint64_t{0}, was_hit);  // what is made once and kept is made now
  was_hit = true;
  for (std::uint64_t nth = 1; was_hit && tally.complaint.empty(); nth += step) {
    const Complaint complaint = run(nth, was_hit);
    ++tally.runs;
    tally.last_nth = nth;
    if (!complaint.empty()) tally.complaint = "allocation " + std::to_string(nth) + ": " + complaint;
  }
  return tally;
}

}  // namespace

FaultTally run_memory_faults_of_writer(Allocator allocator, FaultSpan span, std::uint64_t step) {
  return run_all(step, [&](std::uint64_t nth, bool& was_hit) { return writer_complaint(allocator, span, nth, was_hit); });
}

FaultTally run_memory_faults_of_readers(Allocator allocator, FaultSpan span, std::uint64_t step) {
  FaultTally all;
  for (const SpecimenState state : {SpecimenState::sealed, SpecimenState::cut_off, SpecimenState::in_commit}) {
    const Specimen specimen{state, 5, kEvents};
    const ScratchFolder scratch;
    const char* const temporary = std::getenv("TMPDIR");
    const std::string old = temporary == nullptr ? "" : temporary;
    ::setenv("TMPDIR", scratch.path().c_str(), 1);
    const FaultTally tally = run_all(step, [&](std::uint64_t nth, bool& was_hit) {
      return reader_complaint(specimen, scratch.path().string(), allocator, span, nth, was_hit);
    });
    if (temporary == nullptr) ::unsetenv("TMPDIR");
    else ::setenv("TMPDIR", old.c_str(), 1);
    all.runs += tally.runs;
    all.last_nth = std::max(all.last_nth, tally.last_nth);
    if (all.complaint.empty()) all.complaint = tally.complaint;
  }
  return all;
}

}  // namespace labreel
