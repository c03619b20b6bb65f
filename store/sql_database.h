// SqlDatabase: read-only SQL over tables that their owner fills row by row; nothing else can be reached from a query.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core/result.h"

namespace labreel {

struct SqlBytes {
  std::string bytes;
  bool operator==(const SqlBytes&) const = default;
};
// NULL, an integer, a real number, text, or bytes.
using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string, SqlBytes>;

// What a condition on a column is good for, besides being checked on each row.
enum class SqlUse {
  none,
  row,    // its value finds a row at once; rows come in its order
  order,  // rows come in its order: a range of it is a range of rows
  skip,   // rows with another value can be passed over cheaply
};
struct SqlColumn {
  std::string name;
  std::string type;  // INTEGER, TEXT or BLOB
  SqlUse use = SqlUse::none;
};

// A condition that every row asked for meets: COLUMN COMPARISON VALUE.
enum class SqlComparison { equal, above, at_least, below, at_most };
struct SqlCondition {
  std::size_t column;
  SqlComparison comparison;
  SqlValue value;
};

// Walks over a table's rows.
class SqlCursor {
 public:
  SqlCursor() = default;
  SqlCursor(const SqlCursor&) = delete;
  SqlCursor& operator=(const SqlCursor&) = delete;
  virtual ~SqlCursor() = default;
  // Goes to the first row. The conditions may be used to pass over rows, or not: each row is checked again. They are of
  // columns with a use; `equal` alone of one to skip by.
  virtual void start(const std::vector<SqlCondition>& conditions) = 0;
  virtual bool at_end() const = 0;
  virtual void next() = 0;
  // The same row has always the same number.
  virtual std::int64_t row_number() const = 0;
  virtual SqlValue value(std::size_t column) = 0;
};

class SqlTable {
 public:
  SqlTable() = default;
  SqlTable(const SqlTable&) = delete;
  SqlTable& operator=(const SqlTable&) = delete;
  virtual ~SqlTable() = default;
  virtual std::string name() const = 0;
  virtual const std::vector<SqlColumn>& columns() const = 0;
  // About how many rows it has: the planner's only figure.
  virtual std::uint64_t rows_estimate() const = 0;
  virtual std::unique_ptr<SqlCursor> open() const = 0;
};

// A function of one text; its error is the query's.
struct SqlFunction {
  std::string name;
  std::function<Result<SqlValue>(const std::string&)> call;
};

// Shape: views are (name, SELECT …). All must outlive the database.
struct SqlSchema {
  std::vector<const SqlTable*> tables;
  std::vector<std::pair<std::string, std::string>> views;
  std::vector<SqlFunction> functions;
};

// Why SQL does not compile.
struct SqlComplaint {
  std::string what;                   // SQLite's words
  std::optional<std::size_t> offset;  // of the byte that it complains of, if it says so
};

// Shape:  one statement at a time: prepare(), then step() for each row. A statement can read the schema's tables and
//         views, and do nothing else: no file, no pragma that sets, no extension. Sorting spills to the
//         process's scratch file, which is made now if it was not before (store/scratch.h).
// Errors: std::system_error where SQLite itself cannot start.
class SqlDatabase {
 public:
  static constexpr std::int64_t kMemory_bytes_max = 192 << 20;

  explicit SqlDatabase(const SqlSchema& schema);
  ~SqlDatabase();
  SqlDatabase(const SqlDatabase&) = delete;
  SqlDatabase& operator=(const SqlDatabase&) = delete;

  std::optional<SqlComplaint> prepare(const std::string& sql);
  // Of the statement that was prepared; no two are the same.
  const std::vector<std::string>& columns() const { return columns_; }
  // Reads the next row; false at the end. Errors: Error{usage} with SQLite's words, or the function's that failed.
  Result<bool> step(std::vector<SqlValue>& row);

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::vector<std::string> columns_;
};

}  // namespace labreel
