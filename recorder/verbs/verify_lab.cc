#include "recorder/verbs/verify_lab.h"

#include <fmt/format.h>

#include <optional>

#include "engine/lab/lab_file.h"
#include "recorder/session/comparing_sink.h"
#include "recorder/session/lab_engine.h"
#include "recorder/session/lab_session.h"
#include "recorder/verbs/ending_signals.h"
#include "recorder/verbs/verb.h"
#include "recorder/verbs/virtual_lab.h"

namespace labreel {
namespace {

constexpr const char* kScenarioDone = "the scenario is done";

std::optional<LabBegun> beginning_of(const EventLog& log) {
  const auto first = log.event_at(kFirstSeq);
  if (!first) return std::nullopt;
  const auto* begun = std::get_if<LabBegun>(&first->body);
  return begun == nullptr ? std::nullopt : std::optional{*begun};
}

std::string note_of(const ReelReader& reel, const std::string& kind) {
  for (const HostNote& note : reel.notes()) {
    if (note.kind == kind) return note.detail;
  }
  return {};
}

// {"path":"…"}, as the recorder wrote it.
std::string lab_file_path(const ReelReader& reel, const LabBegun& begun) {
  const std::string detail = note_of(reel, "lab-file");
  const std::string key = "\"path\":\"";
  const std::size_t at = detail.find(key);
  if (at == std::string::npos) return begun.lab_file_name;
  return detail.substr(at + key.size(), detail.rfind('"') - at - key.size());
}

// What people did to the lab while it ran.
struct Typed {
  struct At {
    LabTime time;
    CommandRequest request;
  };
  std::vector<At> commands;
  std::optional<LabTime> stopped;
  std::string why;
};

Result<Typed> typed_in(const EventLog& log) {
  Typed typed;
  const auto source = log.events();
  Event event;
  for (;;) {
    auto more = source->next(event);
    if (!more) return std::move(more).error();
    if (!*more) return typed;
    if (const auto* command = std::get_if<Command>(&event.body)) {
      if (command->by == "cli" || command->by == "page") {
        typed.commands.push_back({event.time, {command->verb, command->arguments, command->by}});
      } else if (command->verb == "stop") {
        typed.stopped = event.time;
      }
    } else if (const auto* ended = std::get_if<LabEnded>(&event.body)) {
      typed.why = ended->why;
    }
  }
}

void compare_inputs(const ReelReader& reel, const UmlOptions& options) {
  const std::string recorded = note_of(reel, "inputs");
  const std::string here = describe_inputs(options);
  if (recorded == here) return;
  throw VerbError(Error{ErrorKind::host,
                        fmt::format("the lab was recorded with other inputs, so the same events cannot be promised:\n"
                                    "  recorded {}\n  here     {}",
                                    recorded.empty() ? "unknown" : recorded, here),
                        {},
                        "labreel verify without --trust proves the switch's decisions on any host"});
}

}  // namespace

bool is_virtual(const EventLog& log) {
  const auto begun = beginning_of(log);
  return begun && begun->clock == "virtual";
}

Result<VerifyResult> verify_lab(const ReelReader& reel, const EventLog& log, EventSource& source) {
  const auto begun = beginning_of(log);
  if (!begun || begun->clock != "virtual") {
    return Error{ErrorKind::usage, "this lab ran by the wall clock: no re-run of it can be promised to come out the same", {},
                 "labreel verify without --trust proves the switch's decisions"};
  }
  auto file = parse_lab_file(begun->lab_file, lab_file_path(reel, *begun));
  if (!file) return std::move(file).error();
  give_virtual_delays(*file);
  const UmlOptions guests = prepare_guests(*file);
  compare_inputs(reel, guests);
  auto typed = typed_in(log);
  if (!typed) return std::move(typed).error();

  block_ending_signals();
  SessionOptions options;
  options.keep = typed->why != kScenarioDone;
  LabSession* running = nullptr;
  ComparingSink sink{source, [&running] {
                       if (running != nullptr) running->stop("verify", [] {});
                     }};
  const auto engine = make_virtual_engine(*file, guests, false, sink);
  LabSession session{*file, *engine, sink, nullptr, options, [](const std::string&) {}};
  running = &session;
  for (const Typed::At& at : typed->commands) session.play_at(at.time, at.request);
  const bool by_itself = typed->why == kScenarioDone || typed->why.starts_with("failed");
  if (typed->stopped && !by_itself) session.end_at(*typed->stopped, typed->why);
  const SessionEnd end = session.run();
  if (end.interrupted) return Error{ErrorKind::lab, "interrupted: nothing is proved", {}, {}};
  sink.finish();
  if (sink.damage()) return *sink.damage();
  return sink.take_result();
}

}  // namespace labreel
