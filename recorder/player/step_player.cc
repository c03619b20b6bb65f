#include "recorder/player/step_player.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "engine/core/units.h"
#include "engine/text/text.h"
#include "replay/decode/layer_text.h"
#include "replay/event_text.h"
#include "replay/projection/search.h"

namespace labreel {
namespace {

constexpr char kEscape = '\x1b';
// How far back a page looks for the events before its own: painting must not wait for a filter that nothing passes.
constexpr std::uint64_t kLookedBack_max = 20'000;
constexpr std::size_t kShift = 20;

constexpr std::array kHelp{
    "space, enter  forward        b  back            (arrows do the same)",
    "[ ]           previous and next marker",
    "n N           next and previous frame of this frame's conversation",
    "g             go to: an event's number, a marker, +12.5s, end",
    "/             show only: a kind (frame, link.down, several with commas) or a",
    "              filter as tcpdump's (arp or icmp); empty shows everything",
    "f             this frame's fields over its bytes; j and k choose one",
    "a             also show what only the scenario needed: its steps, what a wait",
    "              looks at over and over, checkpoints",
    "< >           sideways, where lines are wider than the terminal",
    "t             the lab here: nodes, cables, what is cut, what flies",
    "?             this page",
    "q             quit",
};

// Returns the text behind its first characters.
std::string behind(const std::string& text, std::size_t characters) {
  std::size_t at = 0;
  for (; characters > 0 && at < text.size(); --characters) at += std::max<std::size_t>(1, utf8_length(std::string_view(text).substr(at)));
  return text.substr(at);
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t from = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', from)) {
    lines.push_back(printable(text.substr(from, end - from)));
    from = end + 1;
  }
  if (from < text.size()) lines.push_back(printable(text.substr(from)));
  return lines;
}

}  // namespace

StepPlayer::StepPlayer(const EventLog& log, std::string name, std::string end_words, Stepper stepper,
                       FinalOutcomes outcomes, std::shared_ptr<const Bookkeeping> bookkeeping)
    : log_(log),
      name_(std::move(name)),
      end_words_(std::move(end_words)),
      stepper_(std::move(stepper)),
      cursor_(log),
      outcomes_(std::move(outcomes)),
      delays_(host_delays_of(log.notes())),
      bookkeeping_(std::move(bookkeeping)) {
  stepper_.fold(bookkeeping_);
  show_position();
}

Result<StepPlayer> StepPlayer::open(const EventLog& log, std::string name, std::string end_words, Seq start,
                                    const EventLog* read_once) {
  FinalOutcomes outcomes;
  const auto markers = std::make_shared<Markers>();
  const auto bookkeeping = std::make_shared<Bookkeeping>();
  Status read = read_events(read_once == nullptr ? log : *read_once, kFirstSeq, log.last(), [&](const Event& event) {
    outcomes.take(event);
    markers->take(event);
    bookkeeping->take(event);
    return true;
  });
  if (!read) return std::move(read).error();
  outcomes.finish();
  return StepPlayer{log, printable(name), printable(end_words), Stepper{log, markers, start}, std::move(outcomes),
                    bookkeeping};
}

bool StepPlayer::press(char key) {
  if (prompt_) {
    press_in_prompt(key);
    return true;
  }
  message_.clear();
  if (key == 'q') return false;
  if (view_ == View::fields && press_in_fields(key)) return true;
  if (key == kEscape || key == '?' || key == 't' || key == 'f') {
    const View wanted = key == '?' ? View::help : key == 't' ? View::topology : key == 'f' ? View::fields : View::events;
    view_ = view_ == wanted ? View::events : wanted;
    return true;
  }
  switch (key) {
    case ' ':
    case '\n':
    case '\r':
      show_or_say(stepper_.step(StepTo::shown, StepDirection::forwards), end_words_.c_str());
      break;
    case 'b':
      show_or_say(stepper_.step(StepTo::shown, StepDirection::backwards), "nothing is before this");
      break;
    case '[':
    case ']':
      go_to_marker(key == ']' ? StepDirection::forwards : StepDirection::backwards);
      break;
    case 'n':
    case 'N':
      follow_conversation(key == 'n' ? StepDirection::forwards : StepDirection::backwards);
      break;
    case 'g':
    case '/':
      prompt_ = Prompt{key, {}};
      break;
    case '<':
    case '>':
      shifted_ = key == '>' ? shifted_ + kShift : shifted_ - std::min(shifted_, kShift);
      break;
    case 'a':
      folds_ = !folds_;
      stepper_.fold(folds_ ? bookkeeping_ : nullptr);
      message_ = folds_ ? "the scenario's bookkeeping is folded away" : "everything is shown";
      break;
    default:
      message_ = "? shows the keys";
  }
  return true;
}

void StepPlayer::press_in_prompt(char key) {
  if (key == kEscape) {
    prompt_.reset();
  } else if (key == '\n' || key == '\r') {
    const Prompt prompt = *prompt_;
    prompt_.reset();
    message_.clear();
    answer(prompt);
  } else if (key == '\x7f' || key == '\b') {
    if (!prompt_->text.empty()) prompt_->text.pop_back();
  } else if (key >= ' ' || (static_cast<unsigned char>(key) & 0x80U) != 0) {
    prompt_->text += key;
  }
}

