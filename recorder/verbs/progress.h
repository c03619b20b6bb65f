// Progress: what takes over a second shows on a terminal how far it has come.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/core/event_log.h"

namespace labreel {

// Shape: one line on stderr, "verify: 120000 of 800000 events (15 %)", from the second second on, written at most five times a
//        second, and erased at the end or by hide(). Nothing where stderr is no terminal.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  // Where the line goes, and what time it is: a test has its own.
  struct Surroundings {
    bool is_terminal;
    std::function<Clock::time_point()> now;
    std::function<void(std::string_view)> write;
  };
  // Returns stderr and the steady clock.
  static Surroundings terminal();

  // `total` is 0 if it is not known; `unit` is what is counted, in the plural.
  Progress(std::string what, std::uint64_t total, Surroundings surroundings = terminal(), std::string unit = "events");
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Says how far it is. Cheap enough for every event.
  void at(std::uint64_t done) {
    if (surroundings_.is_terminal) look(done);
  }
  // Erases the line, so that something else can be written; the next at() may show it again.
  void hide();

 private:
  void look(std::uint64_t done);

  std::string what_;
  std::uint64_t total_;
  std::string unit_;
  Surroundings surroundings_;
  Clock::time_point next_;
  bool is_shown_ = false;
};

// Passes events on and counts them as progress.
class ProgressSource final : public EventSource {
 public:
  // Borrows the progress.
  ProgressSource(std::unique_ptr<EventSource> from, Progress& progress) : from_(std::move(from)), progress_(progress) {}
  Result<bool> next(Event& event) override {
    progress_.at(++count_);
    return from_->next(event);
  }

 private:
  std::unique_ptr<EventSource> from_;
  Progress& progress_;
  std::uint64_t count_ = 0;
};

// A recording whose readers show how far they are; each reading begins anew.
class ProgressLog final : public EventLog {
 public:
  // Borrows both.
  ProgressLog(const EventLog& log, Progress& progress) : log_(log), progress_(progress) {}
  std::unique_ptr<EventSource> events(Seq from = kFirstSeq, Seq to = kLastSeq) const override {
    return std::make_unique<ProgressSource>(log_.events(from, to), progress_);
  }
  Result<Event> event_at(Seq seq) const override { return log_.event_at(seq); }
  Result<Seq> last_at_or_before(LabTime time) const override { return log_.last_at_or_before(time); }
  Seq checkpoint_before(Seq seq) const override { return log_.checkpoint_before(seq); }
  Seq last() const override { return log_.last(); }
  bool complete() const override { return log_.complete(); }
  std::uint32_t format_version() const override { return log_.format_version(); }
  const std::vector<HostNote>& notes() const override { return log_.notes(); }
  Result<std::string> digest_at(Seq seq) const override { return log_.digest_at(seq); }
  std::optional<std::string> recorded_digest() const override { return log_.recorded_digest(); }

 private:
  const EventLog& log_;
  Progress& progress_;
};

}  // namespace labreel
