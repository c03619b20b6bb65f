#include "replay/web/viewer/viewer.h"

#include <array>

#include "engine/core/suggest.h"
#include "engine/text/text.h"
#include "replay/web/viewer/viewer_state.h"

namespace labreel {
namespace {

constexpr JsonLimits kRequestLimits{.bytes_max = 64U << 10U, .values_max = 1'000, .depth_max = 8};

}  // namespace

std::string error_answer(const Error& error) {
  JsonWriter json;
  std::string what = error.what;
  if (!error.place.empty()) what = error.place + ": " + what;
  json.begin_object().key("error").value(shown_text(what)).key("hint").value(shown_text(error.hint)).end_object();
  return json.take();
}

Viewer::Viewer(const EventLog& log, ViewerFacts facts) : state_(std::make_unique<State>(log, std::move(facts))) {}
Viewer::~Viewer() = default;
Result<std::string> Viewer::answer(std::string_view request) { return state_->answer(request); }
void Viewer::set_damage(Error error) { state_->set_damage(std::move(error)); }

Viewer::State::State(const EventLog& log, ViewerFacts facts)
    : log_(log), facts_(std::move(facts)), survey_(log), names_(log, survey_), shown_(log, survey_), cursor_(log) {}

Viewer::State::Op Viewer::State::op_named(std::string_view name) {
  static constexpr std::array<NamedOp, 16> kOps{{{"hello", &State::hello},
                                                 {"state", &State::state},
                                                 {"rows", &State::rows},
                                                 {"rank", &State::rank},
                                                 {"find", &State::find},
                                                 {"frame", &State::frame},
                                                 {"flights", &State::flights},
                                                 {"strip", &State::strip},
                                                 {"cause", &State::cause},
                                                 {"trace", &State::trace},
                                                 {"conversation", &State::conversation},
                                                 {"drop", &State::drop},
                                                 {"marker", &State::marker},
                                                 {"position", &State::position},
                                                 {"terminals", &State::terminals},
                                                 {"verify", &State::verify}}};
  for (const NamedOp& each : kOps) {
    if (each.name == name) return each.op;
  }
  return nullptr;
}

Result<std::string> Viewer::State::answer(std::string_view text) {
  const auto request = read_json(text, kRequestLimits);
  if (!request) return bad_request("the request cannot be read: " + request.error().what, "a request is one JSON object with an op");
  const auto name = request->text_of("op");
  if (!name) return bad_request("the request has no op", "a request is one JSON object with an op");
  const Op op = op_named(*name);
  if (op == nullptr) return bad_request("there is no op \"" + printable(shown_text(*name)) + "\"", "replay/web/README.md lists them");
  survey_.read_on();
  if (survey_.last().is_none()) {
    if (survey_.damage()) return *survey_.damage();
    if (damage_) return *damage_;
    return Error{ErrorKind::input, "the recording has no events", {}, "a recording begins with lab.begun"};
  }
  return (this->*op)(*request);
}

Error Viewer::State::no_event(std::uint64_t number) const {
  return bad_request("there is no event " + std::to_string(number) + ": the recording has events 1 to " +
                         std::to_string(survey_.last().value),
                     "go to one of these");
}

Result<Seq> Viewer::State::seq_in(const JsonValue& request, std::string_view key) const {
  const auto number = number_in(request, key);
  if (!number) return number.error();
  if (*number == 0 || *number > survey_.last().value) return no_event(*number);
  return Seq{*number};
}

}  // namespace labreel
