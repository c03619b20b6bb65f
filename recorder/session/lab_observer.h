// LabObserver: is told what a lab recorded, after it was; and the sinks that tell.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

// Shape: told on the lab's thread, of every event, in order. It may ask the session for something to happen, which then
//        happens later; it records nothing itself.
class LabObserver {
 public:
  LabObserver() = default;
  LabObserver(const LabObserver&) = delete;
  LabObserver& operator=(const LabObserver&) = delete;
  virtual ~LabObserver() = default;
  // What a Frame body borrows lives until this returns.
  virtual void after(Seq seq, LabTime at, Seq cause, const EventBody& body) = 0;
};

// Passes a lab's events on and then tells observers, in the order in which they came.
//
// Shape: made before the lab, as every sink is. Observers that command the lab are made after it, and tell() is called before
//        the lab runs, so none of them needs to know a lab that is not there yet.
class ObservedSink final : public EventSink {
 public:
  explicit ObservedSink(EventSink& to) : to_(to) {}

  void tell(LabObserver& observer) { observers_.push_back(&observer); }

  Seq append(LabTime at, Seq cause, const EventBody& body) override {
    const Seq seq = to_.append(at, cause, body);
    for (LabObserver* const observer : observers_) observer->after(seq, at, cause, body);
    return seq;
  }
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override {
    const Seq seq = to_.append_frame(at, port, bytes, copies);
    const EventBody body = Frame{port, bytes, copies, static_cast<std::uint32_t>(bytes.size())};
    for (LabObserver* const observer : observers_) observer->after(seq, at, Seq{}, body);
    return seq;
  }
  Seq next_seq() const override { return to_.next_seq(); }
  void note(std::string_view kind, std::string_view detail) override { to_.note(kind, detail); }

 private:
  EventSink& to_;
  std::vector<LabObserver*> observers_;
};

// Numbers a lab's events as a reel does, and keeps none: of a lab that runs only to be observed.
class UnkeptEvents final : public EventSink {
 public:
  Seq append(LabTime, Seq, const EventBody&) override { return std::exchange(next_, next_.next()); }
  Seq append_frame(LabTime, PortId, Bytes, std::span<const Copy>) override { return std::exchange(next_, next_.next()); }
  Seq next_seq() const override { return next_; }
  void note(std::string_view, std::string_view) override {}

 private:
  Seq next_{1};
};

}  // namespace labreel
