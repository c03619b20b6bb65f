#include "replay/sql/reel_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/core/suggest.h"
#include "engine/text/text.h"
#include "replay/position.h"
#include "replay/sql/event_rows.h"
#include "replay/sql/tables.h"

namespace labreel {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 4> kViews{
    {{"marker", "SELECT seq, time, json ->> 'name' AS name, json ->> 'note' AS note FROM event WHERE kind = 'marker'"},
     {"dropped", "SELECT * FROM copy WHERE reason IS NOT NULL"},
     {"lateness",
      "SELECT after, detail ->> 'until' AS until, detail ->> 'copies' AS copies, detail ->> 'median_ns' AS median_ns, "
      "detail ->> 'max_ns' AS worst_ns, detail ->> 'frame' AS worst_seq, detail ->> 'copy' AS worst_copy "
      "FROM note WHERE kind = 'lateness'"},
     {"stall",
      "SELECT after, detail ->> 'from' AS time, detail ->> 'to' AS until, "
      "(detail ->> 'to') - (detail ->> 'from') AS length_ns FROM note WHERE kind = 'stall'"}}};

class Query final : public ReelQuery {
 public:
  explicit Query(const EventLog& log) : facts_(log) {
    tables_.push_back(frame_table(facts_));
    tables_.push_back(copy_table(facts_));
    tables_.push_back(field_table(facts_));
    tables_.push_back(event_table(facts_));
    tables_.push_back(note_table(facts_));
    SqlSchema schema;
    for (const auto& table : tables_) schema.tables.push_back(table.get());
    for (const auto& [name, select] : kViews) schema.views.emplace_back(name, select);
    schema.functions.push_back({"pos", [this](const std::string& position) -> Result<SqlValue> {
                                  const Result<Seq> seq = resolve_position(facts_.log(), position);
                                  if (!seq) return seq.error();
                                  return sql_number(seq->value);
                                }});
    database_.emplace(schema);
  }

  Status prepare(const std::string& sql);
  const std::vector<std::string>& columns() const override { return database_->columns(); }
  Result<bool> next(std::vector<SqlValue>& row) override { return database_->step(row); }
  const std::optional<Error>& damage() const override { return facts_.damage(); }

 private:
  Error error_of(const std::string& sql, const SqlComplaint& complaint) const;
  std::string suggestion(const std::string& what) const;

  ReelFacts facts_;
  std::vector<std::unique_ptr<SqlTable>> tables_;
  std::optional<SqlDatabase> database_;
};

// The line that holds a byte of the text, and a caret below that byte.
std::string pointed_at(const std::string& sql, std::size_t offset) {
  offset = std::min(offset, sql.size());
  const std::size_t newline = offset == 0 ? std::string::npos : sql.rfind('\n', offset - 1);
  const std::size_t begin = newline == std::string::npos ? 0 : newline + 1;
  const std::string line = sql.substr(begin, sql.find('\n', offset) - begin);
  // Printed, a character may be wider than it was.
  const std::size_t width = characters_in(printable(line.substr(0, offset - begin)));
  return fmt::format("\n  {}\n  {:>{}}", printable(line), "^", width + 1);
}

// What a complaint such as "no such column: f.sorce" names, without a table's alias before it.
std::string named_by(const std::string& what, const std::string& complaint) {
  if (!what.starts_with(complaint)) return {};
  const std::string name = what.substr(complaint.size());
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? name : name.substr(dot + 1);
}

std::string Query::suggestion(const std::string& what) const {
  std::vector<std::string> names;
  if (const std::string column = named_by(what, "no such column: "); !column.empty()) {
    for (const auto& table : tables_) {
      for (const SqlColumn& known : table->columns()) names.push_back(known.name);
    }
    for (const char* const of_marker : {"name", "note"}) names.emplace_back(of_marker);
    return did_you_mean(column, names);
  }
  if (const std::string table = named_by(what, "no such table: "); !table.empty()) {
    for (const auto& known : tables_) names.push_back(known->name());
    for (const auto& [view, select] : kViews) names.emplace_back(view);
    return did_you_mean(table, names);
  }
  return {};
}

Error Query::error_of(const std::string& sql, const SqlComplaint& complaint) const {
  std::string what = printable(complaint.what) + suggestion(complaint.what);
  if (complaint.offset) what += pointed_at(sql, *complaint.offset);
  return Error{ErrorKind::usage, what, "SQL", "labreel query --help lists the tables and their columns"};
}

Status Query::prepare(const std::string& sql) {
  if (const auto complaint = database_->prepare(sql)) return error_of(sql, *complaint);
  return ok_status();
}

}  // namespace

Result<std::unique_ptr<ReelQuery>> ReelQuery::make(const EventLog& log, const std::string& sql) {
  auto query = std::make_unique<Query>(log);
  if (Status prepared = query->prepare(sql); !prepared) return std::move(prepared).error();
  return std::unique_ptr<ReelQuery>{std::move(query)};
}

std::string tables_text() {
  std::string text;
  for (const auto& [name, columns] : {std::pair{"frame", frame_columns()}, std::pair{"copy", copy_columns()},
                                      std::pair{"field", field_columns()}, std::pair{"event", event_columns()}, std::pair{"note", note_columns()}}) {
    text += fmt::format("  {}:", name);
    for (const SqlColumn& column : columns) text += " " + column.name;
    text += '\n';
  }
  return text + "  marker: seq time name note\n  dropped: as copy, only the dropped ones\n"
                "  lateness: after until copies median_ns worst_ns worst_seq worst_copy (copies that the host gave late)\n"
                "  stall: after time until length_ns (times in which the host held up the lab)\n";
}

}  // namespace labreel
