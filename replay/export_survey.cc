#include "replay/export_survey.h"

namespace labreel {

ExportSurvey survey_for_export(EventSource& events) {
  ExportSurvey survey;
  Event event;
  while (true) {
    const Result<bool> more = events.next(event);
    if (!more || !*more) break;
    survey.outcomes.take(event);
    if (event.kind() <= EventKind::lan_left) static_cast<void>(survey.topology.apply(event.body).ok());
  }
  survey.outcomes.finish();
  return survey;
}

}  // namespace labreel
