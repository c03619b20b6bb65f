#include "replay/export_survey.h"

#include <algorithm>
#include <tuple>

namespace labreel {

ExportSurvey survey_for_export(EventSource& events, Seq from, Seq to) {
  ExportSurvey survey;
  Event event;
  while (true) {
    const Result<bool> more = events.next(event);
    if (!more || !*more) break;
    survey.end = event.time;
    if (const auto* outcome = std::get_if<Outcome>(&event.body)) {
      const bool exported = from <= outcome->frame && outcome->frame <= to;
      if (exported && outcome->reason != Reason::none) {
        survey.late_drops.push_back({outcome->frame, outcome->copy, outcome->reason});
      }
    } else {
      static_cast<void>(survey.topology.apply(event.body).ok());
    }
  }
  std::stable_sort(survey.late_drops.begin(), survey.late_drops.end(), [](const LateDrop& a, const LateDrop& b) {
    return std::tie(a.frame, a.copy) < std::tie(b.frame, b.copy);
  });
  return survey;
}

}  // namespace labreel
