#include "recorder/verbs/lab_again.h"

#include <fmt/format.h>

#include "recorder/verbs/virtual_lab.h"

namespace labreel {
namespace {

Status compare_inputs(const EventLog& log, const UmlOptions& options) {
  const std::string recorded = note_of(log, "inputs");
  const std::string here = describe_inputs(options);
  if (recorded == here) return ok_status();
  return Error{ErrorKind::host,
               fmt::format("the lab was recorded with other inputs, so the same events cannot be promised:\n"
                           "  recorded {}\n  here     {}",
                           recorded.empty() ? "unknown" : recorded, here),
               {},
               "labreel verify without --trust proves the switch's decisions on any host"};
}

}  // namespace

Result<LabAgain> lab_again(const EventLog& log, Seq to) {
  const auto begun = beginning_of(log);
  if (!begun || begun->clock != "virtual") {
    return Error{ErrorKind::usage,
                 "this lab ran by the wall clock: no re-run of it can be promised to come out the same",
                 {},
                 "labreel verify without --trust proves the switch's decisions"};
  }
  LabAgain again{*begun, {}, {}, {}};
  auto file = parse_lab_file(begun->lab_file, lab_file_path(log));
  if (!file) return std::move(file).error();
  again.file = *std::move(file);
  give_virtual_delays(again.file);
  again.guests = prepare_guests(again.file);
  if (Status same = compare_inputs(log, again.guests); !same) return std::move(same).error();
  auto typed = typed_commands(log, to);
  if (!typed) return std::move(typed).error();
  again.typed = *std::move(typed);
  return again;
}

std::vector<Seq> LabAgain::partings() const {
  std::vector<Seq> positions;
  for (const Parting& parting : typed.partings) positions.push_back(parting.position);
  return positions;
}

void LabAgain::play_typed(LabSession& session) const {
  for (const TypedCommand& command : typed.commands) session.play_at(command.time, command.request);
}

void LabAgain::part(LabSession& session, Seq position) const {
  for (const Parting& parting : typed.partings) {
    if (parting.position == position) session.give_after(position, parting.request);
  }
}

}  // namespace labreel
