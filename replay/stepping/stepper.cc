#include "replay/stepping/stepper.h"

#include <utility>
#include <variant>

#include "replay/position.h"
#include "replay/projection/search.h"

namespace labreel {
namespace {

bool are_kinds(std::string_view words) {
  for (;;) {
    const std::size_t comma = words.find(',');
    if (!kind_named(words.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    words.remove_prefix(comma + 1);
  }
}

std::optional<ConversationKey> conversation_of_event(const Event& event) {
  const auto* frame = std::get_if<Frame>(&event.body);
  const auto fields = frame != nullptr ? packet_fields(frame->bytes) : std::nullopt;
  return fields ? conversation_of(*fields) : std::nullopt;
}

}  // namespace

Stepper::Stepper(const EventLog& log, std::shared_ptr<const Markers> markers, Seq start)
    : log_(log), markers_(std::move(markers)), at_(start) {}

template <class Passes>
Result<Seq> Stepper::move(StepDirection direction, Passes&& passes) {
  Seq found;
  if (direction == StepDirection::forwards) {
    auto next = find_next(log_, at_, passes);
    if (!next) return std::move(next).error();
    found = *next;
  } else {
    auto last = find_last(log_, Seq{at_.value - 1}, 1, passes);
    if (!last) return std::move(last).error();
    if (!last->empty()) found = last->front();
  }
  if (!found.is_none()) at_ = found;
  return found;
}

Result<Seq> Stepper::step(StepTo to, StepDirection direction) {
  return move(direction, [&](const Event& event) {
    switch (to) {
      case StepTo::event:
        return true;
      case StepTo::shown:
        return is_shown(event);
      case StepTo::frame:
        return event.kind() == EventKind::frame;
    }
    return false;
  });
}

Result<Seq> Stepper::go_to(std::string_view position) {
  auto found = resolve_position(log_, *markers_, position);
  if (found) at_ = *found;
  return found;
}

Seq Stepper::go_to_marker(StepDirection direction) {
  const NamedPosition* const marker =
      direction == StepDirection::forwards ? markers_->after(at_) : markers_->before(at_);
  if (marker == nullptr) return {};
  at_ = marker->seq;
  return at_;
}

Result<std::optional<ConversationKey>> Stepper::conversation() const {
  auto here = event();
  if (!here) return std::move(here).error();
  return conversation_of_event(*here);
}

Result<Seq> Stepper::follow(const ConversationKey& conversation, StepDirection direction) {
  return move(direction, [&](const Event& event) { return conversation_of_event(event) == conversation; });
}

Status Stepper::set_filter(std::string_view words) {
  std::optional<EventFilter> filter;
  if (!words.empty()) {
    FilterOptions options;
    (are_kinds(words) ? options.kinds : options.filter) = words;
    auto made = EventFilter::make(options, log_);
    if (!made) return std::move(made).error();
    filter = std::move(*made);
  }
  filter_ = std::move(filter);
  filter_words_ = words;
  return ok_status();
}

Result<std::vector<Seq>> Stepper::shown_before(std::size_t count, std::uint64_t looked_at_max) {
  return find_last(
      log_, Seq{at_.value - 1}, count, [this](const Event& event) { return is_shown(event); }, looked_at_max);
}

}  // namespace labreel
