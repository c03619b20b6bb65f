#include "engine/core/wire_words.h"

#include <utility>

#include "engine/core/check.h"

namespace labreel {
namespace {

// Sentences from here on go on with a detail.
constexpr auto kFirstWithDetail = EndCause::failed;

}  // namespace

EndReason::EndReason(EndCause cause, std::string detail) : cause_(cause), detail_(std::move(detail)) {
  LABREEL_CHECK(cause != EndCause::other && (detail_.empty() || cause >= kFirstWithDetail));
}

EndReason::EndReason(std::string_view text, int) : detail_(text) {
  const auto sentences = words_of(EndCause{});
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    const auto cause = static_cast<EndCause>(i);
    if (cause < kFirstWithDetail ? text != sentences[i] : !text.starts_with(sentences[i])) continue;
    cause_ = cause;
    detail_.erase(0, sentences[i].size());
    return;
  }
}

std::string EndReason::text() const {
  if (cause_ == EndCause::other) return detail_;
  return std::string(words_of(cause_)[static_cast<std::size_t>(cause_)]) + detail_;
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
