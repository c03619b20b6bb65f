// The parts of a Viewer, for its ops.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "replay/projection/lab_cursor.h"
#include "replay/web/viewer/names_at.h"
#include "replay/web/viewer/request.h"
#include "replay/web/viewer/shown_events.h"
#include "replay/web/viewer/survey.h"
#include "replay/web/viewer/viewer.h"

namespace labreel {

class Viewer::State {
 public:
  State(const EventLog& log, ViewerFacts facts);
  Result<std::string> answer(std::string_view request);
  void set_damage(Error error) { damage_ = std::move(error); }

 private:
  using Op = Result<std::string> (State::*)(const JsonValue& request);
  struct NamedOp {
    std::string_view name;
    Op op;
  };
  static Op op_named(std::string_view name);

  // viewer_lab.cc: the recording, and the lab at a position
  Result<std::string> hello(const JsonValue& request);
  Result<std::string> state(const JsonValue& request);
  Result<std::string> verify(const JsonValue& request);
  Result<std::string> position(const JsonValue& request);
  // viewer_rows.cc: events
  Result<std::string> rows(const JsonValue& request);
  Result<std::string> rank(const JsonValue& request);
  Result<std::string> find(const JsonValue& request);
  Result<std::string> cause(const JsonValue& request);
  // viewer_frames.cc: frames
  Result<std::string> frame(const JsonValue& request);
  Result<std::string> flights(const JsonValue& request);
  Result<std::string> strip(const JsonValue& request);
  // viewer_moves.cc: what is next
  Result<std::string> marker(const JsonValue& request);
  Result<std::string> drop(const JsonValue& request);
  Result<std::string> conversation(const JsonValue& request);
  Result<std::string> trace(const JsonValue& request);
  // viewer_terminals.cc
  Result<std::string> terminals(const JsonValue& request);

  // An event's number that a request has under a key. Errors: one that is not there.
  Result<Seq> seq_in(const JsonValue& request, std::string_view key) const;
  Error no_event(std::uint64_t number) const;
  std::string end_words() const;
  void write_hello_level(JsonWriter& json) const;
  void write_markers(JsonWriter& json) const;
  void write_row(JsonWriter& json, const Event& event, const Names& names) const;
  // The copies of a frame with what became of them.
  void write_copies(JsonWriter& json, const Event& event, const Frame& frame, const Names& names) const;
  void write_fate(JsonWriter& json, Seq frame, std::uint32_t number, const Copy& copy) const;
  std::size_t write_flights(JsonWriter& json, const Event& event, LabTime from, std::size_t room);

  const EventLog& log_;
  ViewerFacts facts_;
  std::optional<Error> damage_;
  Survey survey_;
  NamesAt names_;
  ShownEvents shown_;
  LabCursor cursor_;
};

}  // namespace labreel
