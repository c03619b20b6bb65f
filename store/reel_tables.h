// The tables of a reel, for those who write and those who read them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/database.h"
#include "store/digest.h"
#include "store/format.h"

namespace labreel {

// Each table's name and the statement that makes it, as sqlite_schema must repeat it.
const std::vector<std::pair<std::string, std::string>>& reel_tables();
// The one with the events, of those.
const std::pair<std::string, std::string>& page_table();

// The one row of the table `meta`.
//
// Source: FORMAT.md, "The tables".
struct ReelMeta {
  Word128 lab_id;
  bool sealed = false;
  std::uint64_t last_seq = 0;  // this and what follows is 0 or empty until the reel is sealed
  std::uint64_t pages = 0;
  std::uint64_t notes = 0;
  std::string digest;
};

void write_meta(Database& database, const ReelMeta& meta);
// Errors: a row that is not there, or that is not what write_meta() wrote.
Result<ReelMeta> read_meta(Database& database);

// A guard for a host note's row.
std::uint64_t note_check(std::uint64_t number, std::uint64_t after, std::string_view kind, std::string_view detail);

std::string bytes_of(const Word128& word);

}  // namespace labreel
