// SavedState: the parts of a saved fabric as plain values, for tests that change one of them.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "engine/core/calendar.h"
#include "engine/core/direction.h"
#include "engine/core/fabric.h"
#include "engine/core/mac_table.h"
#include "engine/core/state_codec.h"
#include "engine/core/topology_codec.h"

namespace labreel {

// What Fabric::save() writes, in its order; every value may be set to what no fabric would write.
struct SavedState {
  struct Cable {
    std::uint64_t offered = 0;
    std::vector<BusySpan> busy;
    std::vector<OrderFloor> floors;
  };
  struct HeldFrame {
    Seq seq;
    PortId from{};
    std::string bytes;
  };
  // The slot of a copy whose bytes are gone.
  static constexpr std::uint32_t kTaken = 0xffff'ffff;

  std::array<std::uint32_t, 3> head{};  // magic, layout, version
  std::uint64_t seed = 0;
  LabTime now;
  LabTime event_at;
  LabTime refusable_at;
  Seq last_frame;
  bool ended = false;
  Topology topology;
  std::vector<Cable> cables;  // two a port: out, in
  std::vector<std::vector<MacTable::Entry>> mac_tables;
  FabricCounts counts;  // without in_flight
  std::vector<HeldFrame> frames;
  std::vector<Flight> flying;  // `slot` is a place in `frames`, here and in `due`
  std::vector<Flight> due;
  std::uint64_t taken = 0;

  // Takes what save() gave apart.
  static SavedState of(const std::string& bytes);
  std::string bytes() const;
};

namespace saved_state {

inline void write_flight(StateWriter& writer, const Flight& flight) {
  for (const std::uint64_t value : {flight.due.ns, flight.frame.value, flight.handed_over.ns}) writer.put(value);
  for (const std::uint32_t value : {flight.copy, index_of(flight.to), flight.slot}) writer.put(value);
  writer.put(flight.corrupt_byte);
  writer.put(flight.flags);
  writer.put_flag(flight.refused);
}

inline Flight read_flight(StateReader& reader) {
  Flight flight;
  flight.due.ns = reader.get<std::uint64_t>();
  flight.frame.value = reader.get<std::uint64_t>();
  flight.handed_over.ns = reader.get<std::uint64_t>();
  flight.copy = reader.get<std::uint32_t>();
  flight.to = PortId{reader.get<std::uint32_t>()};
  flight.slot = reader.get<std::uint32_t>();
  flight.corrupt_byte = reader.get<std::uint16_t>();
  flight.flags = reader.get<std::uint8_t>();
  flight.refused = reader.get_flag();
  return flight;
}

inline void write_cable(StateWriter& writer, const SavedState::Cable& cable) {
  writer.put(cable.offered);
  writer.put_count(cable.busy.size());
  for (const BusySpan& span : cable.busy) {
    writer.put(span.begin.ns);
    writer.put(span.end.ns);
  }
  writer.put_count(cable.floors.size());
  for (const OrderFloor& floor : cable.floors) {
    writer.put(index_of(floor.source));
    writer.put(floor.serialised.ns);
    writer.put(floor.due.ns);
  }
}

inline SavedState::Cable read_cable(StateReader& reader) {
  SavedState::Cable cable;
  cable.offered = reader.get<std::uint64_t>();
  cable.busy.resize(reader.get_count(16));
  for (BusySpan& span : cable.busy) {
    span.begin.ns = reader.get<std::uint64_t>();
    span.end.ns = reader.get<std::uint64_t>();
  }
  cable.floors.resize(reader.get_count(20));
  for (OrderFloor& floor : cable.floors) {
    floor.source = PortId{reader.get<std::uint32_t>()};
    floor.serialised.ns = reader.get<std::uint64_t>();
    floor.due.ns = reader.get<std::uint64_t>();
  }
  return cable;
}

inline void write_addresses(StateWriter& writer, const std::vector<MacTable::Entry>& entries) {
  writer.put_count(entries.size());
  for (const MacTable::Entry& entry : entries) {
    writer.put(entry.mac);
    writer.put(index_of(entry.port));
    writer.put(entry.learned.ns);
  }
}

inline std::vector<MacTable::Entry> read_addresses(StateReader& reader) {
  std::vector<MacTable::Entry> entries(reader.get_count(20));
  for (MacTable::Entry& entry : entries) {
    entry.mac = reader.get<std::uint64_t>();
    entry.port = PortId{reader.get<std::uint32_t>()};
    entry.learned.ns = reader.get<std::uint64_t>();
  }
  return entries;
}

}  // namespace saved_state

inline SavedState SavedState::of(const std::string& bytes) {
  StateReader reader(bytes);
  SavedState state;
  for (std::uint32_t& value : state.head) value = reader.get<std::uint32_t>();
  for (std::uint64_t* value :
       {&state.seed, &state.now.ns, &state.event_at.ns, &state.refusable_at.ns, &state.last_frame.value}) {
    *value = reader.get<std::uint64_t>();
  }
  state.ended = reader.get_flag();
  auto topology = read_topology(reader);
  REQUIRE(topology.ok());
  state.topology = *std::move(topology);
  for (std::size_t i = 0; i < 2 * state.topology.ports().size(); ++i)
    state.cables.push_back(saved_state::read_cable(reader));
  for (std::size_t i = 0; i < state.topology.lans().size(); ++i)
    state.mac_tables.push_back(saved_state::read_addresses(reader));
  for (std::uint64_t* count : {&state.counts.frames, &state.counts.copies, &state.counts.delivered}) {
    *count = reader.get<std::uint64_t>();
  }
  for (std::uint64_t& count : state.counts.dropped) count = reader.get<std::uint64_t>();
  state.frames.resize(reader.get_count(20));
  for (HeldFrame& frame : state.frames) {
    frame.seq.value = reader.get<std::uint64_t>();
    frame.from = PortId{reader.get<std::uint32_t>()};
    frame.bytes = reader.get_text();
  }
  state.flying.resize(reader.get_count(40));
  for (Flight& flight : state.flying) flight = saved_state::read_flight(reader);
  state.due.resize(reader.get_count(40));
  state.taken = reader.get<std::uint64_t>();
  for (Flight& flight : state.due) flight = saved_state::read_flight(reader);
  REQUIRE((reader.ok() && reader.at_end()));
  return state;
}

inline std::string SavedState::bytes() const {
  StateWriter writer;
  for (const std::uint32_t value : head) writer.put(value);
  for (const std::uint64_t value : {seed, now.ns, event_at.ns, refusable_at.ns, last_frame.value}) writer.put(value);
  writer.put_flag(ended);
  write_topology(writer, topology);
  for (const Cable& cable : cables) saved_state::write_cable(writer, cable);
  for (const std::vector<MacTable::Entry>& entries : mac_tables) saved_state::write_addresses(writer, entries);
  for (const std::uint64_t count : {counts.frames, counts.copies, counts.delivered}) writer.put(count);
  for (const std::uint64_t count : counts.dropped) writer.put(count);
  writer.put_count(frames.size());
  for (const HeldFrame& frame : frames) {
    writer.put(frame.seq.value);
    writer.put(index_of(frame.from));
    writer.put_text(frame.bytes);
  }
  writer.put_count(flying.size());
  for (const Flight& flight : flying) saved_state::write_flight(writer, flight);
  writer.put_count(due.size());
  writer.put(taken);
  for (const Flight& flight : due) saved_state::write_flight(writer, flight);
  return writer.take();
}

}  // namespace labreel
