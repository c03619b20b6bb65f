#include "recorder/verbs/verify_lab.h"

#include "engine/core/wire_words.h"
#include "recorder/session/comparison.h"
#include "recorder/verbs/lab_again.h"
#include "recorder/verbs/recording.h"

namespace labreel {

Result<VerifyResult> verify_lab(const EventLog& log, const std::string& lab_file, EventSource& source) {
  auto again = lab_again(log, lab_file);
  if (!again) return std::move(again).error();
  const TypedCommands& typed = again->typed;
  const EndCause cause = typed.why.cause();

  Recording recording{again->file, {{}, false, again->guests}};
  SessionOptions options;
  options.keep = cause != EndCause::scenario_done;
  options.branch = again->begun.branch;
  UnkeptEvents events;
  ObservedSink sink{events};
  LabRun lab{recording, sink, options, {}, [](const std::string&) {}};
  LabSession& session = lab.session();
  Comparison compare{source, [&session] { session.stop(OriginKind::run, [] {}); }, !log.complete()};
  sink.tell(compare);
  PositionWatch partings{again->partings(), [&](Seq position) { again->part(session, position); }};
  sink.tell(partings);
  again->play_typed(session);
  const bool by_itself = cause == EndCause::scenario_done || cause == EndCause::failed;
  if (typed.stopped && !by_itself) session.end_at(*typed.stopped, typed.why);
  const SessionEnd end = lab.run();
  if (end.interrupted) return Error{ErrorKind::lab, "interrupted: nothing is proved", {}, {}};
  compare.finish();
  if (compare.damage()) return *compare.damage();
  return compare.take_result();
}

}  // namespace labreel