void StepPlayer::answer(const Prompt& prompt) {
  if (prompt.key == '/') {
    if (const Status set = stepper_.set_filter(prompt.text); !set) say(set.error());
  } else if (!prompt.text.empty()) {
    show_or_say(stepper_.go_to(prompt.text), "");
  }
}

void StepPlayer::show_position() {
  const Status found = cursor_.seek(at());
  lab_known_ = found.ok();
  chosen_ = 0;
  if (!found) return say(found.error());
  names_ = Names{cursor_.lab().fabric.topology()};
}

void StepPlayer::show_or_say(const Result<Seq>& moved, const char* none) {
  if (!moved) return say(moved.error());
  if (moved->is_none()) {
    message_ = none;
    return;
  }
  show_position();
}

void StepPlayer::say(const Error& error) {
  message_ = printable(error.place.empty() ? error.what : error.place + ": " + error.what);
}

void StepPlayer::follow_conversation(StepDirection direction) {
  const auto conversation = stepper_.conversation();
  if (!conversation) return say(conversation.error());
  if (!*conversation) {
    message_ = "this event is no packet of a conversation";
    return;
  }
  show_or_say(stepper_.follow(**conversation, direction), direction == StepDirection::forwards
                                                              ? "this is the conversation's last frame"
                                                              : "this is the conversation's first frame");
}

void StepPlayer::go_to_marker(StepDirection direction) {
  const bool forwards = direction == StepDirection::forwards;
  const bool any = !stepper_.markers().all().empty();
  show_or_say(stepper_.go_to_marker(direction),
              !any ? "there is no marker" : forwards ? "no marker is behind this" : "no marker is before this");
}

std::string StepPlayer::text_of(const Event& event) const { return event_text(event, names_); }

std::vector<std::string> StepPlayer::page(std::size_t rows) {
  std::vector<std::string> lines;
  const auto here = stepper_.event();
  const std::string only = stepper_.filter_words().empty() ? "" : "   only: " + printable(stepper_.filter_words());
  lines.push_back(fmt::format(" {}   event {} of {}   {} s{}   view level   ? for help", name_, at().value,
                              log_.last().value, here ? format_seconds(here->time) : "?",
                              only));  // the help is what a narrow terminal may cut
  const std::size_t body = rows > 2 ? rows - 2 : 0;
  std::vector<std::string> shown;
  if (view_ == View::help) {
    shown.assign(kHelp.begin(), kHelp.end());
  } else if (view_ == View::events) {
    shown = event_lines(body);
  } else if (view_ == View::fields) {
    shown = field_lines(body);
  } else if (lab_known_) {
    shown = split_lines(lab_to_text(cursor_.lab(), {}, node_ends(log_, cursor_.lab().fabric.topology(), at())));
  } else {
    shown = {"what the lab was is not known here"};
  }
  if (shown.size() > body) {
    const std::size_t hidden = shown.size() - body + 1;
    shown.resize(body);
    if (body > 0) shown.back() = fmt::format("… and {} lines more", hidden);
  }
  shown.resize(body);
  for (std::string& line : shown) line = behind(line, shifted_);
  lines.insert(lines.end(), shown.begin(), shown.end());
  if (prompt_) {
    lines.push_back((prompt_->key == 'g' ? "go to: " : "show only: ") + printable(prompt_->text) + "_");
  } else {
    lines.push_back(message_);
  }
  return lines;
}

// The events that led here, this one last, and then what is to be said of it.
std::vector<std::string> StepPlayer::event_lines(std::size_t rows) {
  const auto here = stepper_.event();
  if (!here) return {printable(here.error().what)};
  std::vector<std::string> told = details(*here);
  const std::size_t history = rows - std::min(rows, told.size() + 2);
  std::vector<std::string> lines;
  const auto before = stepper_.shown_before(history, kLookedBack_max);
  if (before && !before->empty()) {
    std::size_t next = 0;
    const Status read = read_events(log_, before->front(), before->back(), [&](const Event& event) {
      if (event.seq == (*before)[next]) {
        lines.push_back("  " + text_of(event));
        ++next;
      }
      return next < before->size();
    });
    if (!read) lines.push_back(printable(read.error().what));
  }
  lines.push_back("> " + text_of(*stepper_.event()));
  lines.emplace_back();
  lines.insert(lines.end(), told.begin(), told.end());
  return lines;
}

bool StepPlayer::press_in_fields(char key) {
  if (key == 'j') ++chosen_;
  if (key == 'k' && chosen_ > 0) --chosen_;
  return key == 'j' || key == 'k';
}

