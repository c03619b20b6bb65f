// The few SQLite calls that the reel needs, with its settings.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "store/page_memory.h"
#include "store/reel_bytes.h"

namespace labreel {

// How long a host note and all of them may be, each counted with kNoteOverhead_bytes: a reader keeps them in memory.
inline constexpr std::uint64_t kNoteBytes_max = 16 << 20;
inline constexpr std::uint64_t kNotesBytes_max = 128 << 20;
inline constexpr std::uint64_t kNoteOverhead_bytes = 64;

// How many steps of SQLite's a reader's statement may take: more than any takes in a whole reel of that size. A tree whose
// branches meet again could be walked for ever.
class StepBudget {
 public:
  explicit StepBudget(std::uint64_t reel_bytes);
  void begin() { left_ = all_; }
  void watch(sqlite3* connection);

 private:
  std::uint64_t all_;
  std::uint64_t left_;
};

// What SQLite refused; caught inside store/.
class DatabaseError : public std::runtime_error {
 public:
  DatabaseError(sqlite3* connection, int code, const std::string& attempt);
  int code() const { return code_; }  // extended
  bool is_out_of_memory() const { return (code_ & 0xFF) == SQLITE_NOMEM; }
  // There was no room; the same may work later.
  bool is_full() const { return (code_ & 0xFF) == SQLITE_FULL; }
  int os_error() const { return os_error_; }

 private:
  int code_;
  int os_error_ = 0;
};

// What callers of the store hear of a database that refuses.
std::system_error refusal(const DatabaseError& error, const std::string& attempt);

class Database {
 public:
  // The recorder's: the file exists and is empty.
  static Database create(const std::string& path);
  // One that nobody knows yet, so that it is written without a journal and without waiting for the disk.
  //
  // Shape: `page_bytes` is one of a reel's; whoever made the file syncs it.
  static Database create_unshared(const std::string& path, int page_bytes);
  // The recorder's that goes on with a reel: a hot journal is rolled back.
  static Database open_to_append(const std::string& path);
  // A reader's, of those bytes and no file: never writes, locks nothing, trusts nothing.
  static Database open_bytes(std::shared_ptr<const ReelBytes> bytes);
  // By name, as SQLite's own shell would: for tests, which change reels with it and compare our rolling back with SQLite's.
  static Database open_copy(const std::string& path);
  // One in memory: for rows that were found elsewhere, or where only SQLite's language is wanted.
  static Database open_empty();

  void run(const std::string& sql);
  std::int64_t number(const std::string& sql);
  sqlite3* get() const { return connection_.get(); }
  StepBudget* budget() const { return budget_.get(); }
  // What is longer in a row is refused from now on. Returns what held before.
  int limit_row(int bytes) { return sqlite3_limit(get(), SQLITE_LIMIT_LENGTH, bytes); }

 private:
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  Database(const std::string& uri, int flags, const char* vfs = nullptr);
  void distrust();
  void make_durable(std::shared_ptr<PageMemory> memory);
  std::unique_ptr<StepBudget> budget_;  // a reader's; outlives the connection
  std::unique_ptr<sqlite3, Close> connection_;
};

// One prepared statement. Bound bytes must live until the next step() or reset().
class Statement {
 public:
  Statement(const Database& database, std::string_view sql);

  Statement& bind(int index, std::uint64_t value);
  Statement& bind(int index, std::string_view text);
  Statement& bind_bytes(int index, std::string_view bytes);
  Statement& bind_null(int index);
  // True for a row; false at the end, when the statement is ready to be bound again.
  bool step();
  void reset();
  // Runs a statement that gives no rows.
  void execute();

  std::uint64_t number(int column) const { return static_cast<std::uint64_t>(sqlite3_column_int64(get(), column)); }
  int type(int column) const { return sqlite3_column_type(get(), column); }  // SQLITE_INTEGER, …
  int columns() const { return sqlite3_column_count(get()); }
  // A text's or a blob's bytes, which live until the next step.
  std::string_view bytes(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  sqlite3_stmt* get() const { return statement_.get(); }
  StepBudget* budget_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// One column's blobs, row by row, read to where the caller wants them: a Statement would gather each in memory of its
// own first.
class BlobReader {
 public:
  BlobReader(const Database& database, const char* table, const char* column)
      : database_(database.get()), budget_(database.budget()), table_(table), column_(column) {}

  // Goes to the row with that key; says how many bytes its blob has.
  std::size_t go_to(std::uint64_t key);
  // All of that row's blob.
  void read(std::byte* to, std::size_t bytes);

 private:
  struct Close {
    void operator()(sqlite3_blob* blob) const { sqlite3_blob_close(blob); }
  };
  sqlite3* database_;
  StepBudget* budget_;
  const char* table_;
  const char* column_;
  std::unique_ptr<sqlite3_blob, Close> blob_;
};

}  // namespace labreel
