// Events and a whole recording made by hand.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/event_log.h"

namespace labreel::test {

inline Bytes as_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// The bytes that hex digits stand for; spaces do not count.
inline std::string from_hex(std::string_view hex) {
  std::string digits(hex);
  digits.erase(std::remove(digits.begin(), digits.end(), ' '), digits.end());
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

// A recording in memory, which owns what its frames borrow.
class EventList final : public EventLog {
 public:
  Seq add(LabTime time, EventBody body, Seq cause = {}) {
    const Seq seq{events_.size() + 1};
    events_.push_back({seq, time, cause, std::move(body)});
    return seq;
  }
  // A frame that was `length` bytes long, if that is more than what is there of it.
  Seq add_frame(LabTime time, PortId port, std::string bytes, std::vector<Copy> copies, std::uint32_t length = 0) {
    const std::string& kept = bytes_.emplace_back(std::move(bytes));
    const std::vector<Copy>& kept_copies = copies_.emplace_back(std::move(copies));
    return add(time, Frame{port, as_bytes(kept), kept_copies, std::max(length, static_cast<std::uint32_t>(kept.size()))});
  }

  std::unique_ptr<EventSource> events(Seq from = kFirstSeq, Seq to = kLastSeq) const override {
    std::vector<Event> chosen;
    for (const Event& event : events_) {
      if (event.seq >= from && event.seq <= to) chosen.push_back(event);
    }
    return std::make_unique<ListSource>(std::move(chosen));
  }
  Result<Event> event_at(Seq seq) const override {
    if (seq.is_none() || seq > last()) return Error{.what = "there is no such event"};
    return events_[seq.value - 1];
  }
  Result<Seq> last_at_or_before(LabTime time) const override {
    Seq found{};
    for (const Event& event : events_) {
      if (event.time <= time) found = event.seq;
    }
    return found;
  }
  Seq last() const override { return Seq{events_.size()}; }
  bool complete() const override { return complete_; }
  std::uint32_t format_version() const override { return 1; }
  const std::vector<HostNote>& notes() const override { return notes_; }
  Result<std::string> digest_at(Seq seq) const override { return "digest-at-" + std::to_string(seq.value); }
  std::optional<std::string> recorded_digest() const override { return std::nullopt; }

  const std::vector<Event>& all() const { return events_; }
  std::vector<HostNote> notes_;
  bool complete_ = true;

 private:
  std::vector<Event> events_;
  std::deque<std::string> bytes_;
  std::deque<std::vector<Copy>> copies_;
};

// Writes events into a list.
class ListSink final : public EventSink {
 public:
  explicit ListSink(EventList& list) : list_(list) {}
  Seq append(LabTime at, Seq cause, const EventBody& body) override {
    const auto* frame = std::get_if<Frame>(&body);
    return frame != nullptr ? add(at, *frame) : list_.add(at, body, cause);
  }
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override {
    return add(at, Frame{port, bytes, copies, 0});
  }
  Seq next_seq() const override { return list_.last().next(); }
  void note(std::string_view kind, std::string_view detail) override {
    list_.notes_.push_back(HostNote{list_.last(), std::string(kind), std::string(detail)});
  }

 private:
  Seq add(LabTime at, const Frame& frame) {
    return list_.add_frame(at, frame.port, std::string(reinterpret_cast<const char*>(frame.bytes.data()), frame.bytes.size()),
                           {frame.copies.begin(), frame.copies.end()}, frame.length);
  }

  EventList& list_;
};

// Adds the events up to and with `to`.
inline void copy_events(const EventList& from, Seq to, EventList& list) {
  ListSink sink{list};
  for (const Event& event : from.all()) {
    if (event.seq > to) return;
    sink.append(event.time, event.cause, event.body);
  }
}

// Two nodes, r1 and r2, whose ports eth1 are ids 0 and 1 and joined by a link: events 1 to 6.
inline void add_two_nodes(EventList& list) {
  list.add({}, LabBegun{"two", "name: two\n", "lab.yml", 42, "real", 1});
  list.add({}, NodeAdded{NodeId{0}, "r1", "namespace", {}});
  list.add({}, NodeAdded{NodeId{1}, "r2", "namespace", {}});
  list.add({}, PortAdded{PortId{0}, NodeId{0}, "eth1", {2, 0, 0, 0, 1, 1}, 9216});
  list.add({}, PortAdded{PortId{1}, NodeId{1}, "eth1", {2, 0, 0, 0, 2, 1}, 9216});
  list.add({}, LinkAdded{LinkId{0}, {PortId{0}, PortId{1}}, {}});
}

// An ARP request of 42 bytes: 10.0.0.1 asks who has 10.0.0.2.
inline std::string arp_request() {
  return from_hex("ffffffffffff 020000000101 0806 0001 0800 06 04 0001 020000000101 0a000001 000000000000 0a000002");
}

}  // namespace labreel::test
