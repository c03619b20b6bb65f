#include "recorder/verbs/lab_again.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/text/host_notes.h"
#include "engine/text/text.h"
#include "recorder/session/host_files.h"
#include "recorder/verbs/recording.h"
#include "recorder/verbs/verb.h"
#include "recorder/verbs/virtual_lab.h"
#include "replay/import/imported.h"

namespace labreel {
namespace {

// The members of a JSON object, each as it stands there: `"memory_mib":64`; none of what is no object.
std::vector<std::string> members_of(std::string_view detail) {
  std::vector<std::string> members;
  const Result<JsonValue> object = read_json(detail);
  if (!object) return members;
  for (const JsonMember& member : object->members()) {
    JsonWriter key;
    key.value(member.key);
    members.push_back(key.take() + ":" + to_json(member.value));
  }
  return members;
}

// Those of `some` that are not among `others`.
std::string members_only_in(const std::vector<std::string>& some, const std::vector<std::string>& others) {
  std::string text;
  for (const std::string& member : some) {
    if (std::find(others.begin(), others.end(), member) == others.end())
      text += (text.empty() ? "" : ", ") + printable(member);
  }
  return text.empty() ? "nothing of that" : text;
}

// A version that notes other inputs than this one is another input itself: so the notes are compared as they stand.
Status compare_inputs(const EventLog& log, const std::string& here) {
  const std::vector<HostNote>& notes = log.notes();
  const auto is_inputs = [](const HostNote& note) { return note.kind == InputsNote::kKind; };
  const auto found = std::find_if(notes.begin(), notes.end(), is_inputs);
  const std::string recorded = found == notes.end() ? "" : found->detail;
  if (recorded == here) return ok_status();
  const std::vector<std::string> then = members_of(recorded);
  const std::vector<std::string> now = members_of(here);
  return Error{ErrorKind::host,
               fmt::format("the lab was recorded with other inputs, so the same events cannot be promised:\n"
                           "  recorded {}\n  here     {}",
                           recorded.empty() ? "unknown" : members_only_in(then, now), members_only_in(now, then)),
               {},
               "labreel verify without --trust proves the switch's decisions on any host"};
}

}  // namespace

Result<LabAgain> lab_again(const EventLog& log, const std::string& lab_file, Seq to) {
  const auto begun = beginning_of(log);
  if (begun && is_imported(*begun)) return nothing_to_reexecute();
  if (!begun || begun->clock != ClockKind::virtual_time) {
    return Error{ErrorKind::usage,
                 "this lab ran by the wall clock: no re-run of it can be promised to come out the same",
                 {},
                 "labreel verify without --trust proves the switch's decisions"};
  }
  LabAgain again{*begun, {}, {}, {}, {}};
  auto file = parse_lab_file(begun->lab_file, lab_file);
  if (!file) return std::move(file).error();
  again.file = *std::move(file);
  again.guests = prepare_guests(again.file);
  again.inputs = value_or_throw(uml_inputs(again.guests));
  if (Status same = compare_inputs(log, detail_of(again.inputs)); !same) return std::move(same).error();
  // It may come out the same even so: what is different then is shown as the event that it changes.
  if (const std::string changed = changed_host_files(log); !changed.empty()) {
    say(fmt::format("files of this host that the lab's guests read are not what they were, so the same events cannot be promised: "
                    "{} (a lab with an image depends on none: labreel image build)",
                    changed));
  }
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
  for (const TypedCommand& command : typed.commands) session.play(command);
}

void LabAgain::part(LabSession& session, Seq position) const {
  for (const Parting& parting : typed.partings) {
    if (parting.position == position) session.give_after(position, parting.request);
  }
}

}  // namespace labreel
