// The fabric's state to and from bytes. What cannot matter any more is left out, so that equal states give equal bytes;
// and restore() refuses whatever save() would not have written.
#include <algorithm>

#include "engine/core/fabric_state.h"
#include "engine/core/topology_codec.h"

namespace labreel {
namespace {

constexpr std::uint32_t kMagic = 0x5346'524c;  // "LRFS"
constexpr std::uint32_t kLayout = 1;
constexpr std::uint64_t kFrameBytesMax = 65'536 + 18;

Error misfit(std::string what) { return Error{.what = "a saved fabric does not fit: " + std::move(what)}; }

LabTime get_time(StateReader& reader) { return LabTime{reader.get<std::uint64_t>()}; }
PortId get_port(StateReader& reader) { return PortId{reader.get<std::uint32_t>()}; }

void save_direction(StateWriter& writer, const CableDirection& direction, LabTime now) {
  writer.put(direction.offered());
  const std::vector<BusySpan> busy = direction.busy(now);
  writer.put_count(busy.size());
  for (const BusySpan& span : busy) {
    writer.put(span.begin.ns);
    writer.put(span.end.ns);
  }
  const std::vector<OrderFloor> floors = direction.floors(now);
  writer.put_count(floors.size());
  for (const OrderFloor& floor : floors) {
    writer.put(index_of(floor.source));
    writer.put(floor.serialised.ns);
    writer.put(floor.due.ns);
  }
}

Status restore_direction(StateReader& reader, LabTime now, std::size_t ports, CableDirection& direction) {
  const auto offered = reader.get<std::uint64_t>();
  std::vector<BusySpan> busy(reader.get_count(16));
  for (BusySpan& span : busy) {
    span.begin = get_time(reader);
    span.end = get_time(reader);
  }
  std::vector<OrderFloor> floors(reader.get_count(20));
  for (OrderFloor& floor : floors) {
    floor.source = get_port(reader);
    floor.serialised = get_time(reader);
    floor.due = get_time(reader);
  }
  if (!reader.ok()) return misfit("a cable's part is cut short");
  for (std::size_t i = 0; i < busy.size(); ++i) {
    if (busy[i].begin < now || busy[i].end <= busy[i].begin) return misfit("a busy span is past or empty");
    if (i > 0 && busy[i].begin <= busy[i - 1].end) return misfit("busy spans are not in order");
  }
  for (std::size_t i = 0; i < floors.size(); ++i) {
    if (index_of(floors[i].source) >= ports) return misfit("a port that never was has sent");
    if (floors[i].due <= now || floors[i].serialised > floors[i].due) return misfit("an order floor has no effect");
    if (i > 0 && floors[i].source <= floors[i - 1].source) return misfit("order floors are not in order");
  }
  direction.restore(offered, std::move(busy), std::move(floors));
  return ok_status();
}

// A flight as it is saved; `frame` is the place of its frame among the saved ones, kTaken if its bytes are gone.
constexpr std::uint32_t kTaken = 0xffff'ffff;

void save_flight(StateWriter& writer, const Flight& flight, std::uint32_t frame) {
  writer.put(flight.due.ns);
  writer.put(flight.frame.value);
  writer.put(flight.handed_over.ns);
  writer.put(flight.copy);
  writer.put(index_of(flight.to));
  writer.put(frame);
  writer.put(flight.corrupt_byte);
  writer.put(flight.flags);
  writer.put_flag(flight.refused);
}
constexpr std::size_t kFlightBytes = 40;

Flight restore_flight(StateReader& reader) {
  Flight flight;
  flight.due = get_time(reader);
  flight.frame = Seq{reader.get<std::uint64_t>()};
  flight.handed_over = get_time(reader);
  flight.copy = reader.get<std::uint32_t>();
  flight.to = get_port(reader);
  flight.slot = reader.get<std::uint32_t>();
  flight.corrupt_byte = reader.get<std::uint16_t>();
  flight.flags = reader.get<std::uint8_t>();
  flight.refused = reader.get_flag();
  return flight;
}

struct SavedFrame {
  Seq seq;
  PortId from{};
  std::string_view bytes;
  std::uint32_t copies = 0;
};

bool holds_bytes(const Flight& flight) { return flight.slot != kTaken; }

// Says whether a saved flight can be, and counts it at its frame.
Status check_flight(const Flight& flight, const Topology& topology, Seq last_frame, std::vector<SavedFrame>& frames) {
  const PortInfo* receiver = topology.find(flight.to);
  if (receiver == nullptr) return misfit("a copy flies to a port that never was");
  if (flight.frame > last_frame || flight.frame.is_none()) return misfit("a copy is of a frame that never was");
  if (flight.handed_over > flight.due) return misfit("a copy is due before it was handed over");
  const bool corrupted = (flight.flags & kCorrupted) != 0;
  if (!corrupted && (flight.corrupt_byte != 0 || flight.flags >> 5U != 0)) return misfit("a copy's flags");
  if ((flight.flags >> 3U & 3U) != 0) return misfit("a copy has flags that are not known");
  if (!holds_bytes(flight)) return ok_status();
  if (flight.slot >= frames.size()) return misfit("a copy is of a frame that is not there");
  SavedFrame& frame = frames[flight.slot];
  if (frame.seq != flight.frame) return misfit("a copy is of another frame");
  if (flight.corrupt_byte >= frame.bytes.size()) return misfit("a copy's flipped byte is beyond its frame");
  ++frame.copies;
  return ok_status();
}

Status check_order(const std::vector<Flight>& flights) {
  const auto in_order = [](const Flight& a, const Flight& b) { return !(a < b); };
  if (std::adjacent_find(flights.begin(), flights.end(), in_order) == flights.end()) return ok_status();
  return misfit("copies are not in order");
}

}  // namespace

void Fabric::State::save_cables(StateWriter& writer) const {
  for (const Cable& cable : cables) {
    save_direction(writer, cable.out, now);
    save_direction(writer, cable.in, now);
  }
}

Status Fabric::State::restore_cables(StateReader& reader) {
  for (const PortInfo& port : topology.ports()) {
    add_cable(topology, port.added.port);
    for (CableDirection* direction : {&cables.back().out, &cables.back().in}) {
      if (Status fits = restore_direction(reader, now, topology.ports().size(), *direction); !fits) return fits;
    }
  }
  return ok_status();
}

void Fabric::State::save_mac_tables(StateWriter& writer) const {
  for (const MacTable& table : mac_tables) {
    const std::vector<MacTable::Entry> entries = table.entries(now);
    writer.put_count(entries.size());
    for (const MacTable::Entry& entry : entries) {
      writer.put(entry.mac);
      writer.put(index_of(entry.port));
      writer.put(entry.learned.ns);
    }
  }
}

Status Fabric::State::restore_mac_tables(StateReader& reader) {
  for (const LanInfo& lan : topology.lans()) {
    add_mac_table(lan.added);
    MacTable& table = mac_tables.back();
    const std::size_t count = reader.get_count(20);
    if (count > lan.added.mac_limit) return misfit("a lan remembers more than its limit");
    LabTime learned_before;
    for (std::size_t i = 0; i < count; ++i) {
      const auto mac = reader.get<std::uint64_t>();
      const PortId port = get_port(reader);
      const LabTime learned = get_time(reader);
      if (!reader.ok() || mac >> 48U != 0 || is_group(mac)) return misfit("a remembered address");
      if (!std::binary_search(lan.ports.begin(), lan.ports.end(), port)) return misfit("an address of another lan");
      if (learned < learned_before || learned > now) return misfit("an address was learned out of order");
      if (now.ns - learned.ns >= lan.added.ageing_ns) return misfit("an address is too old to be remembered");
      learned_before = learned;
      table.learn(mac, port, learned);
      if (table.size() != i + 1) return misfit("an address is remembered twice");
    }
  }
  return reader.ok() ? ok_status() : Status{misfit("its addresses are cut short")};
}

void Fabric::State::save_copies(StateWriter& writer) const {
  const std::vector<Flight> flying = calendar.in_order();
  const std::span<const Flight> due = deliveries.all();
  const auto taken_or_refused = [&](std::size_t i) { return i < deliveries.taken() || due[i].refused; };

  std::vector<FramePool::SlotId> slots;
  for (const Flight& flight : flying) slots.push_back(flight.slot);
  for (std::size_t i = 0; i < due.size(); ++i) {
    if (!taken_or_refused(i)) slots.push_back(due[i].slot);
  }
  const auto by_seq = [&](FramePool::SlotId a, FramePool::SlotId b) { return frames.seq(a) < frames.seq(b); };
  std::sort(slots.begin(), slots.end(), by_seq);
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  const auto place_of = [&](FramePool::SlotId slot) {
    return static_cast<std::uint32_t>(std::lower_bound(slots.begin(), slots.end(), slot, by_seq) - slots.begin());
  };

  writer.put_count(slots.size());
  for (const FramePool::SlotId slot : slots) {
    writer.put(frames.seq(slot).value);
    writer.put(index_of(frames.from(slot)));
    const Bytes bytes = frames.bytes(slot);
    writer.put_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  writer.put_count(flying.size());
  for (const Flight& flight : flying) save_flight(writer, flight, place_of(flight.slot));
  writer.put_count(due.size());
  writer.put_count(deliveries.taken());
  for (std::size_t i = 0; i < due.size(); ++i) {
    save_flight(writer, due[i], taken_or_refused(i) ? kTaken : place_of(due[i].slot));
  }
}

Status Fabric::State::restore_copies(StateReader& reader) {
  std::vector<SavedFrame> saved(reader.get_count(20));
  Seq frame_before;
  for (SavedFrame& frame : saved) {
    frame.seq = Seq{reader.get<std::uint64_t>()};
    frame.from = get_port(reader);
    frame.bytes = reader.get_text();
    if (!reader.ok() || frame.seq <= frame_before) return misfit("its frames are cut short or out of order");
    if (topology.find(frame.from) == nullptr) return misfit("a frame is from a port that never was");
    if (frame.bytes.empty() || frame.bytes.size() > kFrameBytesMax) return misfit("a frame's length");
    frame_before = frame.seq;
  }
  std::vector<Flight> flying(reader.get_count(kFlightBytes));
  for (Flight& flight : flying) {
    flight = restore_flight(reader);
    if (Status fits = check_flight(flight, topology, last_frame, saved); !fits) return fits;
    if (!holds_bytes(flight) || flight.refused || flight.due <= now) return misfit("a copy that flies came due");
    if (topology.find(flight.to)->removed) return misfit("a copy flies to a removed port");
  }
  std::vector<Flight> due(reader.get_count(kFlightBytes));
  const auto taken = reader.get<std::uint64_t>();
  if (taken > due.size()) return misfit("more copies were taken than came due");
  std::uint64_t delivered = 0;
  for (std::size_t i = 0; i < due.size(); ++i) {
    due[i] = restore_flight(reader);
    if (Status fits = check_flight(due[i], topology, last_frame, saved); !fits) return fits;
    if (holds_bytes(due[i]) != (i >= taken && !due[i].refused)) return misfit("a copy's bytes");
    if (due[i].due > now || (i < taken && due[i].due < refusable_at)) return misfit("a copy is not just due");
    if (!due[i].refused) ++delivered;
  }
  if (!reader.ok()) return misfit("its copies are cut short");
  if (Status order = check_order(flying); !order) return order;
  if (Status order = check_order(due); !order) return order;
  if (delivered > counts.delivered) return misfit("more copies came due than were delivered");

  std::vector<FramePool::SlotId> slots;
  for (const SavedFrame& frame : saved) {
    if (frame.copies == 0) return misfit("a frame is held for no copy");
    const auto* bytes = reinterpret_cast<const std::byte*>(frame.bytes.data());
    slots.push_back(frames.hold(Bytes(bytes, frame.bytes.size()), frame.from, frame.seq, frame.copies));
  }
  for (Flight& flight : flying) {
    flight.slot = slots[flight.slot];
    calendar.add(flight);
  }
  for (Flight& flight : due) flight.slot = holds_bytes(flight) ? slots[flight.slot] : 0;
  deliveries.restore(std::move(due), static_cast<std::size_t>(taken));
  return ok_status();
}

Status Fabric::State::restore_counts(StateReader& reader) {
  counts.frames = reader.get<std::uint64_t>();
  counts.copies = reader.get<std::uint64_t>();
  counts.delivered = reader.get<std::uint64_t>();
  for (std::uint64_t& count : counts.dropped) count = reader.get<std::uint64_t>();
  return reader.ok() ? ok_status() : Status{misfit("its counts are cut short")};
}

std::string Fabric::save() const {
  const State& state = *state_;
  StateWriter writer;
  for (const std::uint32_t value : {kMagic, kLayout, kFabricVersion}) writer.put(value);
  for (const std::uint64_t value :
       {state.seed, state.now.ns, state.event_at.ns, state.refusable_at.ns, state.last_frame.value}) {
    writer.put(value);
  }
  writer.put_flag(state.ended);
  write_topology(writer, state.topology);
  state.save_cables(writer);
  state.save_mac_tables(writer);
  for (const std::uint64_t value : {state.counts.frames, state.counts.copies, state.counts.delivered})
    writer.put(value);
  for (const std::uint64_t count : state.counts.dropped) writer.put(count);
  state.save_copies(writer);
  return writer.take();
}

Result<Fabric> Fabric::restore(std::string_view bytes) {
  StateReader reader(bytes);
  if (reader.get<std::uint32_t>() != kMagic) return misfit("it does not begin as one");
  if (reader.get<std::uint32_t>() != kLayout) return misfit("its layout is of another version of labreel");
  const auto version = reader.get<std::uint32_t>();
  if (version != kFabricVersion) return misfit("it is of fabric version " + std::to_string(version));
  Fabric fabric(reader.get<std::uint64_t>());
  State& state = *fabric.state_;
  for (LabTime* time : {&state.now, &state.event_at, &state.refusable_at}) *time = get_time(reader);
  state.last_frame = Seq{reader.get<std::uint64_t>()};
  state.ended = reader.get_flag();
  if (!reader.ok()) return misfit("it is cut short");
  if (state.event_at > state.now || state.refusable_at > state.event_at) return misfit("its times are out of order");

  auto topology = read_topology(reader);
  if (!topology) return std::move(topology).error();
  state.topology = *std::move(topology);
  if (Status fits = state.restore_cables(reader); !fits) return std::move(fits).error();
  if (Status fits = state.restore_mac_tables(reader); !fits) return std::move(fits).error();
  if (Status fits = state.restore_counts(reader); !fits) return std::move(fits).error();
  if (Status fits = state.restore_copies(reader); !fits) return std::move(fits).error();
  if (!reader.at_end()) return misfit("bytes follow its end");

  std::uint64_t accounted = state.calendar.size() + state.counts.delivered;
  for (const std::uint64_t count : state.counts.dropped) accounted += count;
  if (accounted != state.counts.copies || state.counts.dropped[0] != 0) return misfit("its counts do not add up");
  return fabric;
}

}  // namespace labreel
