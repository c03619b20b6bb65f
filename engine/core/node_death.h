// Why a node stopped (`node.stopped`), as its event's text tells. The texts are wire: FORMAT.md, "Kinds".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace labreel {

// The verb of the command that ends a node as a power cut would.
inline constexpr std::string_view kCrashVerb = "node.crash";

// What ended a node: a sentence, or the start of one.
enum class StopCause : std::uint8_t {
  stopped,         // as it was asked to
  crashed,         // as a power cut would end it, which it was asked to
  recorder_ended,  // in a run before, which was cut off
  died,            // nobody asked it to: followed by what ended it
  not_started,     // followed by the error
  other,           // what it said itself
};
inline constexpr std::array<std::string_view, 5> kStopTexts{"stopped", "crashed", "the recorder ended", "died: ", "did not start: "};
inline constexpr auto kFirstStopWithDetail = StopCause::died;

// A cause and what follows its sentence; of another, the whole text.
struct StopReason {
  StopCause cause = StopCause::other;
  std::string_view detail;  // of the text that was given
  bool operator==(const StopReason&) const = default;
};

// The one place where a text becomes a cause.
constexpr StopReason stop_reason_of(std::string_view why) {
  for (std::size_t i = 0; i < kStopTexts.size(); ++i) {
    const auto cause = static_cast<StopCause>(i);
    if (cause < kFirstStopWithDetail ? why == kStopTexts[i] : why.starts_with(kStopTexts[i])) {
      return {cause, why.substr(kStopTexts[i].size())};
    }
  }
  return {StopCause::other, why};
}

inline std::string text_of(const StopReason& reason) {
  if (reason.cause == StopCause::other) return std::string(reason.detail);
  return std::string(kStopTexts[static_cast<std::size_t>(reason.cause)]) + std::string(reason.detail);
}

}  // namespace labreel
