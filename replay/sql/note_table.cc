// The table `note`: one row a host note.
#include "replay/sql/event_rows.h"
#include "replay/sql/tables.h"

namespace labreel {
namespace {

class NoteRows final : public SqlCursor {
 public:
  static constexpr const char* kName = "note";
  static const std::vector<SqlColumn>& columns() {
    static const std::vector<SqlColumn> kColumns{{"after", "INTEGER"}, {"kind", "TEXT"}, {"detail", "TEXT"}};
    return kColumns;
  }

  explicit NoteRows(ReelFacts& facts) : notes_(facts.log().notes()) {}

  void start(const std::vector<SqlCondition>& /*conditions*/) override { at_ = 0; }
  bool at_end() const override { return at_ >= notes_.size(); }
  void next() override { ++at_; }
  std::int64_t row_number() const override { return static_cast<std::int64_t>(at_); }
  SqlValue value(std::size_t column) override {
    const HostNote& note = notes_[at_];
    if (column == 0) return sql_number(note.after.value);
    return column == 1 ? note.kind : note.detail;
  }

 private:
  const std::vector<HostNote>& notes_;
  std::size_t at_ = 0;
};

}  // namespace

const std::vector<SqlColumn>& note_columns() { return NoteRows::columns(); }
std::unique_ptr<SqlTable> note_table(ReelFacts& facts) { return std::make_unique<FactsTable<NoteRows>>(facts); }

}  // namespace labreel
