// marker, drop, conversation, trace: where to go from an event.
#include <utility>

#include "replay/event_json.h"
#include "replay/packet_fields.h"
#include "replay/projection/search.h"
#include "replay/trace.h"
#include "replay/trace/trace_report.h"
#include "replay/web/viewer/viewer_state.h"

namespace labreel {
namespace {

std::optional<ConversationKey> conversation_in(const Event& event) {
  const auto* const frame = std::get_if<Frame>(&event.body);
  const auto fields = frame != nullptr ? packet_fields(frame->bytes) : std::nullopt;
  return fields ? conversation_of(*fields) : std::nullopt;
}

}  // namespace

Result<std::string> Viewer::State::marker(const JsonValue& request) {
  const auto from = number_in(request, "from");
  if (!from) return from.error();
  const auto forwards = forwards_in(request);
  if (!forwards) return forwards.error();
  const NamedPosition* const found = *forwards ? survey_.markers().after(Seq{*from}) : survey_.markers().before(Seq{*from});
  return seq_answer(found == nullptr ? Seq{} : found->seq);
}

Result<std::string> Viewer::State::drop(const JsonValue& request) {
  const auto from = number_in(request, "from");
  if (!from) return from.error();
  const auto forwards = forwards_in(request);
  if (!forwards) return forwards.error();
  const std::uint64_t last = survey_.last().value;
  if (*forwards) {
    for (std::uint64_t seq = *from; seq < last; ++seq) {
      if (survey_.is_drop(Seq{seq + 1})) return seq_answer(Seq{seq + 1});
    }
  } else {
    for (std::uint64_t seq = *from > last ? last + 1 : *from; seq > 1; --seq) {
      if (survey_.is_drop(Seq{seq - 1})) return seq_answer(Seq{seq - 1});
    }
  }
  return seq_answer(Seq{});
}

Result<std::string> Viewer::State::conversation(const JsonValue& request) {
  const auto seq = seq_in(request, "seq");
  if (!seq) return seq.error();
  const auto forwards = forwards_in(request);
  if (!forwards) return forwards.error();
  const auto event = log_.event_at(*seq);
  if (!event) return event.error();
  const auto key = conversation_in(*event);
  if (!key) {
    return bad_request("event " + std::to_string(seq->value) + " belongs to no conversation",
                       "a frame with network addresses does: choose one");
  }
  const auto passes = [&](const Event& other) {
    return survey_.is_frame(other.seq) && conversation_in(other) == key;
  };
  if (*forwards) {
    Seq found;
    const Status read = read_events(log_, seq->next(), survey_.last(), [&](const Event& other) {
      if (passes(other)) found = other.seq;
      return found.is_none();
    });
    if (!read) return read.error();
    return seq_answer(found);
  }
  const auto before = find_last(log_, Seq{seq->value - 1}, 1, passes);
  if (!before) return before.error();
  return seq_answer(before->empty() ? Seq{} : before->front());
}

Result<std::string> Viewer::State::trace(const JsonValue& request) {
  const auto seq = seq_in(request, "seq");
  if (!seq) return seq.error();
  const auto trace = trace_packet(log_, *seq, facts_.ports);
  if (!trace) return trace.error();
  JsonWriter json;
  json.begin_object().key("hops").begin_array();
  for (const TraceHop& hop : trace->hops) {
    const Topology& topology = names_.at(hop.frame).topology();
    const auto event = log_.event_at(hop.frame);
    if (!event) return event.error();
    JsonWriter line;
    write_event(line, *event, topology, false);
    json.raw(hop_json(line.take(), hop));
  }
  return json.end_array().key("note").value(trace->note).end_object().take();
}

}  // namespace labreel
