#include "replay/markers.h"

#include <algorithm>
#include <variant>

#include "replay/projection/search.h"

namespace labreel {

Result<Markers> Markers::of(const EventLog& log) {
  Markers markers;
  Status read = read_events(log, kFirstSeq, kLastSeq, [&](const Event& event) {
    markers.take(event);
    return true;
  });
  if (!read) return std::move(read).error();
  return markers;
}

void Markers::take(const Event& event) {
  const auto* const marker = std::get_if<Marker>(&event.body);
  if (marker != nullptr) all_.push_back({event.seq, event.time, marker->name, marker->note, marker->ask});
}

std::vector<Seq> Markers::named(std::string_view name) const {
  std::vector<Seq> seqs;
  for (const NamedPosition& marker : all_) {
    if (marker.name == name) seqs.push_back(marker.seq);
  }
  return seqs;
}

const NamedPosition* Markers::after(Seq seq) const {
  const auto found =
      std::partition_point(all_.begin(), all_.end(), [&](const auto& marker) { return marker.seq <= seq; });
  return found == all_.end() ? nullptr : &*found;
}

const NamedPosition* Markers::before(Seq seq) const {
  const auto found =
      std::partition_point(all_.begin(), all_.end(), [&](const auto& marker) { return marker.seq < seq; });
  return found == all_.begin() ? nullptr : &*std::prev(found);
}

}  // namespace labreel
