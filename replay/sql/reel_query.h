// ReelQuery: SQL over a recording.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event_log.h"
#include "store/sql_database.h"

namespace labreel {

// Shape:  tables frame, copy and event, views marker and dropped, and pos('marker') as a position's seq. Rows come as
//         they are found; no table is ever whole in memory.
// Errors: SQL that does not compile is Error{usage} whose words show where, with a hint.
// Source: replay/sql/QUESTIONS.md.
class ReelQuery {
 public:
  // The log must outlive the query.
  static Result<std::unique_ptr<ReelQuery>> make(const EventLog& log, const std::string& sql);
  virtual ~ReelQuery() = default;

  virtual const std::vector<std::string>& columns() const = 0;
  // False at the end. Errors: what SQL meets on its way, such as a position that is not there.
  virtual Result<bool> next(std::vector<SqlValue>& row) = 0;
  // Damage that ended what was read: the rows are those of the events before it.
  virtual const std::optional<Error>& damage() const = 0;
};

// The tables with their columns, a line each, for help.
std::string tables_text();

}  // namespace labreel
