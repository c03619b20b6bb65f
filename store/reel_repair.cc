#include <algorithm>
#include <cstdio>
#include <iterator>
#include <system_error>

#include "engine/text/host_notes.h"
#include "store/blobs.h"
#include "store/open_reel.h"
#include "store/packed_files.h"
#include "store/reel_check.h"
#include "store/reel_writer.h"

namespace labreel {
namespace {

// A hole of more events than this is not filled: the pages behind it lie about their numbers.
constexpr std::uint64_t kHoleMax = 1'000'000;

// Copies what can be read of one reel into another.
//
// Every event keeps its number, since causes, outcomes and checkpoints name events by it: so for each event that was lost
// stands one `gap`.
class Repair {
 public:
  Repair(std::shared_ptr<OpenReel> from, ReelWriter& to) : from_(std::move(from)), to_(to) {}

  std::vector<ReelFinding> run() {
    copy_prefix();
    if (!findings_.empty()) copy_rest();
    copy_notes(from_->notes().size());
    return std::move(findings_);
  }

 private:
  void find(const Error& error) { findings_.push_back({error.place, error.what}); }

  // Host notes keep their place between the events.
  void copy_notes_after(std::uint64_t seq) {
    std::size_t end = next_note_;
    while (end < from_->notes().size() && from_->notes()[end].after.value <= seq) ++end;
    copy_notes(end);
  }
  void copy_notes(std::size_t end) {
    for (; next_note_ < end; ++next_note_) to_.note(from_->notes()[next_note_].kind, from_->notes()[next_note_].detail);
  }

  void copy_prefix() {
    PagePtr page;
    while (copied_ < from_->end().last.value) {
      Result<PagePtr> next = from_->page_with(Seq{copied_ + 1}, page.get());
      if (!next) return find(next.error());
      page = std::move(*next);
      copy_page(*page);
    }
    if (from_->end().damage) find(*from_->end().damage);
  }

  // The pages behind the damage that their own hashes vouch for, then the ring's.
  void copy_rest() {
    for (const std::uint64_t first : from_->page_seqs_behind(copied_)) {
      if (const Result<PagePtr> page = from_->lone_page(first)) copy_lone(**page);
    }
    for (const PagePtr& page : from_->ring_pages()) copy_lone(*page);
    copy_notes_after(copied_);
    add_gap("damaged: nothing behind event " + std::to_string(copied_) + " can be read");
  }

  void copy_lone(const LoadedPage& page) {
    const std::uint64_t first = std::max(page.head().first_seq, copied_ + 1);
    const bool follows = first <= page.head().last_seq() && first - copied_ - 1 <= kHoleMax &&
                         page.view->record(first).time_ns >= last_time_.ns;
    if (!follows) return;
    fill_up_to(first - 1);
    copy_page(page);
  }

  void add_gap(const std::string& reason) { to_.append(last_time_, Seq{}, Gap{GapPlace::reel, 0, reason, kNoPort}); }

  void fill_up_to(std::uint64_t seq) {
    const std::string reason = "damaged: events " + std::to_string(copied_ + 1) + " to " + std::to_string(seq) + " cannot be read";
    for (; copied_ < seq; ++copied_) {
      copy_notes_after(copied_);
      add_gap(reason);
    }
  }

  // From the next event on.
  void copy_page(const LoadedPage& page) {
    Event event{};
    for (std::uint64_t seq = copied_ + 1; seq <= page.head().last_seq(); ++seq) {
      copy_notes_after(copied_);
      last_time_ = LabTime{page.view->record(seq).time_ns};
      const Status read = read_event(*page.view, seq, event);
      if (!read) {
        find(in_page(from_->path(), page.head().number, read.error()));
        fill_up_to(seq);
        continue;
      }
      to_.append(event.time, event.cause, event.body);
      copied_ = seq;
    }
  }

