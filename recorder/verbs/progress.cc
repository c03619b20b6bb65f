#include "recorder/verbs/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace labreel {
namespace {

constexpr auto kSilent = std::chrono::seconds{1};
constexpr auto kBetween = std::chrono::milliseconds{200};
constexpr std::string_view kErase = "\r\x1b[K";

}  // namespace

Progress::Surroundings Progress::terminal() {
  return {::isatty(STDERR_FILENO) != 0, [] { return Clock::now(); },
          [](std::string_view text) {
            std::fwrite(text.data(), 1, text.size(), stderr);
            std::fflush(stderr);
          }};
}

Progress::Progress(std::string what, std::uint64_t total, Surroundings surroundings, std::string unit)
    : what_(std::move(what)), total_(total), unit_(std::move(unit)), surroundings_(std::move(surroundings)) {
  next_ = surroundings_.now() + kSilent;
}

Progress::~Progress() { hide(); }

void Progress::hide() {
  if (!std::exchange(is_shown_, false)) return;
  surroundings_.write(kErase);
}

void Progress::look(std::uint64_t done) {
  const Clock::time_point now = surroundings_.now();
  if (now < next_) return;
  next_ = now + kBetween;
  is_shown_ = true;
  const std::string of = total_ == 0 ? std::string{} : fmt::format(" of {}", total_);
  const std::string share = total_ == 0 ? std::string{} : fmt::format(" ({} %)", done >= total_ ? 100 : done * 100 / total_);
  surroundings_.write(fmt::format("{}{}: {}{} {}{}", kErase, what_, done, of, unit_, share));
}

}  // namespace labreel
