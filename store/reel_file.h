// The database side of a recording: pages and notes in, in transactions; at last the seal.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "store/database.h"
#include "store/digest.h"
#include "store/page.h"
#include "store/reel_index.h"
#include "store/reel_tables.h"

namespace labreel {

// Errors: DatabaseError, from everything.
class ReelFile {
 public:
  // Writes the tables into an empty file.
  static std::unique_ptr<ReelFile> create(const std::string& path, const Word128& lab_id);
  // Opens a reel to go on with it.
  static std::unique_ptr<ReelFile> open(const std::string& path, const Word128& lab_id);

  void insert_page(const PageHead& head, const PageBuffer& image);
  void insert_note(std::uint64_t number, const HostNote& note);
  // False after any failure that SQLite answered by rolling back, be it of a SELECT that had to make room in the cache.
  bool is_in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }
  void commit();
  void roll_back();
  // Returns a page that was inserted.
  std::string page_image(std::uint64_t first_seq);

  // Adds inserted events to the digest, up to `last_seq`, or to the end of a page where `max_bytes` are reached.
  void catch_up(DigestChain& digest, std::uint64_t last_seq, std::uint64_t max_bytes);

  // Makes a reel of an older version one of this version, in the open transaction: pages of both may be in it then.
  void raise_version();
  // Takes back what seal() wrote.
  void unseal();
  // Removes the journal; nothing can be written after that.
  void remove_journal();
  // Writes digest, block hashes, indexes and the seal, and removes the journal.
  void seal(std::uint64_t last_seq, std::uint64_t pages, std::uint64_t notes, DigestChain& digest, const IndexBuilder& index);

 private:
  ReelFile(Database database, const Word128& lab_id);
  void begin();
  void write_index(const IndexBuilder& index);

  Database database_;
  Word128 lab_id_;
  std::optional<Statement> insert_page_;
  std::optional<Statement> insert_note_;
  std::optional<Statement> select_page_;
};

}  // namespace labreel
