#include "replay/diff/event_content.h"

#include "engine/core/wire_words.h"
#include "replay/diff/masked_frame.h"
#include "replay/event_json.h"

namespace labreel {
namespace {

constexpr std::size_t kPolls_max = 100'000;  // of a hostile reel: what is begun and never ended

void append_number(std::string& text, std::uint64_t number) {
  text.append(reinterpret_cast<const char*>(&number), sizeof(number));
}
void append_text(std::string& text, std::string_view more) {
  append_number(text, more.size());
  text += more;
}

// How long a wait took is a matter of time: "holds after 1.1 s" is "holds".
std::string_view without_duration(std::string_view detail) {
  return detail.starts_with(kHoldsAfter) ? detail.substr(0, 5) : detail;
}

// The body without what is ignored.
EventBody masked(const EventBody& body, Aspects ignored, bool is_branch) {
  EventBody mask = body;
  if (auto* begun = std::get_if<LabBegun>(&mask); begun != nullptr && is_branch) begun->branch.reset();
  if (auto* scenario = std::get_if<Scenario>(&mask)) scenario->detail = without_duration(scenario->detail);
  if (auto* outcome = std::get_if<Outcome>(&mask)) outcome->frame = Seq{};
  if (auto* begun = std::get_if<LabBegun>(&mask); begun != nullptr && (ignored & kIgnoreLab) != 0)
    *begun = LabBegun{{}, {}, {}, 0, begun->clock, begun->fabric_version, begun->branch};
  if (auto* port = std::get_if<PortAdded>(&mask); port != nullptr && (ignored & kIgnoreMac) != 0) port->mac = {};
  return mask;
}

}  // namespace

bool EventContents::is_poll(const Event& event) {
  if (const auto* scenario = std::get_if<Scenario>(&event.body)) {
    const StepKind step = step_kind_of(scenario->detail);
    const bool looks = step == StepKind::wait || step == StepKind::watch;
    if (scenario->state == StepStateKind::begun && looks && polls_.size() < kPolls_max) polls_.insert(event.seq);
    if (scenario->state == StepStateKind::done || scenario->state == StepStateKind::failed) polls_.erase(event.cause);
    return false;
  }
  const auto cause = polls_.find(event.cause);
  if (cause == polls_.end()) return false;
  switch (event.kind()) {
    case EventKind::command:
    case EventKind::exec:
      if (polls_.size() < kPolls_max) polls_.insert(event.seq);
      return true;
    case EventKind::exec_done:
    case EventKind::command_done:
      polls_.erase(cause);
      return true;
    case EventKind::exec_output:
      return true;
    default:
      return false;
  }
}

bool EventContents::is_ignored(const Event& event) {
  if ((ignored_ & kIgnorePolls) != 0 && is_poll(event)) return true;
  switch (event.kind()) {
    case EventKind::checkpoint:
      return true;
    case EventKind::outcome:
      return (ignored_ & kIgnoreDecisions) != 0;
    case EventKind::exec_output:
      return (ignored_ & kIgnoreOutput) != 0;
    case EventKind::console:
      return (ignored_ & kIgnoreOutput) != 0 && !std::get<Console>(event.body).input;
    default:
      return false;
  }
}

bool EventContents::read(const Event& event, EventContent& content) {
  content.what.clear();
  content.when.clear();
  const bool compared = !is_ignored(event);
  if (compared) {
    append_number(content.when, event.time.ns);
    if (const auto* frame = std::get_if<Frame>(&event.body)) {
      read_frame(event, *frame, content);
    } else {
      read_other(event, content);
    }
  }
  names_.follow(event);
  return compared;
}

void EventContents::read_frame(const Event& event, const Frame& frame, EventContent& content) const {
  append_text(content.what, "frame");
  append_text(content.what, names_(frame.port));
  append_number(content.what, frame.length);
  append_text(content.what, masked_frame(frame.bytes, ignored_));
  if ((ignored_ & kIgnoreDecisions) != 0) return;
  for (const Copy& copy : frame.copies) {
    append_text(content.what, copy.port == kNoPort ? std::string{} : names_(copy.port));
    append_number(content.what, static_cast<std::uint64_t>(copy.reason));
    append_number(content.what, copy.flags | std::uint64_t{copy.corrupt_byte} << 8U);
    append_number(content.when, copy.due.ns - event.time.ns);
  }
}

void EventContents::read_other(const Event& event, EventContent& content) const {
  JsonWriter json;
  write_event(json, Event{{}, {}, {}, masked(event.body, ignored_, is_branch_)}, names_.topology(), true);
  content.what = json.take();
  if (const auto* scenario = std::get_if<Scenario>(&event.body)) content.when += scenario->detail;
}

}  // namespace labreel
