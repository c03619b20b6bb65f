#include "replay/export_survey.h"

namespace labreel {

void ExportSurvey::take(const Event& event) {
  outcomes.take(event);
  if (event.kind() <= EventKind::lan_left) static_cast<void>(topology.apply(event.body).ok());
}

ExportSurvey survey_for_export(EventSource& events) {
  ExportSurvey survey;
  Event event;
  while (true) {
    const Result<bool> more = events.next(event);
    if (!more || !*more) break;
    survey.take(event);
  }
  survey.outcomes.finish();
  return survey;
}

}  // namespace labreel
