// The words and sentences that events carry and readers act on. They are wire: a changed one is another to every reader.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace labreel {

// One of an event's words: a Kind that is known, or `other` with its text, so that what is read is written again byte for byte.
//
// Shape: words_of(Kind) lists the texts in the order of the enumerators; `other` is the last enumerator, without one. A Word of
//        nothing is `other` with the empty text.
template <class Kind>
class Word {
 public:
  Word() = default;
  Word(Kind kind) : kind_(kind) {}  // NOLINT(*-explicit-*)
  // The one place where a text becomes a kind.
  template <class Text>
    requires std::is_convertible_v<const Text&, std::string_view>
  Word(const Text& text) {  // NOLINT(*-explicit-*)
    const std::string_view word = text;
    const auto words = words_of(Kind{});
    const auto found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) {
      other_ = word;
    } else {
      kind_ = static_cast<Kind>(found - words.begin());
    }
  }

  Kind kind() const { return kind_; }
  std::string_view text() const {
    return kind_ == Kind::other ? std::string_view{other_} : words_of(Kind{})[static_cast<std::size_t>(kind_)];
  }
  bool operator==(const Word&) const = default;
  bool operator==(Kind kind) const { return kind_ == kind; }

 private:
  Kind kind_ = Kind::other;
  std::string other_;
};

// What stamps a lab's events (`lab.begun`).
enum class ClockKind : std::uint8_t { real, virtual_time, capture, other };
inline constexpr std::array<std::string_view, 3> kClockWords{"real", "virtual", "capture"};
constexpr std::span<const std::string_view> words_of(ClockKind) { return kClockWords; }
using LabClock = Word<ClockKind>;

// What a node is (`node.added`).
enum class NodeKindName : std::uint8_t { host_namespace, uml, capture, other };
inline constexpr std::array<std::string_view, 3> kNodeWords{"namespace", "uml", "capture"};
constexpr std::span<const std::string_view> words_of(NodeKindName) { return kNodeWords; }
using NodeKind = Word<NodeKindName>;

// Where something is missing (`gap`).
enum class GapPlace : std::uint8_t { before_fabric, after_fabric, recorder, reel, cut_off, other };
inline constexpr std::array<std::string_view, 5> kGapPlaceWords{"before-fabric", "after-fabric", "recorder", "reel", "cut-off"};
constexpr std::span<const std::string_view> words_of(GapPlace) { return kGapPlaceWords; }
using GapWhere = Word<GapPlace>;
// Says whether events may be missing there that the fabric was given: what follows is not proved until a checkpoint. Frames that
// never came to the fabric, or that it had let go, leave no such hole, and what a cut-off run lacks is ended with its nodes. A
// place that is not known may be anything.
inline bool is_hole(const GapWhere& where) {
  switch (where.kind()) {
    case GapPlace::before_fabric:
    case GapPlace::after_fabric:
    case GapPlace::cut_off: return false;
    default: return true;
  }
}

// How a step of the scenario, or a watch, stands (`scenario`).
enum class StepStateKind : std::uint8_t { begun, flipped, done, failed, other };
inline constexpr std::array<std::string_view, 4> kStepStateWords{"begun", "flipped", "done", "failed"};
constexpr std::span<const std::string_view> words_of(StepStateKind) { return kStepStateWords; }
using StepState = Word<StepStateKind>;

// Who gave a command (`command`): a kind and perhaps a name, on the wire KIND or KIND:NAME.
enum class OriginKind : std::uint8_t { cli, page, scenario, run, branch, other };
inline constexpr std::array<std::string_view, 5> kOriginWords{"cli", "page", "scenario", "run", "branch"};
constexpr std::span<const std::string_view> words_of(OriginKind) { return kOriginWords; }
class Origin {
 public:
  Origin() = default;
  Origin(OriginKind kind) : kind_(kind) {}  // NOLINT(*-explicit-*)
  template <class Text>
    requires std::is_convertible_v<const Text&, std::string_view>
  Origin(const Text& text) : Origin(std::string_view(text), 0) {}  // NOLINT(*-explicit-*)

  const Word<OriginKind>& kind() const { return kind_; }
  const std::string& name() const { return name_; }
  std::string text() const { return has_name_ ? std::string(kind_.text()) + ":" + name_ : std::string(kind_.text()); }
  // Says whether the recorder gave the command by itself: all others are given again when the lab is run again.
  bool is_recorders_own() const {
    return kind_ == OriginKind::scenario || kind_ == OriginKind::run || kind_ == OriginKind::branch;
  }
  bool operator==(const Origin&) const = default;
  bool operator==(OriginKind kind) const { return kind_ == kind; }

 private:
  Origin(std::string_view text, int)
      : kind_(text.substr(0, text.find(':'))), has_name_(text.find(':') != std::string_view::npos) {
    if (has_name_) name_ = text.substr(text.find(':') + 1);
  }
  Word<OriginKind> kind_;
  bool has_name_ = false;
  std::string name_;
};

// Why a lab ended (`lab.ended`): a sentence, or the start of one.
enum class EndCause : std::uint8_t {
  scenario_done,
  time_over,
  stopped,
  interrupted,
  terminated,
  capture_ended,
  failed,           // followed by the error
  reel_unwritable,  // followed by the error
  cut_off,          // followed by how the recorder ended
  other,
};
inline constexpr std::array<std::string_view, 9> kEndCauseWords{
      "the scenario is done", "the time given with --for is over", "stopped",  "interrupted", "terminated",
      "the capture ends",     "failed: ",                          "the reel cannot be written: ", "cut off: "};
constexpr std::span<const std::string_view> words_of(EndCause) { return kEndCauseWords; }
// A cause and what follows its sentence; of another, the whole text.
class EndReason {
 public:
  EndReason() = default;
  // Shape: only the causes that go on with a detail have one.
  EndReason(EndCause cause, std::string detail = {});  // NOLINT(*-explicit-*)
  template <class Text>
    requires std::is_convertible_v<const Text&, std::string_view>
  EndReason(const Text& text) : EndReason(std::string_view(text), 0) {}  // NOLINT(*-explicit-*)

  EndCause cause() const { return cause_; }
  const std::string& detail() const { return detail_; }
  std::string text() const;
  bool operator==(const EndReason&) const = default;
  bool operator==(EndCause cause) const { return cause_ == cause; }

 private:
  EndReason(std::string_view text, int);
  EndCause cause_ = EndCause::other;
  std::string detail_;
};

// What a step of the scenario does, by the start of its text (`scenario`, begun). Other steps begin with a name.
enum class StepKind : std::uint8_t { wait, expect, watch, other };
inline constexpr std::array<std::string_view, 3> kStepWords{"wait for ", "expect of ", "watch "};
constexpr std::span<const std::string_view> words_of(StepKind) { return kStepWords; }
inline constexpr std::string_view kStepAt = "at ";      // "at 5s: " stands before a step that begins at a time
inline constexpr std::string_view kStepAtEnds = ": ";
inline constexpr std::string_view kHoldsAfter = "holds after ";  // "holds after 1.1 s": what a wait says when it flips
// Errors: `other` for every step that does not look at a condition.
StepKind step_kind_of(std::string_view detail);
constexpr std::string_view text_of(StepKind kind) { return words_of(kind)[static_cast<std::size_t>(kind)]; }

}  // namespace labreel
