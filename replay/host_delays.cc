#include "replay/host_delays.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/units.h"

namespace labreel {
namespace {

// Milliseconds as people read them: "41.1 ms".
std::string milliseconds(std::uint64_t ns) {
  return fmt::format("{}.{} ms", ns / 1'000'000, ns / 100'000 % 10);
}
std::string seconds(std::uint64_t ns) {
  return fmt::format("{}.{:03} s", ns / 1'000'000'000, ns / 1'000'000 % 1'000);
}

}  // namespace

std::uint64_t HostDelays::late_copies() const {
  std::uint64_t sum = 0;
  for (const LatenessNote& note : lateness) sum += note.copies;
  return sum;
}

const LatenessNote* HostDelays::worst() const {
  const auto found = std::ranges::max_element(lateness, {}, &LatenessNote::worst_ns);
  return found == lateness.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> HostDelays::median_ns() const {
  std::vector<const LatenessNote*> notes;
  for (const LatenessNote& note : lateness) {
    if (!note.median_ns) return std::nullopt;
    notes.push_back(&note);
  }
  std::ranges::sort(notes, {}, [](const LatenessNote* note) { return *note->median_ns; });
  const std::uint64_t half = late_copies() / 2;
  std::uint64_t passed = 0;
  for (const LatenessNote* const note : notes) {
    passed += note->copies;
    if (passed > half) return note->median_ns;
  }
  return std::nullopt;
}

std::uint64_t HostDelays::stalled_ns() const {
  std::uint64_t sum = 0;
  for (const StallNote& stall : stalls) sum += stall.to.ns - stall.from.ns;
  return sum;
}

const StallNote* HostDelays::longest_stall() const {
  const auto found = std::ranges::max_element(stalls, {}, [](const StallNote& s) { return s.to.ns - s.from.ns; });
  return found == stalls.end() ? nullptr : &*found;
}

HostDelays host_delays_of(const std::vector<HostNote>& notes) {
  HostDelays delays;
  for (const HostNote& note : notes) {
    if (const auto lateness = note_in<LatenessNote>(note); lateness && lateness->copies > 0) delays.lateness.push_back(*lateness);
    // Short ones of older reels, and of damaged ones, count as stalls all the same.
    if (note.kind == StallNote::kKind) delays.stalls.push_back(note_in<StallNote>(note).value_or(StallNote{}));
  }
  return delays;
}

std::string lateness_text(const HostDelays& delays) {
  const std::uint64_t copies = delays.late_copies();
  if (copies == 0) return {};
  std::string text = fmt::format("{} {} given to {} after the due time", copies, copies == 1 ? "copy was" : "copies were",
                                 copies == 1 ? "its node" : "their nodes");
  if (const auto median = delays.median_ns()) text += fmt::format(", half of them {} or more", milliseconds(*median));
  if (const LatenessNote* const worst = delays.worst(); worst->worst_ns != 0) {
    text += fmt::format(", at worst {}", milliseconds(worst->worst_ns));
    text += worst->frame.is_none() ? fmt::format(" before {}", seconds(worst->until.ns))
                                   : fmt::format(" (event {})", worst->frame.value);
  }
  return text;
}

std::string given_text(const HostDelays& delays, Seq frame, std::uint32_t copy, LabTime due) {
  constexpr std::uint64_t kReportInterval_ns = 1'000'000'000;  // the loop's
  std::uint64_t up_to_ns = 0;
  for (const LatenessNote& note : delays.lateness) {
    if (note.frame == frame && note.copy == copy && !frame.is_none()) {
      return fmt::format(", given at {} s, {} late", format_seconds(LabTime{due.ns + note.worst_ns}),
                         milliseconds(note.worst_ns));
    }
    const bool covers = due <= note.until && note.until.ns - due.ns <= kReportInterval_ns + note.worst_ns;
    if (covers) up_to_ns = std::max(up_to_ns, note.worst_ns);
  }
  return up_to_ns == 0 ? std::string{} : fmt::format(", or up to {} later", milliseconds(up_to_ns));
}

std::string stalls_text(const HostDelays& delays) {
  const std::size_t count = delays.stalls.size();
  std::string text = fmt::format("{} stall{}", count, count == 1 ? "" : "s");
  const StallNote* const longest = delays.longest_stall();
  if (longest == nullptr) return text;
  const std::string at = fmt::format("{} from {}", seconds(longest->to.ns - longest->from.ns), seconds(longest->from.ns));
  if (count == 1) return text + " of " + at;
  return text + fmt::format(", {} in all, the longest {}", seconds(delays.stalled_ns()), at);
}

std::string delays_text(const HostDelays& delays) {
  std::string text;
  if (const std::string late = lateness_text(delays); !late.empty()) {
    text = "the host was late: " + late + "; times at nodes differ by that much from those here";
  }
  if (!delays.stalls.empty()) text += (text.empty() ? "the host stalled the lab: " : "; ") + stalls_text(delays);
  return text;
}

}  // namespace labreel
