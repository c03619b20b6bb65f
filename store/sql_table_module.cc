#include "store/sql_table_module.h"

#include <algorithm>
#include <exception>
#include <new>

#include "store/database.h"

namespace labreel {
namespace {

// SQLite's own structs come first, as it asks for.
struct Table : sqlite3_vtab {
  explicit Table(const SqlTable& shown) : sqlite3_vtab{}, table(shown) {}
  const SqlTable& table;
};
struct Cursor : sqlite3_vtab_cursor {
  explicit Cursor(std::unique_ptr<SqlCursor> walked) : sqlite3_vtab_cursor{}, rows(std::move(walked)) {}
  std::unique_ptr<SqlCursor> rows;
};

Table& of(sqlite3_vtab* table) { return *static_cast<Table*>(table); }
Cursor& of(sqlite3_vtab_cursor* cursor) { return *static_cast<Cursor*>(cursor); }

// SQLite is C: nothing may be thrown through it.
template <class Do>
int guarded(sqlite3_vtab* table, Do&& what) {
  try {
    what();
    return SQLITE_OK;
  } catch (const std::bad_alloc&) {
    return SQLITE_NOMEM;
  } catch (const std::exception& error) {
    if (table != nullptr) {
      sqlite3_free(table->zErrMsg);
      table->zErrMsg = sqlite3_mprintf("%s", error.what());
    }
    return SQLITE_ERROR;
  }
}

int connect(sqlite3* connection, void* shown, int /*argc*/, const char* const* /*argv*/, sqlite3_vtab** made,
            char** why) {
  int declared = SQLITE_OK;
  const int code = guarded(nullptr, [&] {
    const auto& table = *static_cast<const SqlTable*>(shown);
    std::string columns;
    for (const SqlColumn& column : table.columns()) {
      columns += (columns.empty() ? "\"" : ", \"") + column.name + "\" " + column.type;
    }
    declared = sqlite3_declare_vtab(connection, ("CREATE TABLE x(" + columns + ")").c_str());
    if (declared != SQLITE_OK) *why = sqlite3_mprintf("%s", sqlite3_errmsg(connection));
    if (declared == SQLITE_OK) *made = new Table(table);
  });
  return code == SQLITE_OK ? declared : code;
}

int disconnect(sqlite3_vtab* table) {
  delete static_cast<Table*>(table);
  return SQLITE_OK;
}

std::optional<SqlComparison> comparison_of(unsigned char op) {
  switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
      return SqlComparison::equal;
    case SQLITE_INDEX_CONSTRAINT_GT:
      return SqlComparison::above;
    case SQLITE_INDEX_CONSTRAINT_GE:
      return SqlComparison::at_least;
    case SQLITE_INDEX_CONSTRAINT_LT:
      return SqlComparison::below;
    case SQLITE_INDEX_CONSTRAINT_LE:
      return SqlComparison::at_most;
    default:
      return std::nullopt;
  }
}

SqlUse use_of(const Table& table, int column) {
  if (column < 0) return SqlUse::none;  // the row's number
  return table.table.columns()[static_cast<std::size_t>(column)].use;
}

// How much of the table is left when a condition is used.
double share_left(SqlUse use, SqlComparison comparison, double rows) {
  if (comparison != SqlComparison::equal) return 0.25;
  return use == SqlUse::row ? 1 / rows : use == SqlUse::order ? 10 / rows : 0.1;
}

// Chooses the conditions that the cursor will hear of, and writes them into the plan's text, two characters each:
// column and comparison.
void plan(const Table& table, sqlite3_index_info& info, std::string& chosen) {
  const double rows = static_cast<double>(std::max<std::uint64_t>(table.table.rows_estimate(), 1));
  double read = rows;
  double given = rows;
  for (int i = 0; i < info.nConstraint; ++i) {
    const auto& constraint = info.aConstraint[i];
    const SqlUse use = use_of(table, constraint.iColumn);
    const auto comparison = comparison_of(constraint.op);
    if (constraint.usable == 0 || use == SqlUse::none || !comparison) continue;
    if (use == SqlUse::skip && *comparison != SqlComparison::equal) continue;
    // Another collation calls more things equal than the bytes do.
    if (sqlite3_stricmp(sqlite3_vtab_collation(&info, i), "BINARY") != 0) continue;
    chosen += static_cast<char>('A' + constraint.iColumn);
    chosen += static_cast<char>('A' + static_cast<int>(*comparison));
    info.aConstraintUsage[i].argvIndex = static_cast<int>(chosen.size() / 2);
    const double left = share_left(use, *comparison, rows);
    given *= left;
    if (use != SqlUse::skip) read *= left;
  }
  info.estimatedCost = std::max(read, 1.0) + 20;
  info.estimatedRows = static_cast<sqlite3_int64>(std::max(given, 1.0));
  const bool in_order = info.nOrderBy == 1 && info.aOrderBy[0].desc == 0;
  const SqlUse ordered_by = in_order ? use_of(table, info.aOrderBy[0].iColumn) : SqlUse::none;
  info.orderByConsumed = ordered_by == SqlUse::row || ordered_by == SqlUse::order ? 1 : 0;
}

int best_index(sqlite3_vtab* table, sqlite3_index_info* info) {
  return guarded(table, [&] {
    std::string chosen;
    plan(of(table), *info, chosen);
    info->idxStr = sqlite3_mprintf("%s", chosen.c_str());
    if (info->idxStr == nullptr) throw std::bad_alloc();
    info->needToFreeIdxStr = 1;
  });
}

int open(sqlite3_vtab* table, sqlite3_vtab_cursor** made) {
  return guarded(table, [&] { *made = new Cursor(of(table).table.open()); });
}

int close(sqlite3_vtab_cursor* cursor) {
  delete static_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int /*number*/, const char* chosen, int argc, sqlite3_value** argv) {
  return guarded(cursor->pVtab, [&] {
    std::vector<SqlCondition> conditions;
    for (int i = 0; i < argc; ++i) {
      const char* const words = chosen + std::ptrdiff_t{2} * i;
      conditions.push_back(
          {static_cast<std::size_t>(words[0] - 'A'), static_cast<SqlComparison>(words[1] - 'A'), value_of(argv[i])});
    }
    of(cursor).rows->start(conditions);
  });
}

int next(sqlite3_vtab_cursor* cursor) {
  return guarded(cursor->pVtab, [&] { of(cursor).rows->next(); });
}

int eof(sqlite3_vtab_cursor* cursor) { return of(cursor).rows->at_end() ? 1 : 0; }

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int number) {
  return guarded(cursor->pVtab,
                 [&] { give_result(context, of(cursor).rows->value(static_cast<std::size_t>(number))); });
}

