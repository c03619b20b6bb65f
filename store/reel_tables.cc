#include "store/reel_tables.h"

#include <algorithm>
#include <cstring>

#include "store/reel_index.h"
#include "store/xxh3.h"

namespace labreel {
namespace {

std::string meta_check(const ReelMeta& meta) {
  std::string all = bytes_of(meta.lab_id) + (meta.sealed ? "sealed" : "recording");
  for (const std::uint64_t number : {meta.last_seq, meta.pages, meta.notes}) {
    all.append(reinterpret_cast<const char*>(&number), sizeof(number));
  }
  all += meta.digest;
  const XXH128_hash_t hash = xxh3_128(all.data(), all.size());
  return bytes_of({hash.low64, hash.high64});
}

std::vector<std::pair<std::string, std::string>> make_tables() {
  std::vector<std::pair<std::string, std::string>> tables{
      {"meta", "id INTEGER PRIMARY KEY, lab_id BLOB, state TEXT, last_seq INTEGER, pages INTEGER, notes INTEGER, "
               "digest TEXT, hash BLOB"},
      {"page", "first_seq INTEGER PRIMARY KEY, number INTEGER, count INTEGER, first_time_ns INTEGER, "
               "last_time_ns INTEGER, hash BLOB, image BLOB"},
      {"block_hash", "block INTEGER PRIMARY KEY, hash BLOB"},
      {"note", "number INTEGER PRIMARY KEY, after_seq INTEGER, kind TEXT, detail TEXT, hash INTEGER"},
  };
  for (const IndexTable& table : index_tables()) tables.emplace_back(table.name, table.columns);
  for (auto& [name, sql] : tables) sql = "CREATE TABLE " + name + " (" + sql + ")";
  return tables;
}

}  // namespace

const std::vector<std::pair<std::string, std::string>>& reel_tables() {
  static const auto kTables = make_tables();
  return kTables;
}

const std::pair<std::string, std::string>& page_table() {
  static const auto& kTable =
      *std::find_if(reel_tables().begin(), reel_tables().end(), [](const auto& table) { return table.first == "page"; });
  return kTable;
}

std::string bytes_of(const Word128& word) {
  std::string bytes(sizeof(word), '\0');
  std::memcpy(bytes.data(), &word, sizeof(word));
  return bytes;
}

void write_meta(Database& database, const ReelMeta& meta) {
  const std::string lab_id = bytes_of(meta.lab_id);
  const std::string hash = meta_check(meta);
  Statement insert{database, "INSERT OR REPLACE INTO meta VALUES (1, ?, ?, ?, ?, ?, ?, ?)"};
  insert.bind_bytes(1, lab_id).bind(2, meta.sealed ? "sealed" : "recording").bind(3, meta.last_seq);
  insert.bind(4, meta.pages).bind(5, meta.notes).bind(6, meta.digest).bind_bytes(7, hash);
  insert.execute();
}

Result<ReelMeta> read_meta(Database& database) {
  const Error damage{ErrorKind::input, "the reel's own description is damaged", "table meta"};
  Statement select{database, "SELECT lab_id, state, last_seq, pages, notes, digest, hash FROM meta WHERE id = 1"};
  if (!select.step() || select.bytes(0).size() != sizeof(Word128)) return damage;
  ReelMeta meta;
  std::memcpy(&meta.lab_id, select.bytes(0).data(), sizeof(meta.lab_id));
  meta.sealed = select.bytes(1) == "sealed";
  meta.last_seq = select.number(2);
  meta.pages = select.number(3);
  meta.notes = select.number(4);
  meta.digest = select.bytes(5);
  if ((!meta.sealed && select.bytes(1) != "recording") || select.bytes(6) != meta_check(meta)) return damage;
  return meta;
}

std::uint64_t note_check(std::uint64_t number, std::uint64_t after, std::string_view kind, std::string_view detail) {
  std::string all;
  for (const std::uint64_t value : {number, after, static_cast<std::uint64_t>(kind.size())}) {
    all.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  all.append(kind).append(detail);
  return xxh3_64(all.data(), all.size());
}

}  // namespace labreel
