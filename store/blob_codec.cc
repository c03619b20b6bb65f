#include "store/blob_codec.h"

#include <algorithm>
#include <set>
#include <span>
#include <tuple>

#include "store/xxh3.h"
#include "store/zstd_frame.h"

namespace labreel {
namespace {

constexpr std::uint8_t kPlainChunk = 0;
constexpr std::uint8_t kZstdChunk = 1;

// Longer rows than a chunk's are not read while this lives.
class RowLimit {
 public:
  explicit RowLimit(Database& database) : database_(database), before_(database.limit_row(kRowBytes_max)) {}
  ~RowLimit() { database_.limit_row(before_); }
  RowLimit(const RowLimit&) = delete;
  RowLimit& operator=(const RowLimit&) = delete;

 private:
  static constexpr int kRowBytes_max = static_cast<int>(kBlobBytes_max) + 1024;
  Database& database_;
  int before_;
};

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span{text.data(), text.size()}); }

Error of_use(std::uint64_t number, std::string what) {
  return {ErrorKind::input, std::move(what), "table blob_use, row " + std::to_string(number)};
}
std::string place_of(std::uint64_t id) { return "table blob, row " + std::to_string(id); }

// A row of blob_use beside what its chunk's row says.
Result<BlobUse> use_of(const Statement& row) {
  const std::uint64_t number = row.number(0);
  const bool is_typed = row.type(1) == SQLITE_TEXT && row.type(2) == SQLITE_TEXT && row.type(3) == SQLITE_INTEGER &&
                        row.type(4) == SQLITE_INTEGER;
  if (!is_typed) return of_use(number, "is none of a blob");
  if (row.type(5) != SQLITE_BLOB || row.bytes(5).size() != sizeof(Sha256)) return of_use(number, "its blob is missing");
  const BlobUse use{std::string(row.bytes(1)), std::string(row.bytes(2)), row.number(3), row.number(6), hash_in(row, 5), number,
                    row.number(7)};
  if (row.number(4) != blob_use_check(use)) return of_use(number, "is damaged");
  if (!is_storable(use)) return of_use(number, "is none that labreel writes");
  return use;
}

}  // namespace

const std::array<SchemaRow, 2>& blob_schema() {
  static const std::array<SchemaRow, 2> kRows{
      {{"table", "blob", "blob",
        "CREATE TABLE blob (id INTEGER PRIMARY KEY, sha256 BLOB, bytes INTEGER, codec INTEGER, data BLOB)"},
       {"table", "blob_use", "blob_use",
        "CREATE TABLE blob_use (number INTEGER PRIMARY KEY, owner TEXT, role TEXT, offset INTEGER, blob INTEGER, "
        "hash INTEGER)"}}};
  return kRows;
}

bool has_blob_tables(Database& database) {
  return database.number("SELECT count(*) FROM sqlite_schema WHERE name IN ('blob', 'blob_use') AND type = 'table'") == 2;
}

Sha256 hash_in(const Statement& row, int column) {
  Sha256 hash{};
  const std::string_view bytes = row.bytes(column);
  if (bytes.size() == hash.size()) std::copy_n(bytes.begin(), hash.size(), hash.begin());
  return hash;
}

bool is_storable(const BlobUse& use) {
  const auto is_name = [](std::string_view name) { return !name.empty() && name.size() <= kBlobNameBytes_max; };
  return is_name(use.owner) && is_name(use.role) && use.bytes > 0 && use.bytes <= kBlobBytes_max &&
         use.offset <= static_cast<std::uint64_t>(INT64_MAX) - kBlobBytes_max;
}

StoredChunk pack_chunk(std::string_view content) {
  thread_local FrameMaker t_frames;
  std::string data(FrameMaker::room_for(content.size()), '\0');
  data.resize(t_frames.make(bytes_of(content), reinterpret_cast<std::byte*>(data.data()), data.size()));
  if (data.size() >= content.size()) return {kPlainChunk, std::string{content}};
  return {kZstdChunk, std::move(data)};
}

