// Story: every event that a simulated lab handed to its reel, kept beside it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "replay/verify.h"

namespace labreel::sim {

// Shape: passes everything on to the reel, whose numbers it returns.
class Story final : public EventSink {
 public:
  explicit Story(EventSink& reel) : reel_(&reel) {}

  // What comes is handed to a new writer of the reel, which kept the events up to `last`.
  void go_on(EventSink& reel, Seq last);

  Seq append(LabTime at, Seq cause, const EventBody& body) override;
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override;
  Seq next_seq() const override { return reel_->next_seq(); }
  void note(std::string_view kind, std::string_view detail) override { reel_->note(kind, detail); }

  std::uint64_t size() const { return events_.size(); }
  // Whether an event that was read is the one that was appended, by every byte.
  bool has(const Event& event) const;
  // A hash of every event up to and with `last`.
  std::uint64_t hash(std::uint64_t last) const;
  // The last events, one a line, as `labreel events` prints them.
  std::string end(std::size_t lines) const;

 private:
  EventSink* reel_;
  std::vector<KeptEvent> events_;
};

}  // namespace labreel::sim
