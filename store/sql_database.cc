#include "store/sql_database.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "store/database.h"
#include "store/scratch.h"
#include "store/sql_table_module.h"

namespace labreel {
namespace {

constexpr std::array<std::string_view, 4> kPragmas{"table_info", "table_xinfo", "table_list", "function_list"};

// What a query may do: read, call functions, and ask for the names of tables and columns.
int authorise(void* /*context*/, int action, const char* first, const char* second, const char* /*database*/,
              const char* /*view*/) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      return second != nullptr && std::string_view{second} == "load_extension" ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
      return first != nullptr && std::find(kPragmas.begin(), kPragmas.end(), first) != kPragmas.end() ? SQLITE_OK
                                                                                                      : SQLITE_DENY;
    default:
      return SQLITE_DENY;
  }
}

void call(sqlite3_context* context, int /*argc*/, sqlite3_value** argv) {
  const auto& function = *static_cast<const SqlFunction*>(sqlite3_user_data(context));
  try {
    const SqlValue argument = value_of(argv[0]);
    if (std::holds_alternative<std::monostate>(argument)) return;  // of NULL: NULL
    const auto* const text = reinterpret_cast<const char*>(sqlite3_value_text(argv[0]));
    const Result<SqlValue> value = function.call(text == nullptr ? "" : text);
    if (value) {
      give_result(context, *value);
    } else {
      sqlite3_result_error(context, value.error().what.c_str(), -1);
    }
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n;") == std::string_view::npos; }

SqlValue column_of(sqlite3_stmt* statement, int column) {
  const auto bytes = [&](const void* data) {
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return data == nullptr ? std::string{} : std::string(static_cast<const char*>(data), size);
  };
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_column_int64(statement, column)};
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, column);
    case SQLITE_TEXT:
      return bytes(sqlite3_column_text(statement, column));
    case SQLITE_BLOB:
      return SqlBytes{bytes(sqlite3_column_blob(statement, column))};
    default:
      return std::monostate{};
  }
}

// Columns of one name are told apart by a number: JSON's keys must differ.
std::vector<std::string> names_of(sqlite3_stmt* statement) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    const char* const given = sqlite3_column_name(statement, i);
    const std::string name = given == nullptr ? "?" : given;
    std::string different = name;
    for (int number = 2; !taken.insert(different).second; ++number) different = name + "_" + std::to_string(number);
    names.push_back(different);
  }
  return names;
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

}  // namespace

struct SqlDatabase::State {
  std::vector<SqlFunction> functions;  // what SQLite points to
  Database database = Database::open_empty();
  std::unique_ptr<sqlite3_stmt, Finalize> statement;
};

SqlDatabase::SqlDatabase(const SqlSchema& schema) try : state_(std::make_unique<State>()) {
  prepare_scratch();
  state_->functions = schema.functions;
  sqlite3* const connection = state_->database.get();
  for (const SqlTable* table : schema.tables) add_table(connection, *table);
  for (SqlFunction& function : state_->functions) {
    // The reel does not change while it is asked.
    const int code =
        sqlite3_create_function_v2(connection, function.name.c_str(), 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, &function,
                                   call, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw DatabaseError(connection, code, "add function " + function.name);
  }
  // A table declares its columns when it is first named, which the authorizer would refuse.
  for (const SqlTable* table : schema.tables) state_->database.run("SELECT 1 FROM " + table->name() + " LIMIT 0");
  for (const auto& [name, select] : schema.views) state_->database.run("CREATE VIEW " + name + " AS " + select);
  sqlite3_hard_heap_limit64(kMemory_bytes_max);
  sqlite3_set_authorizer(connection, authorise, nullptr);
} catch (const DatabaseError& error) {
  throw refusal(error, "prepare for SQL");
}
SqlDatabase::~SqlDatabase() = default;

std::optional<SqlComplaint> SqlDatabase::prepare(const std::string& sql) {
  sqlite3* const connection = state_->database.get();
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  state_->statement.reset();
  const int code = sqlite3_prepare_v2(connection, sql.c_str(), static_cast<int>(sql.size()) + 1, &statement, &rest);
  state_->statement.reset(statement);
  if (code == SQLITE_AUTH) return SqlComplaint{"a query only reads: " + std::string{sqlite3_errmsg(connection)}, {}};
  if (code != SQLITE_OK) {
    const int offset = sqlite3_error_offset(connection);
    SqlComplaint complaint{sqlite3_errmsg(connection), {}};
    if (offset >= 0) complaint.offset = static_cast<std::size_t>(offset);
    return complaint;
  }
  if (statement == nullptr) return SqlComplaint{"there is no statement", {}};
  // VACUUM asks for leave only when it runs.
  if (sqlite3_stmt_readonly(statement) == 0) return SqlComplaint{"a query only reads", {}};
  if (!is_blank(rest)) return SqlComplaint{"there is a second statement", static_cast<std::size_t>(rest - sql.c_str())};
  columns_ = names_of(statement);
  return std::nullopt;
}

Result<bool> SqlDatabase::step(std::vector<SqlValue>& row) {
  sqlite3_stmt* const statement = state_->statement.get();
  const int code = sqlite3_step(statement);
  if (code == SQLITE_DONE) return false;
  if ((code & 0xFF) == SQLITE_NOMEM) {
    return Error{ErrorKind::host,
                 "the query needs more than " + std::to_string(kMemory_bytes_max >> 20) + " MiB of memory",
                 {},
                 "let it gather less: group_concat() and large IN lists are kept whole"};
  }
  if (code != SQLITE_ROW) return Error{ErrorKind::usage, sqlite3_errmsg(state_->database.get())};
  row.clear();
  for (int i = 0; i < sqlite3_column_count(statement); ++i) row.push_back(column_of(statement, i));
  return true;
}

}  // namespace labreel
