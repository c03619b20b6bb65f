#include "specimen.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <thread>

#include "disk_shim.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "store/database.h"
#include "store/open_reel.h"
#include "store/reel_check.h"
#include "store/reel_writer.h"

namespace labreel {
namespace {

// Holds whoever writes until the files were copied.
class HoldingDisk final : public DiskWatcher {
 public:
  enum class Hold { nothing, any_call, reel_sync };

  DiskVerdict before(const DiskCall& call) override {
    const bool holds = hold_ == Hold::any_call ||
                       (hold_ == Hold::reel_sync && call.op == DiskOp::sync && !call.is_journal);
    if (!holds) return {};
    is_held_ = true;
    while (hold_ != Hold::nothing) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return {};
  }
  void hold(Hold what) { hold_ = what; }
  bool is_held() const { return is_held_; }

 private:
  std::atomic<Hold> hold_ = Hold::nothing;
  std::atomic<bool> is_held_ = false;
};

void wait_until(const std::function<bool()>& condition) {
  for (int i = 0; i < 20'000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (!condition()) throw std::runtime_error("the writer's thread does not go on");
}

void change(const std::string& path, std::uint64_t at, std::string_view bytes) {
  const OwnedFd fd{checked("open " + path, ::open(path.c_str(), O_WRONLY | O_CLOEXEC))};
  checked("write " + path, ::pwrite(fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)));
}

Database database_of(const std::string& path) {
  return Database::open_bytes(*bytes_of(*ReelFiles::take(path)));
}

}  // namespace

Specimen::Specimen(SpecimenState state, std::uint64_t seed, std::uint64_t events, std::size_t page_bytes)
    : path_(folder_.file("a.reel")), load_(seed) {
  record(state, events, page_bytes);
  for (const SpecimenFile file : {SpecimenFile::reel, SpecimenFile::journal, SpecimenFile::ring}) {
    files_[static_cast<std::size_t>(file)] = content_of(path_of(file));
  }
  const Result<ReelReader> reader = ReelReader::open(path_);
  if (!reader || reader->end().damage || reader->end().last.value != events) {
    throw std::logic_error("the specimen is not what it should be: " + (reader ? reader->end().why : reader.error().what));
  }
  whole_ = {events, reader->notes(), reader->end().why, *reader->digest_at(Seq{events})};
  Database database = database_of(path_);
  committed_ = static_cast<std::uint64_t>(database.number("SELECT coalesce(max(first_seq + count - 1), 0) FROM page"));
}

void Specimen::record(SpecimenState state, std::uint64_t events, std::size_t page_bytes) {
  ReelOptions options;
  options.page_bytes = page_bytes;
  options.ring_pages = std::max<std::uint64_t>(64, events * 1024 / page_bytes);
  options.commit_interval_ms = state == SpecimenState::in_ring ? 3'600'000 : 1;
  const std::string recorded = folder_.file("recording.reel");
  HoldingDisk disk;
  const DiskShim shim{disk};
  const auto writer = ReelWriter::create(recorded, options);
  writer->note("begin-utc", R"({"utc":"2026-01-01T00:00:00Z"})");
  const bool is_cut_off = state == SpecimenState::cut_off || state == SpecimenState::in_commit;
  for (std::uint64_t seq = 1; seq <= events; ++seq) {
    if (is_cut_off && seq == events / 2) {
      wait_until([&] { return writer->state().durable.value == seq - 1; });
      disk.hold(state == SpecimenState::cut_off ? HoldingDisk::Hold::any_call : HoldingDisk::Hold::reel_sync);
    }
    load_.append(*writer, seq);
  }
  writer->note("stall", "{}");
  if (state == SpecimenState::sealed) writer->seal();
  if (is_cut_off) wait_until([&] { return disk.is_held(); });
  for (const char* const ending : {"", "-journal", "-ring"}) {
    if (std::filesystem::exists(recorded + ending)) std::filesystem::copy_file(recorded + ending, path_ + ending);
  }
  disk.hold(HoldingDisk::Hold::nothing);
}

std::string Specimen::path_of(SpecimenFile file) const {
  switch (file) {
    case SpecimenFile::journal:
      return journal_path_of(path_);
    case SpecimenFile::ring:
      return ring_path_of(path_);
    case SpecimenFile::reel:
      break;
  }
  return path_;
}

std::vector<PagePlace> Specimen::pages() const {
  std::vector<PagePlace> pages;
  Database database = database_of(path_);
  Statement select{database, "SELECT number, first_seq, count, image FROM page ORDER BY number"};
  while (select.step()) {
    const std::string_view image = select.bytes(3);
    const std::size_t at = bytes_of(SpecimenFile::reel).find(image);
    if (at == std::string::npos) continue;
    pages.push_back({select.number(0), select.number(1), select.number(1) + select.number(2) - 1, at, image.size()});
  }
  return pages;
}

std::vector<std::uint64_t> Specimen::events_by_length() const {
  constexpr std::uint64_t kPiece_bytes = 64;  // no two are equal, and most are not split
  constexpr std::uint64_t kStep_bytes = 4096;
  const std::string& file = bytes_of(SpecimenFile::reel);
  std::vector<std::uint64_t> events(file.size() / kDatabasePage_bytes + 1, 0);
  std::uint64_t last_page = 0;
  std::size_t near = 0;
  const auto find = [&](std::string_view piece) {
    const std::size_t found = file.find(piece, near);
    if (found == std::string::npos) return;
    near = found < kDatabasePage_bytes ? 0 : found - kDatabasePage_bytes;  // rows of one page lie one before the other
    last_page = std::max(last_page, (found + kPiece_bytes - 1) / kDatabasePage_bytes);
  };
  Database database = database_of(path_);
  Statement select{database, "SELECT first_seq, count, image FROM page ORDER BY first_seq"};
  while (select.step()) {
    const std::string_view image = select.bytes(2);
    for (std::size_t at = 0; at + kPiece_bytes <= image.size(); at += kStep_bytes) find(image.substr(at, kPiece_bytes));
    find(image.substr(image.size() - kPiece_bytes));
    for (std::uint64_t pages = last_page + 1; pages < events.size(); ++pages) {
      events[pages] = select.number(0) + select.number(1) - 1;
    }
  }
  return events;
}

void Specimen::flip(SpecimenFile file, std::uint64_t at, std::uint8_t mask) {
  const char byte = static_cast<char>(bytes_of(file)[at] ^ mask);
  change(path_of(file), at, {&byte, 1});
}

void Specimen::cut(SpecimenFile file, std::uint64_t bytes) {
  checked("cut " + path_of(file), ::truncate(path_of(file).c_str(), static_cast<off_t>(bytes)));
}

void Specimen::blank(SpecimenFile file, std::uint64_t at, std::uint64_t bytes) {
  change(path_of(file), at, std::string(bytes, '\0'));
}

void Specimen::restore(SpecimenFile file) {
  const std::string& bytes = bytes_of(file);
  std::ofstream(path_of(file), std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

Reading Specimen::read() const {
  Reading reading;
  const auto notice = [&](const std::string& place, const std::string& what) {
    reading.was_noticed = true;
    reading.place = place;
    if (place.empty()) reading.complaint = "noticed without a place: " + what;
  };
  const Result<ReelReader> reader = ReelReader::open(path_);
  if (!reader) {
    notice(reader.error().place, reader.error().what);
    return reading;
  }
  ReelReader::Cursor cursor = reader->events();
  Event event{};
  for (;;) {
    const Result<bool> more = cursor.next(event);
    if (!more) notice(more.error().place, more.error().what);
    if (!more || !*more) break;
    if (event.seq.value != ++reading.events || reading.events > whole_.events || !load_.is(event)) {
      reading.complaint = "event " + std::to_string(reading.events) + " is not what was appended";
      return reading;
    }
  }
  if (const auto& damage = reader->end().damage; damage && !reading.was_noticed) notice(damage->place, damage->what);
  if (reading.was_noticed) return reading;
  const Result<ReelReport> report = check_reel(path_);
  if (!report) notice(report.error().place, report.error().what);
  else if (!report->findings.empty()) notice(report->findings[0].place, report->findings[0].what);
  else reading.complaint = difference(*reader, reading.events);
  return reading;
}

// What is not as it was before the damage.
Complaint Specimen::difference(const ReelReader& reader, std::uint64_t events) const {
  if (events != whole_.events) return "only " + std::to_string(events) + " events, and nothing was noticed";
  if (reader.notes() != whole_.notes) return "host notes are lost or changed, and nothing was noticed";
  // How many events came from the ring may differ: a journal that is not rolled back leaves them in the reel.
  const auto words = [](const std::string& why) { return why.substr(0, why.find(';')); };
  if (words(reader.end().why) != words(whole_.why)) return "it is said that " + reader.end().why + ", not: " + whole_.why;
  if (*reader.digest_at(Seq{events}) != whole_.digest) return "the digest changed, and nothing was noticed";
  return {};
}

}  // namespace labreel
