// The table `copy`: one row a copy of a frame, with what finally became of it.
#include "replay/sql/event_rows.h"
#include "replay/sql/tables.h"

namespace labreel {
namespace {

enum Column : std::size_t { kCopy = 2, kPort, kFromPort, kDue, kOutcome, kReason, kFlags, kLength };

// "duplicated,reordered", or NULL.
SqlValue flags_of(const Copy& copy) {
  std::string text;
  const auto add = [&](CopyFlag flag, const char* name) {
    if ((copy.flags & flag) != 0) text += (text.empty() ? "" : ",") + std::string{name};
  };
  add(kDuplicated, "duplicated");
  add(kCorrupted, "corrupted");
  add(kReordered, "reordered");
  return text.empty() ? SqlValue{} : SqlValue{text};
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
                                                 {"length", "INTEGER"}};
    return kColumns;
  }

  explicit CopyRows(ReelFacts& facts) : facts_(facts), rows_(facts) {}

  void start(const std::vector<SqlCondition>& conditions) override {
    port_ = wanted_text(conditions, kPort);
    from_port_ = wanted_text(conditions, kFromPort);
    frame_ = nullptr;
    rows_.start(conditions);
    next();
  }
  bool at_end() const override { return frame_ == nullptr; }
  void next() override {
    for (++copy_;; ++copy_) {
      if ((frame_ == nullptr || copy_ >= frame_->copies.size()) && !next_frame()) return;
      if (copy_ < frame_->copies.size() && (!port_ || facts_.name_of(copy().port) == port_)) return;
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
        return sql_text(facts_.name_of(frame_->port));
      case kDue:
        return copy().scheduled() ? sql_number(copy().due.ns) : SqlValue{};
      case kFlags:
        return flags_of(copy());
      case kLength:
        return sql_number(std::uint64_t{frame_->length});
      default:
        return fate(column);
    }
  }

 private:
  const Copy& copy() const { return frame_->copies[copy_]; }
  bool next_frame() {
    frame_ = nullptr;
    copy_ = 0;
    while (frame_ == nullptr && rows_.next()) {
      const auto* frame = std::get_if<Frame>(&rows_.event().body);
      if (frame != nullptr && (!from_port_ || facts_.name_of(frame->port) == from_port_)) frame_ = frame;
    }
    return frame_ != nullptr;
  }
  SqlValue fate(std::size_t column) {
    const Fate fate = facts_.outcomes().of(rows_.event().seq, copy_, copy());
    if (column == kReason)
      return fate.reason == Reason::none ? SqlValue{} : SqlValue{std::string(name_of(fate.reason))};
    if (fate.in_flight) return std::string{"in-flight"};
    return std::string{fate.delivered() ? "delivered" : "dropped"};
  }

  ReelFacts& facts_;
  EventRows rows_;
  const Frame* frame_ = nullptr;
  std::uint32_t copy_ = 0;
  std::optional<std::string> port_;
  std::optional<std::string> from_port_;
};

}  // namespace

const std::vector<SqlColumn>& copy_columns() { return CopyRows::columns(); }
std::unique_ptr<SqlTable> copy_table(ReelFacts& facts) { return std::make_unique<FactsTable<CopyRows>>(facts); }

}  // namespace labreel
