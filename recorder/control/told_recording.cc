#include "recorder/control/told_recording.h"

#include <utility>

namespace labreel {
namespace {

constexpr std::uint64_t kPagesAtOnce_bytes = 16U << 20U;

}  // namespace

Result<ToldRecording> ask_for_recording(ControlClient& recorder, const std::function<std::uint64_t()>& most_bytes) {
  ToldRecording told;
  std::uint64_t told_bytes = 0;
  for (;;) {
    auto more = recorder.pages(told.pages.size(), kPagesAtOnce_bytes);
    if (!more) return std::move(more).error();
    std::uint64_t bytes = 0;
    for (std::string& page : *more) {
      bytes += page.size();
      told.pages.push_back(std::move(page));
    }
    told_bytes += bytes;
    if (told_bytes > most_bytes()) return Error{ErrorKind::lab, "the lab's recorder tells more than its reel can hold"};
    if (bytes < kPagesAtOnce_bytes / 2) break;  // that was the end; the lab goes on, we do not
  }
  auto notes = recorder.notes(most_bytes());
  if (!notes) return std::move(notes).error();
  told.notes = std::move(*notes);
  return told;
}

}  // namespace labreel