int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* number) {
  *number = of(cursor).rows->row_number();
  return SQLITE_OK;
}

// Without xCreate the table is there under its module's name, and cannot be made again; without xUpdate it is
// read-only.
const sqlite3_module& module() {
  static const sqlite3_module kModule = [] {
    sqlite3_module made{};
    made.xConnect = connect;
    made.xBestIndex = best_index;
    made.xDisconnect = disconnect;
    made.xOpen = open;
    made.xClose = close;
    made.xFilter = filter;
    made.xNext = next;
    made.xEof = eof;
    made.xColumn = column;
    made.xRowid = row_id;
    return made;
  }();
  return kModule;
}

struct GiveResult {
  sqlite3_context* context;
  void operator()(std::monostate) const { sqlite3_result_null(context); }
  void operator()(std::int64_t number) const { sqlite3_result_int64(context, number); }
  void operator()(double number) const { sqlite3_result_double(context, number); }
  void operator()(const std::string& text) const {
    sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  void operator()(const SqlBytes& blob) const {
    sqlite3_result_blob64(context, blob.bytes.data(), blob.bytes.size(), SQLITE_TRANSIENT);
  }
};

}  // namespace

void give_result(sqlite3_context* context, const SqlValue& value) { std::visit(GiveResult{context}, value); }

SqlValue value_of(sqlite3_value* value) {
  const auto bytes = [&](const void* data) {
    return data == nullptr
               ? std::string{}
               : std::string(static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_value_bytes(value)));
  };
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_value_int64(value)};
    case SQLITE_FLOAT:
      return sqlite3_value_double(value);
    case SQLITE_TEXT:
      return bytes(sqlite3_value_text(value));
    case SQLITE_BLOB:
      return SqlBytes{bytes(sqlite3_value_blob(value))};
    default:
      return std::monostate{};
  }
}

void add_table(sqlite3* connection, const SqlTable& table) {
  const int code =
      sqlite3_create_module_v2(connection, table.name().c_str(), &module(), const_cast<SqlTable*>(&table), nullptr);
  if (code != SQLITE_OK) throw DatabaseError(connection, code, "add table " + table.name());
}

}  // namespace labreel
