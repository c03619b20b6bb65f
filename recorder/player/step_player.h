// StepPlayer: a recording event by event, as pages of text; it touches no terminal.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replay/final_outcomes.h"
#include "replay/host_delays.h"
#include "replay/names.h"
#include "replay/projection/lab_cursor.h"
#include "replay/stepping/stepper.h"

namespace labreel {

class StepPlayer {
 public:
  // Shape:  `name` and `end_words` (how the recording ends) are for the title and the last event. Reads the whole
  //         recording once, for its markers and for what became of copies.
  //         `read_once` is the same recording for that one reading, if somebody wants to see how far it is.
  // Errors: damage; a recording without events.
  static Result<StepPlayer> open(const EventLog& log, std::string name, std::string end_words, Seq start,
                                 const EventLog* read_once = nullptr);

  // Takes one key; false if it was the one to quit.
  bool press(char key);
  // The page of now: at most `rows` lines; none holds a control character.
  std::vector<std::string> page(std::size_t rows);
  Seq at() const { return stepper_.at(); }

 private:
  enum class View { events, fields, topology, help };
  struct Prompt {
    char key;
    std::string text;
  };

  StepPlayer(const EventLog& log, std::string name, std::string end_words, Stepper stepper, FinalOutcomes outcomes,
             std::shared_ptr<const Bookkeeping> bookkeeping);
  void press_in_prompt(char key);
  void answer(const Prompt& prompt);
  void follow_conversation(StepDirection direction);
  void go_to_marker(StepDirection direction);
  void show_or_say(const Result<Seq>& moved, const char* none);
  void show_position();
  void say(const Error& error);

  bool press_in_fields(char key);
  std::vector<std::string> event_lines(std::size_t rows);
  std::vector<std::string> field_lines(std::size_t rows);
  std::vector<std::string> details(const Event& event);
  void add_copies(const Event& event, const Frame& frame, std::vector<std::string>& lines) const;
  Status add_consequences(const Event& event, std::vector<std::string>& lines) const;
  std::string text_of(const Event& event) const;

  const EventLog& log_;
  std::string name_;
  std::string end_words_;
  Stepper stepper_;
  LabCursor cursor_;
  FinalOutcomes outcomes_;
  HostDelays delays_;
  Names names_;
  bool lab_known_ = false;
  std::shared_ptr<const Bookkeeping> bookkeeping_;
  bool folds_ = true;
  std::size_t shifted_ = 0;  // by how many characters to the left
  std::size_t chosen_ = 0;  // the line of the fields that is
  View view_ = View::events;
  std::optional<Prompt> prompt_;
  std::string message_;
};

}  // namespace labreel
