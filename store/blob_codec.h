// How blobs lie in the database: the tables' text, compression, guards. BlobWriter, Blobs and check share it.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/blobs.h"
#include "store/database.h"
#include "store/packed_codec.h"

namespace labreel {

// The rows that blobs add to sqlite_schema, in order.
const std::array<SchemaRow, 2>& blob_schema();
// Errors: DatabaseError.
bool has_blob_tables(Database& database);

// The hash in a column; all zeros if the column has none.
Sha256 hash_in(const Statement& row, int column);
// Says whether such a use may be stored: names that are neither empty nor too long, a chunk of a blob's length, an offset with
// room behind it.
bool is_storable(const BlobUse& use);

// A chunk as it is stored: compressed, or as it is where that is no shorter.
struct StoredChunk {
  std::uint8_t codec = 0;  // 0, or 1: zstd
  std::string data;
};
StoredChunk pack_chunk(std::string_view content);
// Errors: another codec, data that does not unpack to exactly `bytes`; more than kBlobBytes_max is never allocated.
Result<std::string> unpack_chunk(std::uint64_t codec, std::string_view data, std::uint64_t bytes);

// The guard of a use's row.
std::uint64_t blob_use_check(const BlobUse& use);

// Reads the list. Errors: as Blobs::open's, without the reel's path; DatabaseError.
Result<std::vector<BlobUse>> read_blob_uses(Database& database);
// Reads a chunk. Errors: none with that hash; one that is damaged; DatabaseError.
Result<std::string> read_chunk(Database& database, const BlobUse& use);
// Reads every chunk, and looks whether each is used.
void check_chunks(Database& database, const std::vector<BlobUse>& uses,
                  const std::function<void(const std::string& place, const std::string& what)>& find);

}  // namespace labreel
