#include "replay/trace/trace_report.h"

#include <fmt/format.h>

#include "engine/text/json_writer.h"
#include "engine/text/text.h"


namespace labreel {
namespace {

void append_line(std::string& text, const std::string& words) { text += fmt::format("{:>10}{}\n", "", words); }

void write_text(JsonWriter& json, std::string_view key, const std::string& text) {
  json.key(key);
  if (text.empty()) {
    json.null();
  } else {
    json.value(text);
  }
}

}  // namespace

std::string hop_text(const TraceHop& hop) {
  std::string text;
  if (hop.asked) append_line(text, "the frame that was asked for");
  if (!hop.origin.empty()) append_line(text, hop.origin);
  for (const TraceLink& was : hop.was) {
    append_line(text, fmt::format("{} {}, which {} sent on: {}", was.certain() ? "is" : "may be", was.earlier.value,
                                  printable(was.node), was.ground));
    if (!was.certain()) append_line(text, fmt::format("  not certain: {}", was.reservation));
  }
  for (const TraceEnd& end : hop.ends) append_line(text, end.text);
  return text;
}

std::string hop_json(std::string event, const TraceHop& hop) {
  JsonWriter json;
  const TraceLink was = hop.was.empty() ? TraceLink{} : hop.was.front();
  json.begin_object().key("asked").value(hop.asked).key("was");
  if (hop.was.empty()) {
    json.null().key("certainty").null();
  } else {
    json.value(was.earlier.value).key("certainty").value(was.certain() ? "is" : "may be");
  }
  write_text(json, "ground", was.ground);
  write_text(json, "reservation", was.reservation);
  json.key("alternatives").begin_array();
  for (std::size_t i = 1; i < hop.was.size(); ++i) json.value(hop.was[i].earlier.value);
  json.end_array();
  write_text(json, "origin", hop.origin);
  json.key("end").begin_array();
  for (const TraceEnd& end : hop.ends) {
    json.begin_object().key("kind").value(name_of(end.kind));
    write_text(json, "port", end.port);
    json.key("time").value(end.at.ns).key("text").value(end.text).end_object();
  }
  json.end_array().end_object();
  event.pop_back();  // its closing brace
  return event + "," + json.take().substr(1);
}

}  // namespace labreel
