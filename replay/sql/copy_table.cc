// The table `copy`: one row a copy of a frame, with what finally became of it.
#include <fmt/format.h>

#include "replay/settings.h"
#include "replay/sql/event_rows.h"
#include "replay/sql/tables.h"

namespace labreel {
namespace {

enum Column : std::size_t { kCopy = 2, kPort, kFromPort, kDue, kOutcome, kReason, kFlags, kLength, kEdge };

// "duplicated,reordered", or NULL.
SqlValue flags_of(const Copy& copy) {
  const auto names = names_of_flags(copy.flags);
  return names.empty() ? SqlValue{} : SqlValue{fmt::format("{}", fmt::join(names, ","))};
}

class CopyRows final : public SqlCursor {
 public:
  static constexpr const char* kName = "copy";
  static const std::vector<SqlColumn>& columns() {
    static const std::vector<SqlColumn> kColumns{{"seq", "INTEGER", SqlUse::order},
                                                 {"time", "INTEGER", SqlUse::order},
                                                 {"copy", "INTEGER"},
                                                 {"port", "TEXT", SqlUse::skip},
                                                 {"from_port", "TEXT", SqlUse::skip},
                                                 {"due", "INTEGER"},
                                                 {"outcome", "TEXT"},
                                                 {"reason", "TEXT"},
                                                 {"flags", "TEXT"},
                                                 {"length", "INTEGER"},
                                                 {"edge", "TEXT"}};
    return kColumns;
  }

  explicit CopyRows(ReelFacts& facts) : facts_(facts), rows_(facts, kFromPort) {}

  void start(const std::vector<SqlCondition>& conditions) override {
    port_ = wanted_text(conditions, kPort);
    rows_.start(conditions);
    next();
  }
  bool at_end() const override { return rows_.at_end(); }
  void next() override {
    for (++copy_;; ++copy_) {
      if ((at_end() || copy_ >= frame().copies.size()) && !next_frame()) return;
      if (copy_ < frame().copies.size() && (!port_ || facts_.name_of(copy().port) == port_)) return;
    }
  }
  std::int64_t row_number() const override {
    constexpr int kCopyBits = 16;  // a record counts its copies in as many
    return static_cast<std::int64_t>(rows_.event().seq.value << kCopyBits | copy_);
  }
  SqlValue value(std::size_t column) override {
    switch (column) {
      case kSeqColumn:
        return sql_number(rows_.event().seq.value);
      case kTimeColumn:
        return sql_number(rows_.event().time.ns);
      case kCopy:
        return sql_number(std::uint64_t{copy_});
      case kPort:
        return sql_text(facts_.name_of(copy().port));
      case kFromPort:
        return sql_text(facts_.name_of(frame().port));
      case kDue:
        return copy().scheduled() ? sql_number(copy().due.ns) : SqlValue{};
      case kFlags:
        return flags_of(copy());
      case kLength:
        return sql_number(std::uint64_t{frame().length});
      case kEdge:
        return edge();
      default:
        return fate(column);
    }
  }

 private:
  const Frame& frame() const { return rows_.frame(); }
  const Copy& copy() const { return frame().copies[copy_]; }
  bool next_frame() {
    copy_ = 0;
    return rows_.next();
  }
  SqlValue edge() {
    const std::string_view name = name_of(facts_.edge_of(rows_.event().seq, copy_));
    return name.empty() ? SqlValue{} : SqlValue{std::string(name)};
  }
  SqlValue fate(std::size_t column) {
    const Fate fate = facts_.outcomes().of(rows_.event().seq, copy_, copy());
    if (column == kReason)
      return fate.reason == Reason::none ? SqlValue{} : SqlValue{std::string(name_of(fate.reason))};
    if (fate.in_flight) return std::string{"in-flight"};
    return std::string{fate.delivered() ? "delivered" : "dropped"};
  }

  ReelFacts& facts_;
  FrameRows rows_;
  std::uint32_t copy_ = 0;
  std::optional<std::string> port_;
};

}  // namespace

const std::vector<SqlColumn>& copy_columns() { return CopyRows::columns(); }
std::unique_ptr<SqlTable> copy_table(ReelFacts& facts) { return std::make_unique<FactsTable<CopyRows>>(facts); }

}  // namespace labreel
