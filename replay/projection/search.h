// Finding events from a position on, in both directions.
#pragma once

#include <algorithm>
#include <utility>

#include "engine/core/event_log.h"

namespace labreel {

// Calls `see` with each event from..to until it returns false. Errors: damage.
template <class See>
Status read_events(const EventLog& log, Seq from, Seq to, See&& see) {
  const auto source = log.events(from, to);
  Event event;
  for (;;) {
    const Result<bool> more = source->next(event);
    if (!more) return more.error();
    if (!*more || !see(std::as_const(event))) return ok_status();
  }
}

// The first event behind `here` that passes; none if none does.
template <class Passes>
Result<Seq> find_next(const EventLog& log, Seq here, Passes&& passes) {
  Seq found;
  Status read = read_events(log, here.next(), kLastSeq, [&](const Event& event) {
    if (passes(event)) found = event.seq;
    return found.is_none();
  });
  if (!read) return std::move(read).error();
  return found;
}

// The last `count` events at or before `here` that pass, the earliest first; looks at most at `looked_at_max` events.
// A recording is read forwards only, so this reads stretches of it, each further back and longer.
template <class Passes>
Result<std::vector<Seq>> find_last(const EventLog& log, Seq here, std::size_t count, Passes&& passes,
                                   std::uint64_t looked_at_max = kLastSeq.value) {
  constexpr std::uint64_t kFirstStretch = 256;
  std::vector<Seq> found;
  const std::uint64_t end = here.value - std::min(here.value, looked_at_max);
  std::uint64_t stretch = kFirstStretch;
  for (std::uint64_t to = here.value; to > end && found.size() < count; stretch *= 2) {
    const std::uint64_t from = to - std::min(to - end, stretch);  // exclusive
    std::vector<Seq> here_found;
    Status read = read_events(log, Seq{from + 1}, Seq{to}, [&](const Event& event) {
      if (passes(event)) here_found.push_back(event.seq);
      return true;
    });
    if (!read) return std::move(read).error();
    found.insert(found.begin(), here_found.begin(), here_found.end());
    to = from;
  }
  if (found.size() > count) found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(count));
  return found;
}

}  // namespace labreel