// The frame's layers and fields, below them its bytes from those of the chosen one on.
std::vector<std::string> StepPlayer::field_lines(std::size_t rows) {
  constexpr std::size_t kByteRows_max = 8, kRowBytes = 16;
  const auto here = stepper_.event();
  if (!here) return {printable(here.error().what)};
  std::vector<std::string> shown{"> " + text_of(*here), ""};
  const auto* const frame = std::get_if<Frame>(&here->body);
  if (frame == nullptr) {
    shown.emplace_back("  no frame: no fields");
    return shown;
  }
  const DecodedFrame decoded = decode_frame(frame->bytes);
  const std::vector<std::string> lines = layer_lines(decoded);
  const std::vector<LinePlace> places = line_places(decoded);
  chosen_ = std::min(chosen_, lines.size() - 1);
  const LinePlace place = places[chosen_];
  const std::vector<std::string> bytes = byte_lines(frame->bytes);
  const std::size_t byte_rows = std::min({bytes.size(), kByteRows_max, rows / 3});
  const std::size_t field_rows = rows > byte_rows + shown.size() + 1 ? rows - byte_rows - shown.size() - 1 : 0;
  // The chosen one stays in the middle.
  const std::size_t first = std::min(chosen_ - std::min(chosen_, field_rows / 2), lines.size() - std::min(lines.size(), field_rows));
  for (std::size_t i = first; i < std::min(lines.size(), first + field_rows); ++i) {
    shown.push_back((i == chosen_ ? "* " : "  ") + lines[i]);
  }
  shown.push_back(fmt::format("  bytes {} to {} of {}", place.offset, place.offset + std::max(place.length, 1U) - 1, frame->bytes.size()));
  const std::size_t row = std::min<std::size_t>(place.offset / kRowBytes, bytes.size() - byte_rows);
  for (std::size_t i = row; i < row + byte_rows; ++i) {
    const bool has_chosen = i >= place.offset / kRowBytes && place.length > 0 && i <= (place.offset + place.length - 1) / kRowBytes;
    shown.push_back((has_chosen ? "* " : "  ") + bytes[i]);
  }
  return shown;
}

std::vector<std::string> StepPlayer::details(const Event& event) {
  std::vector<std::string> lines;
  if (const auto* frame = std::get_if<Frame>(&event.body)) add_copies(event, *frame, lines);
  if (const auto* marker = std::get_if<Marker>(&event.body)) {
    for (const std::string& line : split_lines(marker->note)) lines.push_back("  " + line);
  }
  const Seq cause = event.cause;
  if (const Status told = add_consequences(event, lines); !told) lines.push_back(printable(told.error().what));
  if (!cause.is_none()) {
    const auto causing = log_.event_at(cause);  // from here on `event` must not be read
    lines.push_back("  because of " + (causing ? text_of(*causing) : printable(causing.error().what)));
  }
  return lines;
}

void StepPlayer::add_copies(const Event& event, const Frame& frame, std::vector<std::string>& lines) const {
  for (std::uint32_t i = 0; i < frame.copies.size(); ++i) {
    const Copy& copy = frame.copies[i];
    const Fate fate = outcomes_.of(event.seq, i, copy);
    const std::string to = copy.port == kNoPort ? "nobody" : printable(names_(copy.port));
    if (fate.delivered()) {
      lines.push_back(fmt::format("  copy {} to {}: delivered, due at {} s{}", i, to, format_seconds(copy.due),
                                  given_text(delays_, event.seq, i, copy.due)));
    } else if (fate.in_flight) {
      lines.push_back(fmt::format("  copy {} to {}: still on its way when the recording ends", i, to));
    } else {
      lines.push_back(fmt::format("  copy {} to {}: dropped, {}{}", i, to, name_of(fate.reason),
                                  copy.scheduled() ? " (later: it had been scheduled)" : ""));
    }
  }
}

// What a command did, and the copies that it or an effect dropped.
Status StepPlayer::add_consequences(const Event& event, std::vector<std::string>& lines) const {
  const bool is_command = event.kind() == EventKind::command;
  if (!is_command && event.kind() > EventKind::lan_left) return ok_status();
  const Seq seq = event.seq;
  std::vector<Seq> effects;
  if (!is_command) effects.push_back(seq);
  std::array<std::uint64_t, kReasonCount> dropped{};
  Status read = read_events(log_, seq.next(), kLastSeq, [&](const Event& later) {
    const bool is_known_effect = std::find(effects.begin(), effects.end(), later.cause) != effects.end();
    if (const auto* outcome = std::get_if<Outcome>(&later.body); outcome != nullptr && is_known_effect) {
      ++dropped[static_cast<std::size_t>(outcome->reason) % kReasonCount];
      return true;
    }
    if (!is_command) return false;  // an effect's outcomes follow it at once
    if (later.cause == seq && later.kind() <= EventKind::lan_left) effects.push_back(later.seq);
    return !(later.cause == seq && later.kind() == EventKind::command_done);
  });
  if (is_command) lines.push_back(fmt::format("  it had {} effect{}", effects.size(), effects.size() == 1 ? "" : "s"));
  for (std::size_t reason = 0; reason < dropped.size(); ++reason) {
    if (dropped[reason] == 0) continue;
    lines.push_back(fmt::format("  it dropped {} {} in flight: {}", dropped[reason], dropped[reason] == 1 ? "copy" : "copies",
                                name_of(static_cast<Reason>(reason))));
  }
  return read;
}

}  // namespace labreel
