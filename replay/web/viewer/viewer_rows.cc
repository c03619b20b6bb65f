// rows, rank, find, cause: events, as a list shows them.
#include <algorithm>

#include "replay/event_text.h"
#include "replay/settings.h"
#include "replay/web/viewer/viewer_state.h"

namespace labreel {
namespace {

constexpr std::uint64_t kRows_max = 500;
constexpr std::size_t kCopiesShown_max = 64;
constexpr std::size_t kCauses_max = 64;

}  // namespace

void Viewer::State::write_fate(JsonWriter& json, Seq frame, std::uint32_t number, const Copy& copy) const {
  const Fate fate = survey_.outcomes().of(frame, number, copy);
  json.key("due_ns").value(copy.due.ns);
  json.key("outcome").value(fate.delivered() ? "delivered" : fate.in_flight ? "in-flight" : "dropped");
  if (fate.reason != Reason::none) json.key("reason").value(name_of(fate.reason));
  if (const auto flags = names_of_flags(copy.flags); !flags.empty()) {
    json.key("flags").begin_array();
    for (const std::string_view flag : flags) json.value(flag);
    json.end_array();
  }
}

void Viewer::State::write_copies(JsonWriter& json, const Event& event, const Frame& frame, const Names& names) const {
  json.begin_array();
  for (std::uint32_t i = 0; i < std::min(frame.copies.size(), kCopiesShown_max); ++i) {
    const Copy& copy = frame.copies[i];
    json.begin_object().key("port");
    if (copy.port == kNoPort) {
      json.null();
    } else {
      json.value(shown_text(names(copy.port)));
    }
    write_fate(json, event.seq, i, copy);
    json.end_object();
  }
  json.end_array();
}

void Viewer::State::write_row(JsonWriter& json, const Event& event, const Names& names) const {
  json.begin_object().key("seq").value(event.seq.value).key("time_ns").value(event.time.ns);
  json.key("kind").value(name_of(event.kind())).key("class").value(name_of(survey_.class_of(event.seq)));
  json.key("text").value(shown_text(event_words(event, names)));
  if (const auto* const frame = std::get_if<Frame>(&event.body)) {
    json.key("from").value(shown_text(names(frame->port))).key("to");
    write_copies(json, event, *frame, names);
    if (frame->copies.size() > kCopiesShown_max) json.key("more").value(frame->copies.size() - kCopiesShown_max);
  } else {
    json.key("to").begin_array().end_array();
  }
  if (!event.cause.is_none()) json.key("cause").value(event.cause.value);
  if (const auto* const command = std::get_if<Command>(&event.body)) json.key("by").value(shown_text(command->by.text()));
  json.end_object();
}

Result<std::string> Viewer::State::rows(const JsonValue& request) {
  const auto row = number_or(request, "row", 0);
  if (!row) return row.error();
  const auto count = number_or(request, "count", kRows_max);
  if (!count) return count.error();
  const auto shown = shown_.of(request.find("filter"));
  if (!shown) return shown.error();
  const std::vector<std::uint32_t>& seqs = **shown;
  const auto begin = static_cast<std::size_t>(std::min<std::uint64_t>(*row, seqs.size()));
  const auto length = static_cast<std::size_t>(std::min({*count, kRows_max, std::uint64_t{seqs.size() - begin}}));
  JsonWriter json;
  json.begin_object().key("total").value(seqs.size()).key("row").value(begin).key("rows").begin_array();
  for (std::size_t i = begin; i < begin + length; ++i) {
    const Names& names = names_.at(Seq{seqs[i]});  // first, for it reads events
    const auto event = log_.event_at(Seq{seqs[i]});
    if (!event) return event.error();
    write_row(json, *event, names);
  }
  return json.end_array().end_object().take();
}

Result<std::string> Viewer::State::rank(const JsonValue& request) {
  const auto seq = number_in(request, "seq");
  if (!seq) return seq.error();
  const auto shown = shown_.of(request.find("filter"));
  if (!shown) return shown.error();
  const std::vector<std::uint32_t>& seqs = **shown;
  const auto behind = std::upper_bound(seqs.begin(), seqs.end(), *seq);
  JsonWriter json;
  json.begin_object().key("row").value((behind - seqs.begin()) - 1).key("total").value(seqs.size()).end_object();
  return json.take();
}

Result<std::string> Viewer::State::find(const JsonValue& request) {
  const auto from = number_in(request, "from");
  if (!from) return from.error();
  const auto forwards = forwards_in(request);
  if (!forwards) return forwards.error();
  const auto shown = shown_.of(request.find("filter"));
  if (!shown) return shown.error();
  const std::vector<std::uint32_t>& seqs = **shown;
  if (*forwards) {
    const auto next = std::upper_bound(seqs.begin(), seqs.end(), *from);
    return seq_answer(next == seqs.end() ? Seq{} : Seq{*next});
  }
  const auto at = std::lower_bound(seqs.begin(), seqs.end(), *from);
  return seq_answer(at == seqs.begin() ? Seq{} : Seq{*(at - 1)});
}

Result<std::string> Viewer::State::cause(const JsonValue& request) {
  auto seq = seq_in(request, "seq");
  if (!seq) return seq.error();
  JsonWriter json;
  json.begin_object().key("chain").begin_array();
  std::size_t written = 0;
  // A cause is before what it led to, so this ends.
  for (Seq at = *seq; !at.is_none() && written < kCauses_max; ++written) {
    const Names& names = names_.at(at);
    const auto event = log_.event_at(at);
    if (!event) return event.error();
    json.begin_object().key("seq").value(at.value).key("time_ns").value(event->time.ns);
    json.key("kind").value(name_of(event->kind())).key("text").value(shown_text(event_words(*event, names))).end_object();
    at = event->cause;
  }
  return json.end_array().end_object().take();
}

}  // namespace labreel
