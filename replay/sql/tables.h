// The tables of a recording: frame, copy, field, event and note.
#pragma once

#include <memory>
#include <string_view>

#include "replay/sql/reel_facts.h"
#include "store/sql_database.h"

namespace labreel {

// Shape: the facts must outlive the table. Source: replay/sql/QUESTIONS.md lists the columns.
std::unique_ptr<SqlTable> frame_table(ReelFacts& facts);
std::unique_ptr<SqlTable> copy_table(ReelFacts& facts);
std::unique_ptr<SqlTable> event_table(ReelFacts& facts);
std::unique_ptr<SqlTable> field_table(ReelFacts& facts);
std::unique_ptr<SqlTable> note_table(ReelFacts& facts);
const std::vector<SqlColumn>& frame_columns();
const std::vector<SqlColumn>& copy_columns();
const std::vector<SqlColumn>& event_columns();
const std::vector<SqlColumn>& field_columns();
const std::vector<SqlColumn>& note_columns();

// A table whose cursors are made from the facts.
template <class Rows>
class FactsTable final : public SqlTable {
 public:
  explicit FactsTable(ReelFacts& facts) : facts_(facts) {}
  std::string name() const override { return Rows::kName; }
  const std::vector<SqlColumn>& columns() const override { return Rows::columns(); }
  std::uint64_t rows_estimate() const override { return facts_.log().last().value; }
  std::unique_ptr<SqlCursor> open() const override { return std::make_unique<Rows>(facts_); }

 private:
  ReelFacts& facts_;
};

}  // namespace labreel
