#include "replay/web/viewer/view_filter.h"

#include <algorithm>
#include <utility>

#include "engine/core/suggest.h"
#include "engine/core/units.h"
#include "engine/text/text.h"
#include "replay/event_text.h"
#include "replay/packet_fields.h"
#include "replay/summary/summary.h"

namespace labreel {
namespace {

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return small;
}

std::optional<EventClass> class_named(std::string_view name) {
  const auto found = std::find(kEventClassWords.begin(), kEventClassWords.end(), name);
  if (found == kEventClassWords.end()) return std::nullopt;
  return static_cast<EventClass>(found - kEventClassWords.begin());
}

// Returns a text member in small letters, empty if there is none.
Result<std::string> word_in(const JsonValue& filter, std::string_view key) {
  const JsonValue* const member = filter.find(key);
  if (member == nullptr || member->kind() == JsonValue::Kind::null) return std::string{};
  if (member->text() == nullptr) {
    return bad_request("the filter's \"" + std::string(key) + "\" is no text", "leave it out to ask for nothing");
  }
  return lower(*member->text());
}

}  // namespace

Result<ViewFilter> ViewFilter::make(const JsonValue& filter, const Topology& topology) {
  ViewFilter made;
  made.key_ = to_json(filter);
  made.bookkeeping_ = filter.truth_of("bookkeeping").value_or(false);
  const auto kinds = texts_in(filter, "kinds");
  if (!kinds) return kinds.error();
  if (const Status taken = made.take_kinds(*kinds); !taken) return taken.error();
  const auto ports = texts_in(filter, "ports");
  if (!ports) return ports.error();
  if (const Status taken = made.take_ports(*ports, topology); !taken) return taken.error();
  for (const auto& [key, word] : {std::pair{"protocol", &made.protocol_}, {"address", &made.address_}, {"text", &made.text_}}) {
    auto read = word_in(filter, key);
    if (!read) return read.error();
    *word = std::move(*read);
  }
  return made;
}

Status ViewFilter::take_kinds(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (const auto kind = kind_named(name)) {
      kinds_.set(static_cast<std::size_t>(*kind));
    } else if (const auto of = class_named(name)) {
      classes_ |= 1U << static_cast<unsigned>(*of);
    } else {
      std::vector<std::string> known(kEventClassWords.begin(), kEventClassWords.end());
      for (const EventKind each : named_kinds()) known.emplace_back(name_of(each));
      return bad_request("there is no kind \"" + printable(name) + "\"" + did_you_mean(name, known),
                         "kinds are those of labreel events --kind, and the classes of frames");
    }
  }
  return ok_status();
}

Status ViewFilter::take_ports(const std::vector<std::string>& names, const Topology& topology) {
  for (const std::string& name : names) {
    PortInterest interest{name};
    std::vector<std::string> known;
    for (const PortInfo& port : topology.ports()) known.push_back(topology.name_of(port.added.port));
    const bool is_known = std::any_of(known.begin(), known.end(), [&](const auto& port) { return interest.is_asked_for(port); });
    if (!is_known) {
      return bad_request("there is no port \"" + printable(name) + "\"" + did_you_mean(name, known),
                         "ports are written NODE:PORT, such as r1:eth1; a node's name alone means all of its ports");
    }
    ports_.push_back(std::move(interest));
  }
  return ok_status();
}

bool ViewFilter::asks_for_nothing() const {
  return kinds_.none() && classes_ == 0 && ports_.empty() && protocol_.empty() && address_.empty() && text_.empty();
}

bool ViewFilter::concerns_port(const Event& event) {
  bool concerns = ports_.empty();
  for (PortInterest& port : ports_) {
    if (port.concerns(event)) concerns = true;  // each of them must see every event
  }
  return concerns;
}

bool ViewFilter::frame_passes(const Event& event, const Survey& survey) const {
  if (protocol_.empty() && address_.empty()) return true;
  const auto* const frame = std::get_if<Frame>(&event.body);
  if (frame == nullptr) return false;
  if (!protocol_.empty() && name_of(survey.class_of(event.seq)) != protocol_ &&
      !lower(summarise_frame(frame->bytes, frame->length)).starts_with(protocol_)) {
    return false;
  }
  if (address_.empty()) return true;
  const auto fields = packet_fields(frame->bytes);
  return fields && (lower(address_text(fields->source)) == address_ || lower(address_text(fields->destination)) == address_ ||
                    format_mac(fields->from) == address_ || format_mac(fields->to) == address_);
}

bool ViewFilter::passes(const Event& event, const Names& names, const Survey& survey) {
  const bool concerns = concerns_port(event);
  if (!concerns || (!bookkeeping_ && survey.is_bookkeeping(event.seq))) return false;
  const bool any_kind = kinds_.none() && classes_ == 0;
  const bool is_class = (classes_ >> static_cast<unsigned>(survey.class_of(event.seq)) & 1U) != 0;
  if (!any_kind && !is_class && !kinds_.test(static_cast<std::size_t>(event.kind()))) return false;
  if (!frame_passes(event, survey)) return false;
  return text_.empty() || lower(event_words(event, names)).find(text_) != std::string::npos;
}

}  // namespace labreel
