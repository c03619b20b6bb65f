#include "replay/final_outcomes.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace labreel {
namespace {

template <class See>
Status read_all(const EventLog& log, See&& see) {
  const auto source = log.events();
  Event event;
  for (;;) {
    const Result<bool> more = source->next(event);
    if (!more) return more.error();
    if (!*more) return ok_status();
    see(static_cast<const Event&>(event));
  }
}

}  // namespace

bool FinalOutcomes::before(const Replaced& a, const Replaced& b) {
  return std::tie(a.frame, a.copy) < std::tie(b.frame, b.copy);
}

void FinalOutcomes::take(const Event& event) {
  end_ = std::max(end_, event.time);
  const auto* outcome = std::get_if<Outcome>(&event.body);
  if (outcome != nullptr) outcomes_.push_back({outcome->frame, outcome->copy, outcome->reason});
}

void FinalOutcomes::finish() {
  std::stable_sort(outcomes_.begin(), outcomes_.end(), before);
  const auto same = [](const Replaced& a, const Replaced& b) { return a.frame == b.frame && a.copy == b.copy; };
  const auto last = std::unique(outcomes_.begin(), outcomes_.end(), same);
  repeated_ = static_cast<std::uint64_t>(outcomes_.end() - last);
  outcomes_.erase(last, outcomes_.end());
}

Fate FinalOutcomes::of(Seq frame, std::uint32_t copy, const Copy& decision) const {
  if (!decision.scheduled()) return Fate{decision.reason};
  const Replaced wanted{frame, copy};
  const auto found = std::lower_bound(outcomes_.begin(), outcomes_.end(), wanted, before);
  if (found != outcomes_.end() && !before(wanted, *found)) return Fate{found->reason};
  return Fate{.reason = Reason::none, .in_flight = decision.due > end_};
}

Result<FinalOutcomes> find_final_outcomes(const EventLog& log) {
  FinalOutcomes outcomes;
  if (Status read = read_all(log, [&](const Event& event) { outcomes.take(event); }); !read) {
    return std::move(read).error();
  }
  outcomes.finish();
  return outcomes;
}

std::uint64_t Conservation::dropped_in_all() const {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

void tally(const Event& event, const Frame& frame, const FinalOutcomes& outcomes, Conservation& counts) {
  ++counts.frames;
  for (std::uint32_t i = 0; i < frame.copies.size(); ++i) {
    const Copy& copy = frame.copies[i];
    const Fate fate = outcomes.of(event.seq, i, copy);
    ++counts.copies;
    if (fate.delivered()) {
      ++counts.delivered;
    } else if (fate.in_flight) {
      ++counts.in_flight;
    } else if (static_cast<std::size_t>(fate.reason) < kReasonCount) {
      ++counts.dropped[static_cast<std::size_t>(fate.reason)];
    }
  }
}

Result<Conservation> tally(const EventLog& log) {
  const auto outcomes = find_final_outcomes(log);
  if (!outcomes) return outcomes.error();
  Conservation counts;
  std::uint64_t replaced = 0;
  const auto count = [&](const Event& event) {
    const auto* frame = std::get_if<Frame>(&event.body);
    if (frame == nullptr) return;
    tally(event, *frame, *outcomes, counts);
    for (std::uint32_t i = 0; i < frame->copies.size(); ++i) {
      const Copy& copy = frame->copies[i];
      if (copy.scheduled() && outcomes->of(event.seq, i, copy).reason != Reason::none) ++replaced;
    }
  };
  if (Status read = read_all(log, count); !read) return std::move(read).error();
  counts.stray_outcomes = outcomes->repeated() + outcomes->count() - replaced;
  return counts;
}

}  // namespace labreel
