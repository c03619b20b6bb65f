#include "engine/core/direction.h"

#include <algorithm>

namespace labreel {
namespace {

bool is_plain(const CableSettings& settings) {
  return (settings.delay_ns | settings.jitter_ns | settings.rate_bps | settings.loss_ppb | settings.duplicate_ppb |
          settings.corrupt_ppb | settings.reorder_ppb) == 0;
}

// Moves a time by delay - jitter … delay + jitter, but never back.
LabTime delayed(LabTime at, const CableSettings& settings, std::uint64_t random) {
  if (settings.jitter_ns == 0) return add_time(at, settings.delay_ns);
  const std::uint64_t shift_ns = settings.delay_ns + below(random, 2 * settings.jitter_ns + 1);
  return add_time(at, shift_ns > settings.jitter_ns ? shift_ns - settings.jitter_ns : 0);
}

}  // namespace

Passages CableDirection::carry(const CableSettings& settings, PortId source, const Passage& entering,
                               std::uint32_t length, LabTime now) {
  Passages passages;
  passages.items[0] = entering;
  const std::uint64_t number = offered_++;
  if (is_plain(settings) && latest_due_ <= entering.at) {
    // Nothing to do; the order needs to be remembered only if the frame is still on its way to here.
    if (entering.at > now && (entering.flags & kReordered) == 0) raise_floor({source, entering.at, entering.at}, now);
    return passages;
  }
  if (random_.happens(settings.loss_ppb, number, Draw::loss)) {
    passages.items[0].reason = Reason::loss;
    return passages;
  }
  if (random_.happens(settings.duplicate_ppb, number, Draw::duplicate)) {
    passages.items[1] = entering;
    passages.items[1].flags |= kDuplicated;
    passages.count = 2;
  }
  for (std::size_t copy = 0; copy < passages.count; ++copy) {
    carry_copy(settings, source, length, now, copy, passages.items[copy]);
  }
  return passages;
}

void CableDirection::carry_copy(const CableSettings& settings, PortId source, std::uint32_t length, LabTime now,
                                std::uint64_t copy, Passage& passage) {
  const std::uint64_t number = offered_ - 1;
  const bool skips_delay = random_.happens(settings.reorder_ppb, number, Draw::reorder, copy);
  if (skips_delay) passage.flags |= kReordered;
  const bool in_order = (passage.flags & kReordered) == 0;
  OrderFloor floor = in_order ? floor_of(source) : OrderFloor{source, {}, {}};

  if (settings.rate_bps != 0) {
    forget_past(now);
    if (!serialise(settings, length, floor.serialised, passage)) {
      passage.reason = Reason::queue_full;
      return;
    }
  }
  floor.serialised = std::max(floor.serialised, passage.at);
  if (!skips_delay) passage.at = delayed(passage.at, settings, random_.draw(number, Draw::jitter, copy));
  if (in_order) {
    passage.at = floor.due = std::max(floor.due, passage.at);
    raise_floor(floor, now);
  }
  if (random_.happens(settings.corrupt_ppb, number, Draw::corrupt, copy)) corrupt(length, copy, passage);
}

// Drops spans that are past once they are the larger part, so that a long queue is not moved for every frame. A past
// span that stays, or joins a new one, has no effect.
void CableDirection::forget_past(LabTime now) {
  const auto first = std::partition_point(busy_.begin(), busy_.end(), [&](auto span) { return span.end <= now; });
  if (2 * (first - busy_.begin()) > std::ssize(busy_)) busy_.erase(busy_.begin(), first);
}

// Takes the first free span from the passage's time on that begins at `not_before` or later.
bool CableDirection::serialise(const CableSettings& settings, std::uint32_t length, LabTime not_before,
                               Passage& passage) {
  const std::uint64_t needed_ns = serialisation_ns(length, settings.rate_bps);
  auto next = std::partition_point(busy_.begin(), busy_.end(), [&](auto span) { return span.end <= passage.at; });
  LabTime start = std::max(passage.at, not_before);
  std::uint64_t ahead_ns = 0;  // of what is served between the frame's entry and its own turn
  for (; next != busy_.end() && add_time(start, needed_ns) > next->begin; ++next) {
    ahead_ns += next->end.ns - std::max(next->begin, passage.at).ns;
    start = std::max(start, next->end);
  }
  const Wide waiting = static_cast<Wide>(bytes_passing(ahead_ns, settings.rate_bps)) + length;
  if (start > passage.at && waiting > settings.queue_bytes) return false;

  const BusySpan taken{start, add_time(start, needed_ns)};
  passage.at = taken.end;
  if (taken.begin == taken.end) return true;  // at the end of all time
  const bool joins_next = next != busy_.end() && next->begin == taken.end;
  const bool joins_previous = next != busy_.begin() && std::prev(next)->end == taken.begin;
  if (joins_next && joins_previous) {
    std::prev(next)->end = next->end;
    busy_.erase(next);
  } else if (joins_next) {
    next->begin = taken.begin;
  } else if (joins_previous) {
    std::prev(next)->end = taken.end;
  } else {
    busy_.insert(next, taken);
  }
  return true;
}

// Flips one bit; a copy that was corrupted on an earlier cable keeps that flip, since a Copy records one.
void CableDirection::corrupt(std::uint32_t length, std::uint64_t copy, Passage& passage) const {
  if ((passage.flags & kCorrupted) != 0) return;
  const std::uint64_t number = offered_ - 1;
  const std::uint64_t bit = below(random_.draw(number, Draw::corrupt_bit, copy), 8);
  passage.corrupt_byte =
      static_cast<std::uint16_t>(below(random_.draw(number, Draw::corrupt_byte, copy), std::min(length, 65'536U)));
  passage.flags = static_cast<std::uint8_t>(passage.flags | kCorrupted | (bit << 5U));
}

OrderFloor CableDirection::floor_of(PortId source) const {
  const auto found = std::partition_point(floors_.begin(), floors_.end(),
                                          [&](const OrderFloor& floor) { return floor.source < source; });
  return found != floors_.end() && found->source == source ? *found : OrderFloor{source, {}, {}};
}

void CableDirection::raise_floor(const OrderFloor& floor, LabTime now) {
  if (floor.due <= now) return;  // no later frame can come out before now
  latest_due_ = std::max(latest_due_, floor.due);
  const auto place_of = [&] {
    return std::partition_point(floors_.begin(), floors_.end(),
                                [&](const OrderFloor& other) { return other.source < floor.source; });
  };
  auto place = place_of();
  if (place != floors_.end() && place->source == floor.source) {
    *place = floor;
    return;
  }
  std::erase_if(floors_, [&](const OrderFloor& other) { return other.due <= now; });
  floors_.insert(place_of(), floor);
}

void CableDirection::forget() {
  busy_.clear();
  floors_.clear();
  latest_due_ = {};
}

std::uint64_t CableDirection::queued_bytes(const CableSettings& settings, LabTime now) const {
  std::uint64_t ahead_ns = 0;
  for (const BusySpan& span : busy_) {
    if (span.end > now) ahead_ns += span.end.ns - std::max(span.begin, now).ns;
  }
  return bytes_passing(ahead_ns, settings.rate_bps);
}

std::vector<BusySpan> CableDirection::busy(LabTime now) const {
  std::vector<BusySpan> spans;
  for (const BusySpan& span : busy_) {
    if (span.end > now) spans.push_back(BusySpan{std::max(span.begin, now), span.end});
  }
  return spans;
}

std::vector<OrderFloor> CableDirection::floors(LabTime now) const {
  std::vector<OrderFloor> floors = floors_;
  std::erase_if(floors, [&](const OrderFloor& floor) { return floor.due <= now; });
  return floors;
}

void CableDirection::restore(std::uint64_t offered, std::vector<BusySpan> busy, std::vector<OrderFloor> floors) {
  offered_ = offered;
  busy_ = std::move(busy);
  floors_ = std::move(floors);
  latest_due_ = {};
  for (const OrderFloor& floor : floors_) latest_due_ = std::max(latest_due_, floor.due);
}

}  // namespace labreel
