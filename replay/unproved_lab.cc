#include "replay/unproved_lab.h"

#include <algorithm>

#include "replay/projection/lab_fold.h"

namespace labreel {

UnprovedLab::UnprovedLab(Fabric& fabric, const Event& gap, bool has_ended) : fabric_(fabric) {
  for (const InFlight& flight : fabric.in_flight()) flights_[{flight.frame, flight.copy}] = {flight.to, flight.due};
  apply(LabEnded{}, gap.time);
  if (!has_ended) apply(LabBegun{}, gap.time);
  take(gap);
}

void UnprovedLab::take(const Event& event) {
  if (!is_known_) return;
  if (const auto* gap = std::get_if<Gap>(&event.body)) {
    if (is_hole(event.body) && gap->where != GapPlace::recorder) is_known_ = false;
  } else if (const auto* frame = std::get_if<Frame>(&event.body)) {
    take_frame(event, *frame);
  } else if (const auto* outcome = std::get_if<Outcome>(&event.body)) {
    flights_.erase({outcome->frame, outcome->copy});
  } else {
    apply(event.body, event.time);  // what is no effect only lets time pass
  }
}

void UnprovedLab::take_frame(const Event& event, const Frame& frame) {
  for (std::uint32_t copy = 0; copy < frame.copies.size(); ++copy) {
    const Copy& decided = frame.copies[copy];
    if (decided.scheduled() && decided.due > event.time) flights_[{event.seq, copy}] = {decided.port, decided.due};
  }
  if (flights_.size() >= look_at_) drop_landed(event.time);
}

void UnprovedLab::drop_landed(LabTime at) {
  std::erase_if(flights_, [at](const auto& flight) { return flight.second.due <= at; });
  look_at_ = std::max<std::size_t>(1024, 2 * flights_.size());
}

void UnprovedLab::apply(const EventBody& effect, LabTime at) {
  if (!fabric_.apply(effect, at)) is_known_ = false;
  fabric_.drain([](const Delivery&) {});
}

std::optional<std::vector<Outcome>> UnprovedLab::flying(LabTime end) const {
  if (!is_known_) return std::nullopt;
  std::vector<Outcome> outcomes;
  for (const auto& [copy, flight] : flights_) {
    if (flight.due > end) outcomes.push_back({copy.first, copy.second, flight.to, Reason::lab_ended});
  }
  return outcomes;
}

}  // namespace labreel
