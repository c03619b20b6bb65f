#include "recorder/session/recorded_lab.h"

#include "engine/core/wire_words.h"
#include "engine/text/host_notes.h"

namespace labreel {

std::optional<LabBegun> beginning_of(const EventLog& log) {
  const auto first = log.event_at(kFirstSeq);
  if (!first) return std::nullopt;
  const auto* begun = std::get_if<LabBegun>(&first->body);
  return begun == nullptr ? std::nullopt : std::optional{*begun};
}

bool is_virtual(const EventLog& log) {
  const auto begun = beginning_of(log);
  return begun && begun->clock == ClockKind::virtual_time;
}

std::string lab_file_path(const EventLog& log) {
  if (auto note = first_note<LabFileNote>(log.notes())) return std::move(note->path);
  const auto begun = beginning_of(log);
  return begun ? begun->lab_file_name : std::string{};
}

Result<TypedCommands> typed_commands(const EventLog& log, Seq to) {
  TypedCommands typed;
  const auto source = log.events(kFirstSeq, to);
  Event event;
  for (;;) {
    auto more = source->next(event);
    if (!more) return std::move(more).error();
    if (!*more) return typed;
    typed.last = event.time;
    if (const auto* command = std::get_if<Command>(&event.body)) {
      const CommandRequest request{command->verb, command->arguments, command->by};
      if (command->by == OriginKind::branch) {
        typed.partings.push_back({event.cause, request});
      } else if (!command->by.is_recorders_own()) {
        typed.commands.push_back({event.seq, event.cause, event.time, request});
      } else if (command->verb == "stop") {
        typed.stop = event.seq;
        typed.stopped = event.time;
      }
    } else if (const auto* console = std::get_if<Console>(&event.body)) {
      if (console->input)
        typed.commands.push_back({event.seq, event.cause, event.time, {}, std::string{console->bytes}});
    } else if (const auto* ended = std::get_if<LabEnded>(&event.body)) {
      typed.why = ended->why;
    }
  }
}

}  // namespace labreel
