// The fabric's inputs and what can be asked of it; fabric_effects.cc and fabric_arrive.cc hold what it decides.
#include "engine/core/fabric.h"

#include <algorithm>

#include "engine/core/fabric_state.h"

namespace labreel {
namespace {

Error refusal(std::string what) { return Error{.what = std::move(what)}; }

}  // namespace

Fabric::Fabric(std::uint64_t seed) : state_(std::make_unique<State>(seed)) {}
Fabric::~Fabric() = default;
Fabric::Fabric(Fabric&&) noexcept = default;
Fabric& Fabric::operator=(Fabric&&) noexcept = default;

Status Fabric::State::check_time(LabTime at) const {
  if (at >= now) return ok_status();
  return refusal("time goes back from " + std::to_string(now.ns) + " ns to " + std::to_string(at.ns) + " ns");
}

// Makes deliveries of the copies that come due, in order.
void Fabric::State::pass_time(LabTime at) {
  now = at;
  corrupted_used = 0;
  while (!calendar.empty() && calendar.next_due() <= at) {
    deliveries.add(calendar.take_first());
    ++counts.delivered;
  }
}

void Fabric::State::begin_event(LabTime at) {
  pass_time(at);
  if (at == event_at) return;
  refusable_at = event_at;
  event_at = at;
  deliveries.forget_before(refusable_at);
}

// Gives the next frame's copies their numbers: from 0, or after those of the last frame if both have one number.
void Fabric::State::number_copies(Seq seq) {
  first_copy = seq == last_frame ? first_copy + static_cast<std::uint32_t>(copies.size()) : 0;
  last_frame = seq;
}

Result<std::vector<Outcome>> Fabric::apply(const EventBody& effect, LabTime at) {
  if (Status time = state_->check_time(at); !time) return std::move(time).error();
  if (std::holds_alternative<Frame>(effect)) return refusal("a frame is no effect: it arrives");
  if (Status fits = state_->topology.check(effect); !fits) return std::move(fits).error();
  state_->begin_event(at);
  return state_->take_effect(effect);
}

Result<std::span<const Copy>> Fabric::arrive(PortId port, Bytes frame, LabTime at, Seq seq) {
  if (Status time = state_->check_time(at); !time) return std::move(time).error();
  const PortInfo* info = state_->topology.find(port);
  if (info == nullptr || info->removed) {
    return refusal("a frame comes from port " + std::to_string(index_of(port)) + ", which is not there");
  }
  if (seq < state_->last_frame || seq.is_none()) {
    return refusal("frame " + std::to_string(seq.value) + " is out of sequence");
  }
  state_->begin_event(at);
  state_->frames.expect(frame.size());
  state_->number_copies(seq);
  state_->copies.clear();
  state_->handed_over.clear();
  state_->decide(port, frame);
  state_->schedule(port, frame, seq);
  return std::span<const Copy>(state_->copies);
}

Result<Outcome> Fabric::refuse(Seq frame, std::uint32_t copy, LabTime at) {
  if (Status time = state_->check_time(at); !time) return std::move(time).error();
  state_->begin_event(at);
  Flight* flight = state_->deliveries.find(frame, copy);
  if (flight == nullptr) {
    return refusal("copy " + std::to_string(copy) + " of frame " + std::to_string(frame.value) +
                   " cannot be refused: it did not just come due");
  }
  flight->refused = true;
  if (!state_->deliveries.was_taken(flight)) state_->frames.release(flight->slot);
  --state_->counts.delivered;
  ++state_->counts.dropped[static_cast<std::size_t>(Reason::refused_by_node)];
  return Outcome{frame, copy, flight->to, Reason::refused_by_node};
}

Status Fabric::advance(LabTime at) {
  Status time = state_->check_time(at);
  if (time) state_->pass_time(at);
  return time;
}

bool Fabric::next_delivery(Delivery& delivery) {
  State& state = *state_;
  for (Flight* flight = state.deliveries.take(); flight != nullptr; flight = state.deliveries.take()) {
    if (flight->refused) continue;
    Bytes bytes = state.frames.bytes(flight->slot);
    if ((flight->flags & kCorrupted) != 0) {
      if (state.corrupted_used == state.corrupted.size()) state.corrupted.emplace_back();
      std::vector<std::byte>& corrupted = state.corrupted[state.corrupted_used++];
      corrupted.assign(bytes.begin(), bytes.end());
      corrupted[flight->corrupt_byte] ^= std::byte{1} << (flight->flags >> 5U);
      bytes = corrupted;
    }
    state.frames.release(flight->slot);  // readable until the next frame arrives
    delivery = Delivery{flight->frame, flight->copy, flight->to, flight->due, bytes};
    return true;
  }
  state.deliveries.forget_before(state.refusable_at);
  return false;
}

LabTime Fabric::next_due() const { return state_->calendar.next_due(); }
const Topology& Fabric::topology() const { return state_->topology; }

FabricCounts Fabric::counts() const {
  FabricCounts counts = state_->counts;
  counts.in_flight = state_->calendar.size();
  return counts;
}

std::vector<MacEntry> Fabric::mac_entries(LabTime at) const {
  std::vector<MacEntry> all;
  for (std::uint32_t lan = 0; lan < state_->mac_tables.size(); ++lan) {
    const auto first = static_cast<std::ptrdiff_t>(all.size());
    for (const MacTable::Entry& entry : state_->mac_tables[lan].entries(at)) {
      MacAddress mac{};
      for (std::size_t i = 0; i < mac.size(); ++i)
        mac[i] = static_cast<std::uint8_t>(entry.mac >> (40 - 8 * i) & 0xffU);
      all.push_back(MacEntry{LanId{lan}, mac, entry.port, entry.learned});
    }
    std::sort(all.begin() + first, all.end(), [](const MacEntry& a, const MacEntry& b) { return a.mac < b.mac; });
  }
  return all;
}

std::vector<InFlight> Fabric::in_flight() const {
  std::vector<InFlight> all;
  for (const Flight& flight : state_->calendar.in_order()) {
    all.push_back(InFlight{flight.frame, flight.copy, state_->frames.from(flight.slot), flight.to, flight.due});
  }
  return all;
}

std::vector<QueueState> Fabric::queues(LabTime at) const {
  std::vector<QueueState> all;
  for (std::uint32_t i = 0; i < state_->cables.size(); ++i) {
    const PortInfo& port = state_->topology.ports()[i];
    const std::uint64_t out_bytes = state_->cables[i].out.queued_bytes(port.out, at);
    const std::uint64_t in_bytes = state_->cables[i].in.queued_bytes(port.in, at);
    if (out_bytes != 0) all.push_back(QueueState{PortId{i}, Direction::out, out_bytes});
    if (in_bytes != 0) all.push_back(QueueState{PortId{i}, Direction::in, in_bytes});
  }
  return all;
}

}  // namespace labreel
