#include "store/reel_start.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

#include "store/checked_reel.h"
#include "store/reel_lock.h"
#include "store/reel_rewrite.h"

namespace labreel {
namespace {

// What SQLite refused, as what the system did.
template <class Attempt>
auto saying(const std::string& attempt, Attempt&& act) {
  try {
    return act();
  } catch (const DatabaseError& error) {
    throw refusal(error, attempt);
  }
}

// One transaction: until its COMMIT the ring is read beside the reel, after it the ring's entries are passed over.
void fold_ring(ReelFile& file, const OpenReel& reel) {
  for (const PagePtr& page : reel.tail()) file.insert_page(page->head(), page->buffer);
  for (std::uint64_t number = reel.database_notes(); number < reel.notes().size(); ++number) {
    file.insert_note(number + 1, reel.notes()[number]);
  }
  if (reel.format_version() < kFormatVersion) file.raise_version();
  if (file.is_in_transaction()) file.commit();
}

}  // namespace

std::unique_ptr<ReelFile> create_reel_file(const std::string& path, const Word128& lab_id) {
  return saying("create " + path, [&] { return ReelFile::create(path, lab_id); });
}

Result<ReopenedReel> reopen_reel(const std::string& path) {
  const Result<std::uint32_t> version = format_version_of(path);
  if (!version) return version.error();
  if (const auto socket = RingFile::live_owner(ring_path_of(path))) {
    Error error = recorded_now(path, *socket);
    error.kind = ErrorKind::usage;
    return error;
  }
  ReopenedReel reopened;
  reopened.guard = lock_file(path, O_RDWR);
  if (!reopened.guard.is_open()) return in_use(path);
  const Result<std::shared_ptr<OpenReel>> opened = OpenReel::open(path);
  if (!opened) return opened.error();
  const OpenReel& reel = **opened;
  CheckedReel checked_reel = check_open_reel(*opened);
  if (!checked_reel.report.findings.empty()) {
    const ReelFinding& first = checked_reel.report.findings.front();
    return Error{ErrorKind::input, "is damaged, and so cannot be continued: " + first.place + ": " + first.what, path,
                 "labreel check --repair makes a new reel of what can be read: continue that one"};
  }
  const std::string ring = ring_path_of(path);
  if (::access(ring.c_str(), F_OK) == 0) {
    reopened.old_ring = lock_file(ring, O_RDONLY);
    if (!reopened.old_ring.is_open()) return in_use(path);
  }
  if (const Result<bool> opened_up = open_up_reel(path, reopened.guard); !opened_up) return opened_up.error();
  ReelStart& start = reopened.start;
  start.lab_id = reel.meta()->lab_id;
  start.last_seq = reel.end().last.value;
  start.page_seqs = reel.page_seqs_behind(0);
  for (const PagePtr& page : reel.tail()) start.page_seqs.push_back(page->head().first_seq);
  if (const PagePtr last = reel.last_page()) {
    start.last_hash = last->head().hash;
    start.last_time = LabTime{last->head().last_time_ns};
  }
  start.notes = reel.notes();
  start.digest = std::move(checked_reel.digest);
  start.index = std::move(checked_reel.index);
  reopened.is_sealed = reel.end().complete;
  saying("continue " + path, [&] {
    start.file = ReelFile::open(path, start.lab_id);
    fold_ring(*start.file, reel);
  });
  return reopened;
}

void unseal(const std::string& path, ReelFile& file) {
  saying("continue " + path, [&] {
    try {
      file.unseal();
    } catch (const DatabaseError&) {
      file.roll_back();
      file.remove_journal();
      throw;
    }
  });
}

}  // namespace labreel
