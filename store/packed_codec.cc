#include "store/packed_codec.h"

#include <sys/stat.h>
#include <zlib.h>

#include <cstring>

#include "store/format.h"
#include "store/reel_tables.h"
#include "store/xxh3.h"

namespace labreel {
namespace {

constexpr std::uint64_t kDeflateRatio_max = 1'032;  // no deflated byte stands for more (zlib's technical notes)

Error of_file(std::string_view name, std::string what) {
  return {ErrorKind::input, std::move(what), "packed file " + shown_name(name)};
}

std::string_view kind_of(std::uint64_t mode) {
  switch (mode & S_IFMT) {
    case S_IFLNK:
      return "a symbolic link";
    case S_IFDIR:
      return "a folder";
    default:
      return "a special file";
  }
}

// Reads a row's four first columns, and how long its data is.
Result<PackedEntry> entry_of(const Statement& row) {
  PackedEntry entry;
  entry.name = row.bytes(0);
  const bool is_typed = row.type(0) == SQLITE_TEXT && row.type(1) == SQLITE_INTEGER && row.type(2) == SQLITE_INTEGER &&
                        row.type(3) == SQLITE_INTEGER && row.type(4) == SQLITE_TEXT && row.bytes(4) == "blob";
  if (!is_typed) return of_file(entry.name, "its row is not one of an archive");
  const std::uint64_t mode = row.number(1);
  if (!S_ISREG(mode)) return of_file(entry.name, "is " + std::string{kind_of(mode)} + "; only plain files are packed");
  if ((mode & ~std::uint64_t{S_IFMT}) > 0777) return of_file(entry.name, "has permissions that no packed file has");
  entry.mode = static_cast<std::uint32_t>(mode & 0777);
  entry.mtime_s = row.number(2);
  entry.bytes = row.number(3);
  const std::uint64_t stored = row.number(5);
  if (stored > kPackedFileBytes_max || stored > entry.bytes || entry.bytes / kDeflateRatio_max > stored) {
    return of_file(entry.name, "claims " + std::to_string(static_cast<std::int64_t>(entry.bytes)) +
                                   " bytes, which its " + std::to_string(stored) + " stored bytes cannot hold");
  }
  return entry;
}

}  // namespace

const std::array<SchemaRow, 3>& packed_schema() {
  static const std::array<SchemaRow, 3> kRows{
      {{"table", "sqlar", "sqlar",
        "CREATE TABLE sqlar (name TEXT PRIMARY KEY, mode INT, mtime INT, sz INT, data BLOB)"},
       {"index", "sqlite_autoindex_sqlar_1", "sqlar", ""},
       {"table", "packed", "packed", "CREATE TABLE packed (name TEXT PRIMARY KEY, hash BLOB) WITHOUT ROWID"}}};
  return kRows;
}

bool has_packed_tables(Database& database) {
  return database.number("SELECT count(*) FROM sqlite_schema WHERE name IN ('sqlar', 'packed') AND type = 'table'") ==
         2;
}

std::string sqlar_compress(std::string_view content) {
  uLongf bytes = ::compressBound(content.size());
  std::string data(bytes, '\0');
  const int code = ::compress(reinterpret_cast<Bytef*>(data.data()), &bytes,
                              reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (code == Z_MEM_ERROR) throw std::bad_alloc{};
  if (code != Z_OK || bytes >= content.size()) return std::string{content};
  data.resize(bytes);
  return data;
}

Result<std::string> sqlar_uncompress(std::string_view data, std::uint64_t bytes) {
  if (data.size() == bytes) return std::string{data};
  std::string content(bytes, '\0');
  uLongf got = content.size();
  uLong used = data.size();
  const int code =
      ::uncompress2(reinterpret_cast<Bytef*>(content.data()), &got, reinterpret_cast<const Bytef*>(data.data()), &used);
  if (code == Z_MEM_ERROR) throw std::bad_alloc{};
  if (code == Z_BUF_ERROR) return Error{ErrorKind::input, "unpacks to another length than it says"};
  if (code != Z_OK) return Error{ErrorKind::input, "is damaged: its data does not unpack"};
  if (got != bytes || used != data.size()) return Error{ErrorKind::input, "unpacks to another length than it says"};
  return content;
}

std::string guard_of(const PackedEntry& about, std::string_view content) {
  std::string head;
  for (const std::uint64_t number :
       {std::uint64_t{about.name.size()}, std::uint64_t{about.mode}, about.mtime_s, about.bytes}) {
    head.append(reinterpret_cast<const char*>(&number), sizeof(number));
  }
  head += about.name;
  const XXH128_hash_t of_content = xxh3_128(content.data(), content.size());
  head += bytes_of({of_content.low64, of_content.high64});
  const XXH128_hash_t all = xxh3_128(head.data(), head.size());
  return bytes_of({all.low64, all.high64});
}

std::string shown_name(std::string_view name) {
  std::string shown{name.substr(0, kPackedNameBytes_max)};
  for (char& byte : shown) {
    if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F) byte = '?';
  }
  return shown;
}

Status PackedLimits::add(const PackedEntry& entry) {
  if (Status named = check_packed_name(entry.name); !named) return named;
  if (entry.bytes > kPackedFileBytes_max) {
    return of_file(entry.name,
                   "is longer than " + std::to_string(kPackedFileBytes_max) + " bytes, the most of one file");
  }
  bytes_ += entry.bytes;
  if (bytes_ > kPackedBytes_max) {
    return of_file(entry.name, "makes more than " + std::to_string(kPackedBytes_max) + " bytes, the most of all files");
  }
  if (names_.size() == kPackedFiles_max) {
    return of_file(entry.name, "is one file more than " + std::to_string(kPackedFiles_max));
  }
  if (!names_.insert(entry.name).second) return of_file(entry.name, "is there twice");
  if (folders_.contains(entry.name)) return of_file(entry.name, "is a file and also a folder of others");
  for (std::size_t slash = entry.name.find('/'); slash != std::string::npos; slash = entry.name.find('/', slash + 1)) {
    const std::string folder = entry.name.substr(0, slash);
    if (names_.contains(folder)) return of_file(folder, "is a file and also a folder of others");
    folders_.insert(folder);
  }
  return ok_status();
}

Result<std::vector<PackedEntry>> read_packed_entries(Database& database) {
  std::vector<PackedEntry> entries;
  if (!has_packed_tables(database)) return entries;
  PackedLimits limits;
  Statement select{database, "SELECT name, mode, mtime, sz, typeof(data), length(data) FROM sqlar ORDER BY name"};
  while (select.step()) {
    Result<PackedEntry> entry = entry_of(select);
    if (!entry) return entry.error();
    if (const Status fits = limits.add(*entry); !fits) return fits.error();
    entries.push_back(std::move(*entry));
  }
  return entries;
}

Result<std::string> read_packed_file(Database& database, const PackedEntry& entry) {
  Statement select{database, "SELECT sqlar.data, packed.hash FROM sqlar LEFT JOIN packed USING (name) WHERE name = ?"};
  select.bind(1, std::string_view{entry.name});
  if (!select.step()) return of_file(entry.name, "is not there");
  Result<std::string> content = sqlar_uncompress(select.bytes(0), entry.bytes);
  if (!content) return of_file(entry.name, content.error().what);
  if (select.type(1) == SQLITE_NULL) return of_file(entry.name, "has no guard: labreel did not pack it");
  if (select.bytes(1) != guard_of(entry, *content)) return of_file(entry.name, "is damaged: it is not what was packed");
  return content;
}

}  // namespace labreel
