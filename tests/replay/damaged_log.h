// A recording that can be read only so far.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/replay/event_list.h"

namespace labreel::test {

// A log whose bytes are damaged behind an event.
class DamagedLog final : public EventLog {
 public:
  DamagedLog(const EventList& list, Seq last) : list_(list), last_(last) {}
  std::unique_ptr<EventSource> events(Seq from, Seq to) const override {
    struct Source final : EventSource {
      Source(std::unique_ptr<EventSource> sound, bool ends_well) : sound_(std::move(sound)), ends_well_(ends_well) {}
      Result<bool> next(Event& event) override {
        auto more = sound_->next(event);
        if (more && !*more && !ends_well_) return Error{.what = "wrong bytes"};
        return more;
      }
      std::unique_ptr<EventSource> sound_;
      bool ends_well_;
    };
    return std::make_unique<Source>(list_.events(from, std::min(to, last_)), to <= last_);
  }
  Result<Event> event_at(Seq seq) const override { return list_.event_at(seq); }
  Result<Seq> last_at_or_before(LabTime time) const override { return std::min(last_, *list_.last_at_or_before(time)); }
  Seq last() const override { return last_; }
  bool complete() const override { return false; }
  std::uint32_t format_version() const override { return 1; }
  const std::vector<HostNote>& notes() const override { return list_.notes_; }
  Result<std::string> digest_at(Seq seq) const override { return list_.digest_at(seq); }
  std::optional<std::string> recorded_digest() const override { return std::nullopt; }

 private:
  const EventList& list_;
  Seq last_;
};

}  // namespace labreel::test
