// How packed files lie in the database: the tables' text, compression, guards. PackedFiles and check share it.
#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"
#include "store/packed_files.h"

namespace labreel {

// One row of sqlite_schema.
struct SchemaRow {
  std::string_view type;
  std::string_view name;
  std::string_view table;
  std::string_view sql;  // empty: NULL
};
// The rows that packed files add, in order.
const std::array<SchemaRow, 3>& packed_schema();

// Says whether a reel has them. Errors: DatabaseError.
bool has_packed_tables(Database& database);

// Compresses as sqlar does: what does not get shorter is kept as it is.
std::string sqlar_compress(std::string_view content);
// Errors: data that does not unpack to exactly `bytes` bytes; more is never allocated.
Result<std::string> sqlar_uncompress(std::string_view data, std::uint64_t bytes);

// The guard of a row: XXH3-128 of all that it says.
std::string guard_of(const PackedEntry& about, std::string_view content);

// A name for people: without control characters.
std::string shown_name(std::string_view name);

// Checks entries as they come, against each other and against the limits.
class PackedLimits {
 public:
  Status add(const PackedEntry& entry);

 private:
  std::set<std::string, std::less<>> names_;
  std::set<std::string, std::less<>> folders_;
  std::uint64_t bytes_ = 0;
};

// Reads the list. Errors: as PackedFiles::open, without the reel's path; DatabaseError.
Result<std::vector<PackedEntry>> read_packed_entries(Database& database);
// Unpacks one. Errors: as PackedFiles::read, without the reel's path; DatabaseError.
Result<std::string> read_packed_file(Database& database, const PackedEntry& entry);

}  // namespace labreel
