#include "engine/core/wire_words.h"

#include "engine/core/check.h"

namespace labreel {
namespace {

// Sentences from here on go on with a detail.
constexpr auto kFirstWithDetail = EndCause::failed;

}  // namespace

EndCause end_cause_of(std::string_view why) {
  const auto sentences = words_of(EndCause{});
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const auto cause = static_cast<EndCause>(i);
    if (cause < kFirstWithDetail ? why == sentences[i] : why.starts_with(sentences[i])) return cause;
  }
  return EndCause::other;
}

std::string end_text(EndCause cause, std::string_view detail) {
  LABREEL_CHECK(cause != EndCause::other && (detail.empty() || cause >= kFirstWithDetail));
  return std::string(words_of(cause)[static_cast<std::size_t>(cause)]) + std::string(detail);
}

StepKind step_kind_of(std::string_view detail) {
  if (detail.starts_with(kStepAt)) {
    const std::size_t end = detail.find(kStepAtEnds);
    if (end != std::string_view::npos) detail.remove_prefix(end + kStepAtEnds.size());
  }
  const auto starts = words_of(StepKind{});
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (detail.starts_with(starts[i])) return static_cast<StepKind>(i);
  }
  return StepKind::other;
}

}  // namespace labreel
