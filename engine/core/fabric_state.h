// Fabric::State: what the fabric remembers. Only the fabric's own files include this.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/calendar.h"
#include "engine/core/direction.h"
#include "engine/core/fabric.h"
#include "engine/core/frame_pool.h"
#include "engine/core/mac_table.h"
#include "engine/core/state_codec.h"

namespace labreel {

// After every input: every copy due at or before `now` is in `deliveries`, every other scheduled one in `calendar`.
struct Fabric::State {
  explicit State(std::uint64_t lab_seed) : seed(lab_seed) {}

  // Both directions of a port's cable, as the port's name and the lab's seed make them.
  struct Cable {
    CableDirection out;
    CableDirection in;
  };

  std::uint64_t seed;
  LabTime now;
  LabTime event_at;      // of the last apply, arrive or refuse
  LabTime refusable_at;  // the last one strictly earlier: what came due since may be refused
  Seq last_frame;
  bool ended = false;
  Topology topology;
  std::vector<Cable> cables;         // by port
  std::vector<MacTable> mac_tables;  // by lan
  FramePool frames;
  Calendar calendar;
  Deliveries deliveries;
  FabricCounts counts;  // without in_flight, which is the calendar's size

  // The number of the last frame's first copy. It need not be saved: whoever goes on from a saved state gives new
  // numbers.
  std::uint32_t first_copy = 0;

  // Working memory, kept for its capacity: the copies of the last frame and when each was handed over, and the bytes of
  // the corrupted deliveries since time last passed, the first `corrupted_used` of them.
  std::vector<Copy> copies;
  std::vector<LabTime> handed_over;
  std::vector<std::vector<std::byte>> corrupted;
  std::size_t corrupted_used = 0;

  // fabric.cc
  Status check_time(LabTime at) const;
  void pass_time(LabTime at);
  void begin_event(LabTime at);
  void number_copies(Seq seq);
  void add_cable(const Topology& named, PortId port);
  void add_mac_table(const LanAdded& lan);

  // fabric_effects.cc
  std::vector<Outcome> take_effect(const EventBody& effect);
  std::vector<Outcome> cut(const std::vector<PortId>& ports, Reason reason);
  template <class Ends>
  std::vector<Outcome> end_flights(Reason reason, Ends&& ends);

  // fabric_arrive.cc
  void decide(PortId port, Bytes frame);
  void over_link(PortId port, PortId peer, std::uint32_t length);
  void over_lan(PortId port, LanId lan, Bytes frame);
  void into(PortId receiver, PortId sender, const Passage& passage, std::uint32_t length);
  Reason why_not(PortId receiver, std::uint32_t length) const;
  void add_copy(PortId port, const Passage& passage, LabTime leaves_sender_at);
  void drop(PortId port, Reason reason);
  void schedule(PortId port, Bytes frame, Seq seq);

  // fabric_save.cc
  void save_cables(StateWriter& writer) const;
  void save_mac_tables(StateWriter& writer) const;
  void save_copies(StateWriter& writer) const;
  Status restore_cables(StateReader& reader);
  Status restore_mac_tables(StateReader& reader);
  Status restore_counts(StateReader& reader);
  Status restore_copies(StateReader& reader);
};

}  // namespace labreel
