// Packing: files into a sealed reel, in one transaction.
#include <sys/stat.h>

#include <map>
#include <optional>

#include "store/packed_codec.h"
#include "store/sealed_write.h"

namespace labreel {
namespace {

class Packing {
 public:
  explicit Packing(Database& database) : database_(database) {}

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

  Database& database_;
  PackedLimits limits_;
  std::map<std::string, PackedEntry, std::less<>> old_;
  std::optional<Statement> insert_file_;
  std::optional<Statement> insert_guard_;
};

}  // namespace

Result<std::size_t> pack_files(const std::string& reel, const std::function<Result<bool>(PackedFile&)>& next,
                               PackedBefore before) {
  try {
    const Result<std::unique_ptr<SealedWrite>> into = SealedWrite::begin(reel);
    if (!into) return into.error();
    Result<std::size_t> written = Packing{(*into)->database()}.run(next, before);
    if (written) (*into)->commit();
    if (!written && written.error().place.starts_with("packed file")) {
      return placed_in(reel, written.error());
    }
    return written;
  } catch (const DatabaseError& error) {
    return not_written_into(reel, error);
  }
}

}  // namespace labreel
