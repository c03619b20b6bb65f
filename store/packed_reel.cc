// Packing: files into a sealed reel, in one transaction.
#include <fcntl.h>
#include <sys/stat.h>

#include <map>
#include <optional>
#include <system_error>

#include "store/checked_reel.h"
#include "store/packed_codec.h"
#include "store/reel_lock.h"

namespace labreel {
namespace {

// Holds the transaction; what is not committed when it goes away is rolled back.
class Packing {
 public:
  explicit Packing(const std::string& path) : database_(Database::open_to_append(path)) {
    database_.run("BEGIN IMMEDIATE");
  }
  ~Packing() {
    insert_file_.reset();
    insert_guard_.reset();
    try {
      if (sqlite3_get_autocommit(database_.get()) == 0) database_.run("ROLLBACK");
      database_.run("PRAGMA journal_mode=DELETE");
    } catch (const DatabaseError&) {
      // The journal stays, and whoever opens the reel next rolls it back.
    }
  }
  Packing(const Packing&) = delete;
  Packing& operator=(const Packing&) = delete;

  Result<std::size_t> run(const std::function<Result<bool>(PackedFile&)>& next, PackedBefore before) {
    if (!has_packed_tables(database_)) {
      for (const SchemaRow& row : packed_schema()) {
        if (!row.sql.empty()) database_.run(std::string{row.sql});
      }
    }
    Result<std::vector<PackedEntry>> old = read_packed_entries(database_);
    if (!old) return old.error();
    for (PackedEntry& entry : *old) old_.emplace(entry.name, entry);
    insert_file_.emplace(database_, "INSERT OR REPLACE INTO sqlar VALUES (?, ?, ?, ?, ?)");
    insert_guard_.emplace(database_, "INSERT OR REPLACE INTO packed VALUES (?, ?)");
    std::size_t written = 0;
    PackedFile file;
    for (;;) {
      const Result<bool> more = next(file);
      if (!more) return more.error();
      if (!*more) break;
      Result<bool> added = add(file, before);
      if (!added) return added.error();
      if (*added) ++written;
    }
    // What was there and what came must keep the limits together.
    Result<std::vector<PackedEntry>> all = read_packed_entries(database_);
    if (!all) return all.error();
    insert_file_.reset();
    insert_guard_.reset();
    database_.run("COMMIT");
    return written;
  }

 private:
  Result<bool> add(PackedFile& file, PackedBefore before) {
    file.about.bytes = file.content.size();
    if (const Status fits = limits_.add(file.about); !fits) return fits.error();
    if (const auto old = old_.find(file.about.name); old != old_.end()) {
      const Result<std::string> content = read_packed_file(database_, old->second);
      const bool is_same = content && *content == file.content && old->second.mode == file.about.mode;
      if (is_same) return false;
      if (before == PackedBefore::refuse) {
        return Error{ErrorKind::usage, "is packed already, and is another file there",
                     "packed file " + shown_name(file.about.name), "--force puts this one in its place"};
      }
    }
    const std::string data = sqlar_compress(file.content);
    const std::string guard = guard_of(file.about, file.content);
    insert_file_->bind(1, std::string_view{file.about.name}).bind(2, std::uint64_t{S_IFREG | file.about.mode});
    insert_file_->bind(3, file.about.mtime_s).bind(4, file.about.bytes).bind_bytes(5, data);
    insert_file_->execute();
    insert_guard_->bind(1, std::string_view{file.about.name}).bind_bytes(2, guard);
    insert_guard_->execute();
    return true;
  }

  Database database_;
  PackedLimits limits_;
  std::map<std::string, PackedEntry, std::less<>> old_;
  std::optional<Statement> insert_file_;
  std::optional<Statement> insert_guard_;
};

// Only a whole, sealed reel is written to: nothing may be lost that a repair could have had.
Status check_packable(const std::string& path) {
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

Result<std::size_t> pack_files(const std::string& reel, const std::function<Result<bool>(PackedFile&)>& next,
                               PackedBefore before) {
  if (const auto version = format_version_of(reel); !version) return version.error();
  if (const auto socket = RingFile::live_owner(ring_path_of(reel))) return recorded_now(reel, *socket);
  const OwnedFd guard = lock_file(reel, O_RDWR);
  if (!guard.is_open()) return in_use(reel);
  if (const Status packable = check_packable(reel); !packable) return packable.error();
  try {
    Result<std::size_t> written = Packing{reel}.run(next, before);
    if (!written && written.error().place.starts_with("packed file")) {
      Error error = written.error();
      error.place = reel + ": " + error.place;
      return error;
    }
    return written;
  } catch (const DatabaseError& error) {
    return Error{ErrorKind::host, std::string{"cannot be written, and is as it was: "} + error.what(), reel, {}};
  }
}

}  // namespace labreel
