#include "store/sealed_write.h"

#include <fcntl.h>

#include "store/checked_reel.h"
#include "store/reel_lock.h"
#include "store/reel_rewrite.h"

namespace labreel {
namespace {

Status check_whole(const std::string& path) {
  Result<std::shared_ptr<OpenReel>> opened = OpenReel::open(path);
  if (!opened) return opened.error();
  const ReelReport report = check_open_reel(*opened).report;
  if (!report.findings.empty()) {
    const ReelFinding& first = report.findings.front();
    return Error{ErrorKind::input, "is damaged, and so nothing is packed into it: " + first.what, first.place,
                 "labreel check --repair makes a new reel of what can be read"};
  }
  if (report.complete) return ok_status();
  return Error{ErrorKind::input, "was cut off: nothing is packed into a reel that is not sealed", path,
               "labreel check --repair makes it one complete file"};
}

}  // namespace

Result<std::unique_ptr<SealedWrite>> SealedWrite::begin(const std::string& path) {
  if (const auto version = format_version_of(path); !version) return version.error();
  if (const auto socket = RingFile::live_owner(ring_path_of(path))) return recorded_now(path, *socket);
  OwnedFd lock = lock_file(path, O_RDWR);
  if (!lock.is_open()) return in_use(path);
  if (const Status whole = check_whole(path); !whole) return whole.error();
  const Result<bool> was_small = open_up_reel(path, lock);
  if (!was_small) return was_small.error();
  return std::unique_ptr<SealedWrite>(new SealedWrite(path, std::move(lock), *was_small));
}

SealedWrite::SealedWrite(const std::string& path, OwnedFd lock, bool was_small)
    : path_(path),
      lock_(std::move(lock)),
      was_small_(was_small),
      database_(std::make_unique<Database>(Database::open_to_append(path))) {
  database_->run("BEGIN IMMEDIATE");
}

SealedWrite::~SealedWrite() {
  if (database_) end();
}

void SealedWrite::commit() {
  database_->run("COMMIT");
  end();
}

void SealedWrite::end() {
  try {
    if (sqlite3_get_autocommit(database_->get()) == 0) database_->run("ROLLBACK");
    database_->run("PRAGMA journal_mode=DELETE");
  } catch (const DatabaseError&) {
    // The journal stays, and whoever opens the reel next rolls it back.
  }
  database_.reset();
  // That it stays larger than it could be is no failure.
  if (was_small_) static_cast<void>(settle_locked_reel(path_));
}

Error not_written_into(const std::string& path, const DatabaseError& error) {
  return {ErrorKind::host, std::string{"cannot be written, and is as it was: "} + error.what(), path, {}};
}

}  // namespace labreel
