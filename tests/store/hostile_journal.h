// Bait: a reel with a hot journal that names another file, which SQLite deletes once it has played the journal.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

#include "store/format.h"

namespace labreel {

inline constexpr std::string_view kJournalMagic{"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8};

inline std::string big_endian_of(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFFU);
  return bytes;
}

// A journal's head, a sector long. Units: `pages` of the database before the transaction.
inline std::string journal_head(std::uint32_t records, std::uint32_t check, std::uint32_t pages,
                                std::uint32_t sector_bytes = 512, std::uint32_t page_bytes = kDatabasePage_bytes) {
  std::string head{kJournalMagic};
  for (const std::uint32_t value : {records, check, pages, sector_bytes, page_bytes}) head += big_endian_of(value);
  head.resize(512, '\0');
  return head;
}

// The record that ends a journal of a transaction over several databases.
// Source: writeSuperJournal() and readSuperJournal() of SQLite's pager.c.
inline std::string super_journal_record(const std::string& named) {
  std::uint32_t check = 0;
  for (const char byte : named) check += static_cast<std::uint32_t>(byte);
  const std::uint32_t behind_all = 0x40000000 / kDatabasePage_bytes + 1;
  return big_endian_of(behind_all) + named + big_endian_of(static_cast<std::uint32_t>(named.size())) +
         big_endian_of(check) + std::string{kJournalMagic};
}

// Puts a journal beside a whole reel, which changes nothing of it and names `named`.
inline void put_hostile_journal(const std::string& reel, const std::string& named) {
  std::ifstream file(reel, std::ios::binary | std::ios::ate);
  const auto pages = static_cast<std::uint32_t>(file.tellg() / kDatabasePage_bytes);
  std::ofstream(journal_path_of(reel), std::ios::binary | std::ios::trunc)
      << journal_head(0, 0, pages) << super_journal_record(named);
}

}  // namespace labreel
