// EventSource and EventLog: events one after another, and a whole recording, wherever they come from (EventSink takes them).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"

namespace labreel {

inline constexpr Seq kFirstSeq{1};
inline constexpr Seq kLastSeq{std::numeric_limits<std::uint64_t>::max()};

class EventSource {
 public:
  EventSource() = default;
  EventSource(const EventSource&) = delete;
  EventSource& operator=(const EventSource&) = delete;
  virtual ~EventSource() = default;
  // Reads the next event into `event`; false at the end. What a Frame body borrows lives until the next call.
  virtual Result<bool> next(Event& event) = 0;
};

// Events that are at hand. What their Frame bodies borrow must outlive the source.
class ListSource final : public EventSource {
 public:
  explicit ListSource(std::vector<Event> events) : events_(std::move(events)) {}
  Result<bool> next(Event& event) override {
    if (next_ == events_.size()) return false;
    event = events_[next_++];
    return true;
  }

 private:
  std::vector<Event> events_;
  std::size_t next_ = 0;
};

// A recording as its readers need it: a reel, or a test's list.
class EventLog {
 public:
  EventLog() = default;
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;
  virtual ~EventLog() = default;

  // Events from..to, both inclusive. The log outlives the source.
  virtual std::unique_ptr<EventSource> events(Seq from = kFirstSeq, Seq to = kLastSeq) const = 0;
  // One event; what a Frame body borrows lives until the next call.
  virtual Result<Event> event_at(Seq seq) const = 0;
  // The last event at or before a lab time; none if there is none.
  virtual Result<Seq> last_at_or_before(LabTime time) const = 0;
  // A checkpoint at or before an event, near it if there is one; none if none is known of. Only a hint.
  virtual Seq checkpoint_before(Seq seq) const {
    static_cast<void>(seq);
    return {};
  }
  // The last event that can be read; none if there is none.
  virtual Seq last() const = 0;
  // Says whether the recording ends where the lab did.
  virtual bool complete() const = 0;
  virtual std::uint32_t format_version() const = 0;
  virtual const std::vector<HostNote>& notes() const = 0;
  virtual Result<std::string> digest_at(Seq seq) const = 0;
  virtual std::optional<std::string> recorded_digest() const = 0;
};

}  // namespace labreel
