// The table `event`: one row an event of any kind, as `events --json` says it.
#include "replay/event_json.h"
#include "replay/sql/event_rows.h"
#include "replay/sql/tables.h"

namespace labreel {
namespace {

enum Column : std::size_t { kKind = 2, kCause, kJson };

class AllRows final : public SqlCursor {
 public:
  static constexpr const char* kName = "event";
  static const std::vector<SqlColumn>& columns() {
    static const std::vector<SqlColumn> kColumns{{"seq", "INTEGER", SqlUse::row},
                                                 {"time", "INTEGER", SqlUse::order},
                                                 {"kind", "TEXT", SqlUse::skip},
                                                 {"cause", "INTEGER"},
                                                 {"json", "TEXT"}};
    return kColumns;
  }

  explicit AllRows(ReelFacts& facts) : facts_(facts), rows_(facts) {}

  void start(const std::vector<SqlCondition>& conditions) override {
    kind_ = wanted_text(conditions, kKind);
    topology_.reset();
    here_ = false;
    rows_.start(conditions);
    next();
  }
  bool at_end() const override { return !here_; }
  void next() override {
    do {
      // An effect changes the names of what comes behind it; one that does not fit is passed over, as EventJson does.
      if (here_ && topology_) static_cast<void>(topology_->apply(rows_.event().body).ok());
      here_ = rows_.next();
    } while (here_ && kind_ && *kind_ != name_of(rows_.event().kind()));
  }
  std::int64_t row_number() const override { return static_cast<std::int64_t>(rows_.event().seq.value); }
  SqlValue value(std::size_t column) override {
    const Event& event = rows_.event();
    switch (column) {
      case kSeqColumn:
        return sql_number(event.seq.value);
      case kTimeColumn:
        return sql_number(event.time.ns);
      case kKind:
        return std::string(name_of(event.kind()));
      case kCause:
        return event.cause.is_none() ? SqlValue{} : sql_number(event.cause.value);
      case kJson:
        return json();
      default:
        return {};
    }
  }

 private:
  std::string json() {
    if (!topology_) topology_ = facts_.topology_before(rows_.event().seq);
    JsonWriter writer;
    write_event(writer, rows_.event(), *topology_, false);
    return writer.take();
  }

  ReelFacts& facts_;
  EventRows rows_;
  bool here_ = false;
  std::optional<std::string> kind_;
  std::optional<Topology> topology_;  // before the row's event, once a row was asked for its JSON
};

}  // namespace

const std::vector<SqlColumn>& event_columns() { return AllRows::columns(); }
std::unique_ptr<SqlTable> event_table(ReelFacts& facts) { return std::make_unique<FactsTable<AllRows>>(facts); }

}  // namespace labreel
