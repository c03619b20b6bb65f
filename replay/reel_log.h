// ReelLog: a reel as an EventLog.
#pragma once

#include "engine/core/event_log.h"
#include "store/reel_reader.h"

namespace labreel {

// Shape: borrows the reader, which must outlive it.
class ReelLog final : public EventLog {
 public:
  explicit ReelLog(const ReelReader& reel) : reel_(reel) {}

  std::unique_ptr<EventSource> events(Seq from = kFirstSeq, Seq to = kLastSeq) const override;
  Result<Event> event_at(Seq seq) const override { return reel_.event_at(seq); }
  Result<Seq> last_at_or_before(LabTime time) const override { return reel_.last_at_or_before(time); }
  Seq checkpoint_before(Seq seq) const override { return reel_.checkpoint_before(seq); }
  Seq last() const override { return reel_.end().last; }
  bool complete() const override { return reel_.end().complete; }
  std::uint32_t format_version() const override { return reel_.format_version(); }
  const std::vector<HostNote>& notes() const override { return reel_.notes(); }
  Result<std::string> digest_at(Seq seq) const override { return reel_.digest_at(seq); }
  std::optional<std::string> recorded_digest() const override { return reel_.recorded_digest(); }

 private:
  const ReelReader& reel_;
};

}  // namespace labreel