  std::shared_ptr<OpenReel> from_;
  ReelWriter& to_;
  std::vector<ReelFinding> findings_;
  std::size_t next_note_ = 0;
  std::uint64_t copied_ = 0;
  LabTime last_time_;
};

// Packed files that are whole go with the repaired reel; what is not is said.
std::vector<ReelFinding> copy_packed(const std::string& from, const std::string& to) {
  const Result<PackedFiles> files = PackedFiles::open(from);
  if (!files) return {{files.error().place, "its packed files are not in the new reel: " + files.error().what}};
  if (files->entries().empty()) return {};
  std::vector<ReelFinding> findings;
  auto entry = files->entries().begin();
  const auto next = [&](PackedFile& file) -> Result<bool> {
    for (; entry != files->entries().end(); ++entry) {
      Result<std::string> content = files->read(*entry);
      if (!content) {
        findings.push_back({content.error().place, content.error().what});
        continue;
      }
      file = {*entry++, std::move(*content)};
      return true;
    }
    return false;
  };
  const Result<std::size_t> packed = pack_files(to, next, PackedBefore::refuse);
  if (!packed) findings.push_back({packed.error().place, packed.error().what});
  return findings;
}

// So do blobs.
std::vector<ReelFinding> copy_blobs(const std::string& from, const std::string& to) {
  const Result<Blobs> blobs = Blobs::open(from);
  if (!blobs) return {{blobs.error().place, "its blobs are not in the new reel: " + blobs.error().what}};
  if (blobs->uses().empty()) return {};
  const Result<std::unique_ptr<BlobWriter>> writer = BlobWriter::open(to);
  if (!writer) return {{writer.error().place, writer.error().what}};
  std::vector<ReelFinding> findings;
  for (const BlobUse& use : blobs->uses()) {
    const Result<std::string> chunk = blobs->read(use);
    const Status put = chunk ? (*writer)->put(use.owner, use.role, use.offset, *chunk) : Status{chunk.error()};
    if (!put) findings.push_back({put.error().place, put.error().what});
  }
  if (const Status written = (*writer)->commit(); !written) findings.push_back({written.error().place, written.error().what});
  return findings;
}

Error not_written(const std::string& output, const std::string& why) {
  return {ErrorKind::host, "the repaired reel cannot be written: " + why, output};
}

// A ring in which the longest event fits, which may fill half of it; it is gone when the repair ends.
std::size_t ring_pages_for(const OpenReel& reel, const ReelOptions& options) {
  const std::uint64_t pages = 2 * (reel.longest_page_bytes() / options.page_bytes + 1);
  return std::clamp<std::uint64_t>(pages, options.ring_pages, kRingBytesMax / options.page_bytes);
}

}  // namespace

Result<ReelReport> repair_reel(const std::string& path, const std::string& output) {
  Result<std::shared_ptr<OpenReel>> reel = OpenReel::open(path);
  if (!reel) return reel.error();
  const std::string old_end = (*reel)->end().why;
  std::vector<ReelFinding> findings;
  try {
    ReelOptions options;
    options.ring_pages = ring_pages_for(**reel, options);
    const std::unique_ptr<ReelWriter> writer = ReelWriter::create(output, options);
    findings = Repair{*reel, *writer}.run();
    keep_note(*writer, RepairedNote{kFormatVersion});
    writer->seal();
    if (const std::string failure = writer->state().failure; !failure.empty()) return not_written(output, failure);
  } catch (const std::system_error& error) {
    return not_written(output, error.what());
  }
  std::vector<ReelFinding> beside = copy_packed(path, output);
  std::ranges::move(copy_blobs(path, output), std::back_inserter(beside));
  for (ReelFinding& finding : beside) {
    const auto is_said = [&](const ReelFinding& said) { return said.place == finding.place; };
    if (std::none_of(findings.begin(), findings.end(), is_said)) findings.push_back(std::move(finding));
  }
  Result<ReelReport> report = check_reel(output);
  if (!report) return report;
  report->findings.insert(report->findings.begin(), findings.begin(), findings.end());
  report->summary = output + " holds " + std::to_string(report->events) + " events; of " + path + ": " + old_end;
  return report;
}

}  // namespace labreel
