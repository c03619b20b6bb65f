// hello, state, verify, position: the recording as a whole, and the lab at a position.
#include "engine/core/units.h"
#include <utility>

#include "replay/event_text.h"
#include "replay/import/imported.h"
#include "replay/position.h"
#include "replay/projection/lab_at.h"
#include "replay/reasons.h"
#include "replay/verify.h"
#include "replay/web/viewer/viewer_state.h"

namespace labreel {

std::string Viewer::State::end_words() const {
  const std::optional<Error>& damage = survey_.damage() ? survey_.damage() : damage_;
  if (!damage) return facts_.end;
  return "it is damaged after event " + std::to_string(survey_.last().value) + ": " + damage->what;
}

void Viewer::State::write_hello_level(JsonWriter& json) const {
  const std::optional<LabBegun>& begun = survey_.begun();
  std::string why;
  if (!begun) {
    why = "the recording does not start with lab.begun";
  } else if (is_imported(*begun)) {
    why = nothing_to_reexecute().what;
  } else if (begun->fabric_version != kFabricVersion) {
    why = "it was recorded by fabric version " + std::to_string(begun->fabric_version) + ", and this labreel has version " +
          std::to_string(kFabricVersion);
  }
  json.key("level").value(why.empty() ? "fabric" : "view").key("level_why").value(shown_text(why));
}

void Viewer::State::write_markers(JsonWriter& json) const {
  constexpr std::size_t kMarkers_max = 10'000;
  json.key("markers").begin_array();
  std::size_t written = 0;
  for (const NamedPosition& marker : survey_.markers().all()) {
    if (marker.seq > survey_.last() || ++written > kMarkers_max) break;
    json.begin_object().key("seq").value(marker.seq.value).key("time_ns").value(marker.time.ns);
    json.key("name").value(shown_text(marker.name)).key("note").value(shown_text(marker.note));
    if (!marker.ask.empty()) json.key("ask").value(shown_text(marker.ask));
    json.end_object();
  }
  json.end_array();
}

Result<std::string> Viewer::State::hello(const JsonValue&) {
  const std::optional<LabBegun>& begun = survey_.begun();
  JsonWriter json;
  json.begin_object().key("name").value(shown_text(facts_.name)).key("file").value(shown_text(facts_.file));
  json.key("lab").value(begun ? shown_text(begun->lab) : "").key("labreel").value(shown_text(facts_.labreel));
  json.key("clock").value(begun ? shown_text(begun->clock.text()) : "");
  json.key("complete").value(log_.complete() && !survey_.damage() && !damage_).key("end").value(shown_text(end_words()));
  json.key("at").value(facts_.at > survey_.last() ? survey_.last().value : facts_.at.value);
  json.key("first").value(kFirstSeq.value).key("last").value(survey_.last().value);
  json.key("begin_ns").value(survey_.first_time().ns).key("end_ns").value(survey_.last_time().ns);
  json.key("format_version").value(facts_.format_version).key("fabric_version").value(begun ? begun->fabric_version : 0);
  json.key("digest");
  if (facts_.digest) {
    json.value(shown_text(*facts_.digest));
  } else {
    json.null();
  }
  write_hello_level(json);
  write_markers(json);
  json.key("kinds").begin_array();
  for (const EventKind kind : named_kinds()) json.value(name_of(kind));
  json.end_array().key("classes").begin_array();
  for (const std::string_view word : kEventClassWords) json.value(word);
  json.end_array().key("reasons").begin_array();
  for (const ReasonWords& words : kReasonWords) {
    json.begin_object().key("name").value(name_of(words.reason)).key("says").value(words.meaning).end_object();
  }
  return json.end_array().key("gaps").value(survey_.gaps()).end_object().take();
}

Result<std::string> Viewer::State::state(const JsonValue& request) {
  const auto at = seq_in(request, "at");
  if (!at) return at.error();
  if (const Status found = cursor_.seek(*at); !found) return found.error();
  const NodeEnds ends = node_ends(log_, cursor_.lab().fabric.topology(), *at);
  return lab_to_json(cursor_.lab(), facts_.ports, ends);
}

Result<std::string> Viewer::State::verify(const JsonValue&) {
  const auto source = log_.events();
  const auto verified = verify_fabric(*source, log_.complete() && !damage_);
  if (!verified) return verified.error();
  const auto digest = log_.digest_at(survey_.last());
  if (!digest) return digest.error();
  const bool digest_fits = !facts_.digest || !log_.complete() || *facts_.digest == *digest;
  JsonWriter json;
  json.begin_object().key("identical").value(verified->identical() && digest_fits).key("level").value("fabric");
  json.key("events").value(verified->events).key("frames").value(verified->frames);
  json.key("digest").value(*digest).key("recorded_digest");
  if (facts_.digest) {
    json.value(shown_text(*facts_.digest));
  } else {
    json.null();
  }
  if (verified->difference) {
    const Difference& difference = *verified->difference;
    json.key("difference").begin_object().key("seq").value(difference.seq.value).key("why").value(shown_text(difference.why));
    const Names names{difference.topology};
    for (const auto& [key, side] : {std::pair{"recorded", &difference.got}, {"now", &difference.expected}}) {
      json.key(key);
      if (*side) {
        json.value(shown_text(event_words((*side)->event(), names)));
      } else {
        json.null();
      }
    }
    json.end_object();
  } else if (!digest_fits) {
    json.key("difference").begin_object().key("seq").value(survey_.last().value);
    json.key("why").value("the recording claims another digest than its events have").key("recorded").null().key("now").null();
    json.end_object();
  }
  return json.end_object().take();
}

Result<std::string> Viewer::State::position(const JsonValue& request) {
  const auto text = request.text_of("text");
  if (!text) return bad_request("the request has no text", "a position is an event's number, a marker's name, +12.5s or end");
  const auto found = resolve_position(log_, survey_.markers(), *text);
  if (!found) return found.error();
  if (*found > survey_.last()) return no_event(found->value);
  return seq_answer(*found);
}

}  // namespace labreel
