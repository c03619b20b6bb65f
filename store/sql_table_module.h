// An SqlTable as one of SQLite's virtual tables.
#pragma once

#include <sqlite3.h>

#include "store/sql_database.h"

namespace labreel {

// Makes a table known to a connection under its name. Both must outlive the connection's statements.
//
// Errors: DatabaseError.
void add_table(sqlite3* connection, const SqlTable& table);

// Hands a value to SQLite as a function's result, or as a column's.
void give_result(sqlite3_context* context, const SqlValue& value);
SqlValue value_of(sqlite3_value* value);

}  // namespace labreel