Result<std::string> unpack_chunk(std::uint64_t codec, std::string_view data, std::uint64_t bytes) {
  const Error damage{ErrorKind::input, "is damaged: its data is not what its row says"};
  if (bytes == 0 || bytes > kBlobBytes_max) return damage;
  if (codec == kPlainChunk) return data.size() == bytes ? Result<std::string>{std::string{data}} : damage;
  if (codec != kZstdChunk || !is_frame_of(bytes_of(data), bytes)) return damage;
  std::string content(bytes, '\0');
  if (!unpack_frame(bytes_of(data), reinterpret_cast<std::byte*>(content.data()), bytes)) return damage;
  return content;
}

std::uint64_t blob_use_check(const BlobUse& use) {
  std::string all;
  for (const std::uint64_t value : {use.row, use.offset, use.bytes, std::uint64_t{use.owner.size()}}) {
    all.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  all.append(use.owner).append(use.role).append(text_of(use.hash));
  return xxh3_64(all.data(), all.size());
}

Result<std::vector<BlobUse>> read_blob_uses(Database& database) {
  std::vector<BlobUse> uses;
  if (!has_blob_tables(database)) return uses;
  Statement select{database,
                   "SELECT number, owner, role, offset, blob_use.hash, sha256, bytes, blob FROM blob_use "
                   "LEFT JOIN blob ON id = blob ORDER BY number"};
  std::uint64_t bytes = 0;
  while (select.step()) {
    Result<BlobUse> use = use_of(select);
    if (!use) return use.error();
    bytes += use->owner.size() + use->role.size() + sizeof(BlobUse);
    if (uses.size() >= kBlobUses_max || bytes > kBlobListBytes_max) {
      return of_use(use->row, "is one more than a reel has at most");
    }
    uses.push_back(std::move(*use));
  }
  // Here, not in SQLite, which would need as much memory again.
  const auto place = [](const BlobUse& use) { return std::tie(use.owner, use.role, use.offset); };
  std::sort(uses.begin(), uses.end(), [&](const BlobUse& a, const BlobUse& b) { return place(a) < place(b); });
  for (std::size_t i = 1; i < uses.size(); ++i) {
    const BlobUse& before = uses[i - 1];
    const bool is_same_thing = before.owner == uses[i].owner && before.role == uses[i].role;
    if (is_same_thing && uses[i].offset < before.offset + before.bytes) return of_use(uses[i].row, "overlaps another");
  }
  return uses;
}

Result<std::string> read_chunk(Database& database, const BlobUse& use) {
  const RowLimit limit{database};
  Statement select{database, "SELECT id, codec, data FROM blob WHERE id = ?"};
  select.bind(1, use.chunk);
  if (!select.step()) return Error{ErrorKind::input, "a blob is missing", "table blob"};
  Result<std::string> content = unpack_chunk(select.number(1), select.bytes(2), use.bytes);
  if (content && sha256_of(*content) != use.hash) content = Error{ErrorKind::input, "is damaged: its SHA-256 is another one"};
  if (!content) return Error{ErrorKind::input, content.error().what, place_of(select.number(0))};
  return content;
}

void check_chunks(Database& database, const std::vector<BlobUse>& uses,
                  const std::function<void(const std::string& place, const std::string& what)>& find) {
  std::set<Sha256> used;
  for (const BlobUse& use : uses) used.insert(use.hash);
  std::set<Sha256> seen;
  const RowLimit limit{database};
  Statement select{database, "SELECT id, sha256, bytes, codec, data FROM blob ORDER BY id"};
  while (select.step()) {
    const std::string place = place_of(select.number(0));
    const Sha256 hash = hash_in(select, 1);
    const Result<std::string> content = unpack_chunk(select.number(3), select.bytes(4), select.number(2));
    if (!content) {
      find(place, content.error().what);
    } else if (sha256_of(*content) != hash) {
      find(place, "is damaged: its SHA-256 is another one");
    }
    if (!seen.insert(hash).second) find(place, "is stored twice");
    if (!used.contains(hash)) find(place, "nothing uses this blob");
  }
}

}  // namespace labreel
