#include "tests/sim/story.h"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "engine/core/check.h"
#include "replay/event_json.h"
#include "replay/event_text.h"

namespace labreel::sim {
namespace {

bool is_same(const EventBody& a, const EventBody& b) {
  if (a.index() != b.index()) return false;
  return std::visit(
      [&b](const auto& mine) {
        using Body = std::decay_t<decltype(mine)>;
        const Body& other = std::get<Body>(b);
        if constexpr (std::is_same_v<Body, Frame>) {
          return mine.port == other.port && mine.length == other.length &&
                 std::ranges::equal(mine.bytes, other.bytes) && std::ranges::equal(mine.copies, other.copies);
        } else {
          return mine == other;
        }
      },
      a);
}

}  // namespace

void Story::go_on(EventSink& reel, Seq last) {
  LABREEL_CHECK(last.value <= events_.size());
  events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(last.value), events_.end());
  reel_ = &reel;
}

Seq Story::append(LabTime at, Seq cause, const EventBody& body) {
  const Seq seq = reel_->append(at, cause, body);
  events_.emplace_back(Event{seq, at, cause, body});
  LABREEL_CHECK(seq.value == events_.size());
  return seq;
}

Seq Story::append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) {
  const Seq seq = reel_->append_frame(at, port, bytes, copies);
  events_.emplace_back(Event{seq, at, Seq{}, Frame{port, bytes, copies, static_cast<std::uint32_t>(bytes.size())}});
  LABREEL_CHECK(seq.value == events_.size());
  return seq;
}

bool Story::has(const Event& event) const {
  if (event.seq.is_none() || event.seq.value > events_.size()) return false;
  const Event mine = events_[event.seq.value - 1].event();
  return mine.time == event.time && mine.cause == event.cause && is_same(mine.body, event.body);
}

std::uint64_t Story::hash(std::uint64_t last) const {
  EventJson json{true};
  std::uint64_t hash = 0;
  for (std::uint64_t i = 0; i < last; ++i) {
    Event event = events_[i].event();
    // A broken disk's own words are the host's, and differ with where the writer met it.
    if (auto* ended = std::get_if<LabEnded>(&event.body)) {
      const std::string why = ended->why.text();
      ended->why = why.substr(0, why.find(": "));
    }
    const std::string line = json.line(event);
    hash = XXH3_64bits_withSeed(line.data(), line.size(), hash);
  }
  return hash;
}

std::string Story::end(std::size_t lines) const {
  Names names;
  std::string text;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const Event event = events_[i].event();
    if (i + lines >= events_.size()) text += "  " + event_text(event, names) + "\n";
    names.follow(event);
  }
  return text;
}

}  // namespace labreel::sim
