// Random labs, recorded as the real-time loop would: for tests of what reads recordings.
#pragma once

#include "engine/core/fabric.h"
#include "tests/engine/core/random_lab.h"
#include "tests/replay/event_list.h"

namespace labreel::test {

// Writes events into a list.
class ListSink final : public EventSink {
 public:
  explicit ListSink(EventList& list) : list_(list) {}
  Seq append(LabTime at, Seq cause, const EventBody& body) override { return list_.add(at, body, cause); }
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override {
    return list_.add_frame(at, port, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
                           {copies.begin(), copies.end()});
  }
  Seq next_seq() const override { return list_.last().next(); }
  void note(std::string_view kind, std::string_view detail) override {
    list_.notes_.push_back(HostNote{list_.last(), std::string(kind), std::string(detail)});
  }

 private:
  EventList& list_;
};

// Runs a random script of about `steps` steps through a fabric and appends all that happens, from lab.begun to
// lab.ended. Nodes refuse some of what comes due. Returns what the fabric counted.
FabricCounts record_random_lab(EventSink& sink, std::uint64_t seed, std::size_t steps, const ScriptLimits& limits = {});

}  // namespace labreel::test
