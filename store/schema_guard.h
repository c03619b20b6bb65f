// What a reel's first page says of its tables, read before SQLite reads anything of it.
#pragma once

#include <optional>
#include <string>

#include "engine/core/result.h"
#include "store/database.h"
#include "store/reel_bytes.h"
#include "store/reel_files.h"

namespace labreel {

// Says why SQLite must not read this database: it runs what a schema holds (expressions of generated columns, of indexes, of
// views), and some of it as soon as it opens the file. Nothing if the tables are a reel's, word by word, perhaps without
// some, with those of packed files, and with plain tables that somebody added and no reader asks for.
//
// Errors: the place is within the file: "table sqlite_schema, row 3". Source: FORMAT.md, "What SQLite may not do".
std::optional<Error> foreign_schema(const ReelBytes& bytes);

// Opens a reel's database for who reads only the tables beside its events, after its version and its schema were looked at.
//
// Errors: not a reel, a newer format, tables that are not a reel's; DatabaseError.
Result<Database> open_guarded(const ReelFiles& files);

}  // namespace labreel
