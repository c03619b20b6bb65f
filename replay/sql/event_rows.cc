#include "replay/sql/event_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace labreel {
namespace {

constexpr auto kSqlMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

struct Range {
  std::uint64_t from = 0;  // both inclusive
  std::uint64_t to = kSqlMax;
  bool is_empty() const { return from > to; }
};

std::uint64_t at_least_zero(std::int64_t number) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
}

// Narrows a range by a condition. It may leave too much, never too little: a real number is rounded outwards.
void narrow(Range& range, const SqlCondition& condition) {
  std::int64_t low = 0;
  std::int64_t high = 0;
  if (const auto* whole = std::get_if<std::int64_t>(&condition.value)) {
    low = high = *whole;
    if (condition.comparison == SqlComparison::above && low < std::numeric_limits<std::int64_t>::max()) ++low;
    if (condition.comparison == SqlComparison::below && high > std::numeric_limits<std::int64_t>::min()) --high;
  } else if (const auto* real = std::get_if<double>(&condition.value)) {
    constexpr double kBeyond = 9.2e18;
    if (!(std::fabs(*real) < kBeyond)) return;
    low = static_cast<std::int64_t>(std::floor(*real));
    high = static_cast<std::int64_t>(std::ceil(*real));
  } else {
    return;
  }
  const bool from = condition.comparison != SqlComparison::below && condition.comparison != SqlComparison::at_most;
  const bool to = condition.comparison != SqlComparison::above && condition.comparison != SqlComparison::at_least;
  if (from) range.from = std::max(range.from, at_least_zero(low));
  if (to && high < 0) range = Range{1, 0};
  if (to && high >= 0) range.to = std::min(range.to, at_least_zero(high));
}

Range range_of(const std::vector<SqlCondition>& conditions, std::size_t column) {
  Range range;
  for (const SqlCondition& condition : conditions) {
    if (condition.column == column) narrow(range, condition);
  }
  return range;
}

// The events within a range of times. Errors: damage.
Result<Range> seqs_of(const EventLog& log, const Range& times) {
  Range seqs{1, log.last().value};
  if (times.is_empty()) return Range{1, 0};
  if (times.from > 0) {
    const Result<Seq> before = log.last_at_or_before(LabTime{times.from - 1});
    if (!before) return before.error();
    seqs.from = before->value + 1;
  }
  if (times.to < kSqlMax) {
    const Result<Seq> last = log.last_at_or_before(LabTime{times.to});
    if (!last) return last.error();
    seqs.to = last->value;
  }
  return seqs;
}

}  // namespace

SqlValue sql_number(std::uint64_t number) { return static_cast<std::int64_t>(std::min(number, kSqlMax)); }

std::optional<std::string> wanted_text(const std::vector<SqlCondition>& conditions, std::size_t column) {
  for (const SqlCondition& condition : conditions) {
    if (condition.column != column || condition.comparison != SqlComparison::equal) continue;
    if (const auto* text = std::get_if<std::string>(&condition.value)) return *text;
  }
  return std::nullopt;
}

void EventRows::start(const std::vector<SqlCondition>& conditions) {
  source_.reset();
  single_.reset();
  given_ = false;
  const EventLog& log = facts_.log();
  Range seqs = range_of(conditions, kSeqColumn);
  seqs.from = std::max<std::uint64_t>(seqs.from, 1);
  const Range times = range_of(conditions, kTimeColumn);
  if (times.from > 0 || times.to < kSqlMax) {
    const Result<Range> within = seqs_of(log, times);
    if (!within) return facts_.note_damage(within.error());
    seqs = Range{std::max(seqs.from, within->from), std::min(seqs.to, within->to)};
  }
  if (seqs.is_empty() || seqs.from > log.last().value) {
    // Behind the last event is the damage, if there is any: whoever asks for what is there hears of it.
    if (!seqs.is_empty()) source_ = log.events(Seq{seqs.from}, Seq{seqs.to});
    return;
  }
  if (seqs.from < seqs.to) {
    source_ = log.events(Seq{seqs.from}, Seq{seqs.to});
    return;
  }
  const Result<Event> event = log.event_at(Seq{seqs.from});
  if (!event) return facts_.note_damage(event.error());
  single_.emplace(*event);
}

bool EventRows::next() {
  if (source_ == nullptr) {
    if (!single_ || given_) return false;
    event_ = single_->event();
    given_ = true;
    return true;
  }
  const Result<bool> more = source_->next(event_);
  if (!more) facts_.note_damage(more.error());
  return more && *more;
}

void FrameRows::start(const std::vector<SqlCondition>& conditions) {
  sender_ = wanted_text(conditions, sender_column_);
  frame_ = nullptr;
  rows_.start(conditions);
}

bool FrameRows::next() {
  frame_ = nullptr;
  while (frame_ == nullptr && rows_.next()) {
    const auto* frame = std::get_if<Frame>(&rows_.event().body);
    if (frame != nullptr && (!sender_ || facts_.name_of(frame->port) == sender_)) frame_ = frame;
  }
  return frame_ != nullptr;
}

}  // namespace labreel
