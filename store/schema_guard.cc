#include "store/schema_guard.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "store/blob_codec.h"
#include "store/packed_codec.h"
#include "store/reel_tables.h"
#include "store/sqlite_layout.h"

namespace labreel {
namespace {

constexpr std::size_t kTreeAt = 100;  // of the first page, behind the file's own head
constexpr std::size_t kRows_max = 200;

// Bytes of the head that decide how SQLite reads a file. https://www.sqlite.org/fileformat2.html, section 1.3
struct HeadByte {
  std::size_t at;
  unsigned char value;
};
constexpr std::array<HeadByte, 19> kHead{{{18, 1}, {19, 1},                      // a rollback journal, no log
                                          {20, 0},                               // nothing kept free in each page
                                          {44, 0}, {45, 0}, {46, 0}, {47, 4},    // the schema's format
                                          {52, 0}, {53, 0}, {54, 0}, {55, 0},    // no auto-vacuum
                                          {56, 0}, {57, 0}, {58, 0}, {59, 1},    // UTF-8
                                          {64, 0}, {65, 0}, {66, 0}, {67, 0}}};  // nor an incremental one

struct Row {
  std::array<std::string_view, 5> columns;  // type, name, tbl_name, rootpage, sql
};

Error foreign(const std::string& place, const std::string& what) { return {ErrorKind::input, what, place}; }

// Nothing unless the row lies in the page whole, and is of text, text, text, integer, text or NULL.
std::optional<Row> row_at(std::string_view page, std::uint64_t cell) {
  if (cell >= page.size()) return std::nullopt;
  Front front{page.substr(cell)};
  const std::uint64_t payload_bytes = front.varint();
  front.varint();  // the row's number
  if (!front.is_whole() || payload_bytes > front.left() || local_bytes(payload_bytes, page.size()) != payload_bytes) return std::nullopt;
  const std::string_view payload = page.substr(page.size() - front.left(), payload_bytes);
  Front types{payload};
  const std::uint64_t head_bytes = types.varint();
  Row row;
  std::uint64_t from = head_bytes;
  for (std::size_t i = 0; i < row.columns.size(); ++i) {
    using Kind = ColumnType::Kind;
    const ColumnType type = column_type_of(types.varint());
    const bool fits = i == 3 ? type.kind == Kind::integer : type.kind == Kind::text || (i == 4 && type.kind == Kind::null);
    if (!fits || type.bytes > payload.size() || from > payload.size() - type.bytes) return std::nullopt;
    row.columns[i] = payload.substr(from, type.bytes);
    from += type.bytes;
  }
  const bool is_whole = types.is_whole() && payload.size() - types.left() == head_bytes && from == payload.size();
  return is_whole ? std::optional{row} : std::nullopt;
}

bool is_row(const Row& row, std::string_view type, std::string_view name, std::string_view table, std::string_view sql) {
  return row.columns[0] == type && row.columns[1] == name && row.columns[2] == table && row.columns[4] == sql;
}

bool equal_names(std::string_view a, std::string_view b) {
  const auto lower = [](char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_';
  });
}

// A table that somebody added, under a name that neither we nor SQLite ask for. What it holds is never read.
bool is_added_table(const Row& row) {
  const std::string_view name = row.columns[1];
  const std::string begin = "CREATE TABLE " + std::string{name};
  const std::string_view sql = row.columns[4];
  if (row.columns[0] != "table" || row.columns[2] != name || !is_plain_name(name) || !sql.starts_with(begin)) return false;
  if (sql.size() == begin.size() || (sql[begin.size()] != '(' && sql[begin.size()] != ' ')) return false;
  if (name.size() >= 7 && equal_names(name.substr(0, 7), "sqlite_")) return false;
  const auto is_it = [&](const auto& known) { return equal_names(known.first, name); };
  return std::none_of(reel_tables().begin(), reel_tables().end(), is_it) && !equal_names(name, "sqlar") &&
         !equal_names(name, "packed") && !equal_names(name, "blob") && !equal_names(name, "blob_use");
}

bool is_ours(const Row& row) {
  for (const auto& [name, sql] : reel_tables()) {
    if (is_row(row, "table", name, name, sql)) return true;
  }
  const auto is_it = [&](const SchemaRow& known) { return is_row(row, known.type, known.name, known.table, known.sql); };
  return std::any_of(packed_schema().begin(), packed_schema().end(), is_it) ||
         std::any_of(blob_schema().begin(), blob_schema().end(), is_it);
}

}  // namespace

std::optional<Error> foreign_schema(const ReelBytes& bytes) {
  std::array<unsigned char, kTreeAt> head{};
  if (bytes.read(0, head.data(), head.size()) < 0) return foreign("byte 0", "the first page cannot be read");
  const std::optional<std::uint64_t> page_bytes = page_size_in(head[kPageSizeAt], head[kPageSizeAt + 1]);
  if (!page_bytes) return foreign("byte " + std::to_string(kPageSizeAt), "its pages have another size than a reel's");
  std::string page(*page_bytes, '\0');
  if (bytes.read(0, page.data(), page.size()) < 0) return foreign("byte 0", "the first page cannot be read");
  for (const HeadByte& expected : kHead) {
    if (static_cast<unsigned char>(page[expected.at]) == expected.value) continue;
    return foreign("byte " + std::to_string(expected.at), "the head is not that of a reel's database");
  }
  const std::string_view tree = std::string_view{page}.substr(kTreeAt);
  if (tree.front() != static_cast<char>(kTableLeaf)) return foreign("table sqlite_schema", "the list of tables is not a reel's");
  const std::uint64_t count = Front{tree.substr(kCellCountAt)}.big_endian(2);
  if (count > kRows_max) return foreign("table sqlite_schema", "it lists " + std::to_string(count) + " tables");
  Front cells{tree.substr(kLeafHead_bytes)};
  for (std::uint64_t i = 1; i <= count; ++i) {
    const std::optional<Row> row = row_at(page, cells.big_endian(2));
    if (row && (is_ours(*row) || is_added_table(*row))) continue;
    return foreign("table sqlite_schema, row " + std::to_string(i), "the tables are not those of a reel");
  }
  return std::nullopt;
}

Result<Database> open_guarded(const ReelFiles& files) {
  const Result<std::uint32_t> version = format_version_of(files);
  if (!version) return version.error();
  if (const Status known = check_version(files.path(), *version); !known) return known.error();
  const Result<std::shared_ptr<const ReelBytes>> bytes = bytes_of(files);
  if (!bytes) return bytes.error();
  if (const std::optional<Error> foreign = foreign_schema(**bytes)) return placed_in(files.path(), *foreign);
  return Database::open_bytes(*bytes);
}

}  // namespace labreel
