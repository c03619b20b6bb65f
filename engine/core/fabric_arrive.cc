// What becomes of a frame: one decision for each copy.
#include "engine/core/fabric_state.h"

namespace labreel {
namespace {

constexpr std::uint32_t kEthernetHeaderBytes = 14;
constexpr std::uint32_t kVlanTagBytes = 4;

bool fits_mtu(const PortInfo& port, std::uint32_t length) {
  return length <= port.added.mtu + kEthernetHeaderBytes + kVlanTagBytes;
}

}  // namespace

void Fabric::State::add_copy(PortId port, const Passage& passage, LabTime leaves_sender_at) {
  const bool scheduled = passage.reason == Reason::none;
  copies.push_back(Copy{port, passage.reason, passage.flags, passage.corrupt_byte, scheduled ? passage.at : now});
  handed_over.push_back(leaves_sender_at);
}

void Fabric::State::drop(PortId port, Reason reason) { add_copy(port, Passage{.at = now, .reason = reason}, now); }

void Fabric::State::decide(PortId port, Bytes frame) {
  const PortInfo& sender = topology.ports()[index_of(port)];
  if (ended) return drop(kNoPort, Reason::lab_ended);
  if (!topology.nodes()[index_of(sender.added.node)].running) return drop(kNoPort, Reason::node_stopped);
  if (!sender.up) return drop(kNoPort, Reason::port_down);
  if (!sender.link && !sender.lan) return drop(kNoPort, Reason::no_receiver);

  const PortId peer = sender.link ? *topology.peer_of(port) : kNoPort;
  if (!sender.cable_up) return drop(peer, Reason::link_down);
  if (frame.size() < kEthernetHeaderBytes) return drop(peer, Reason::malformed);
  if (frame.size() > kNever.ns >> 32U) return drop(peer, Reason::mtu);  // longer than a u32 says
  const auto length = static_cast<std::uint32_t>(frame.size());
  if (!fits_mtu(sender, length)) return drop(peer, Reason::mtu);
  if (sender.link) return over_link(port, peer, length);
  over_lan(port, *sender.lan, frame);
}

// Says why a receiver would not get a frame that its cable carries, or none.
Reason Fabric::State::why_not(PortId receiver, std::uint32_t length) const {
  const PortInfo& info = topology.ports()[index_of(receiver)];
  if (!topology.nodes()[index_of(info.added.node)].running) return Reason::node_stopped;
  if (!info.up) return Reason::port_down;
  if (!info.cable_up) return Reason::link_down;
  return fits_mtu(info, length) ? Reason::none : Reason::mtu;
}

void Fabric::State::over_link(PortId port, PortId peer, std::uint32_t length) {
  const CableSettings& settings = topology.ports()[index_of(port)].out;
  Passages passages = cables[index_of(port)].out.carry(settings, port, Passage{.at = now}, length, now);
  for (std::size_t i = 0; i < passages.count; ++i) {
    Passage& passage = passages.items[i];
    if (passage.reason == Reason::none) passage.reason = why_not(peer, length);
    add_copy(peer, passage, now);
  }
}

// The switch looks at the frame as it was sent, and learns from it if it gets it. It decides at arrival, as every
// decision is fixed then, though the frame may still be on the sender's cable.
void Fabric::State::over_lan(PortId port, LanId lan, Bytes frame) {
  const LanInfo& info = topology.lans()[index_of(lan)];
  const auto length = static_cast<std::uint32_t>(frame.size());
  const CableSettings& settings = topology.ports()[index_of(port)].out;
  const Passages sent = cables[index_of(port)].out.carry(settings, port, Passage{.at = now}, length, now);

  bool learned = info.added.hub;
  std::optional<PortId> known;
  for (std::size_t i = 0; i < sent.count; ++i) {
    const Passage& passage = sent.items[i];
    if (passage.reason != Reason::none) {
      add_copy(kNoPort, passage, now);
      continue;
    }
    if (!learned) {
      learned = true;
      const std::uint64_t source = mac_at(frame, 6);
      const std::uint64_t destination = mac_at(frame, 0);
      if (!is_group(source)) mac_tables[index_of(lan)].learn(source, port, now);
      if (!is_group(destination)) known = mac_tables[index_of(lan)].find(destination, now);
    }
    if ((known && *known == port) || info.ports.size() == 1) {
      Passage stays = passage;
      stays.reason = Reason::no_receiver;
      add_copy(kNoPort, stays, now);
    } else if (known) {
      into(*known, port, passage, length);
    } else {
      for (const PortId receiver : info.ports) {
        if (receiver != port) into(receiver, port, passage, length);
      }
    }
  }
}

// Carries a passage that left the sender's cable over a receiver's.
void Fabric::State::into(PortId receiver, PortId sender, const Passage& passage, std::uint32_t length) {
  if (const Reason reason = why_not(receiver, length); reason != Reason::none) {
    Passage stopped = passage;
    stopped.reason = reason;
    return add_copy(receiver, stopped, passage.at);
  }
  const CableSettings& settings = topology.ports()[index_of(receiver)].in;
  const Passages received = cables[index_of(receiver)].in.carry(settings, sender, passage, length, now);
  for (std::size_t i = 0; i < received.count; ++i) add_copy(receiver, received.items[i], passage.at);
}

void Fabric::State::schedule(PortId port, Bytes frame, Seq seq) {
  std::uint32_t scheduled = 0;
  for (const Copy& copy : copies) {
    if (copy.scheduled()) {
      ++scheduled;
    } else {
      ++counts.dropped[static_cast<std::size_t>(copy.reason)];
    }
  }
  ++counts.frames;
  counts.copies += copies.size();
  if (scheduled == 0) return;

  const FramePool::SlotId slot = frames.hold(frame, port, seq, scheduled);
  for (std::uint32_t i = 0; i < copies.size(); ++i) {
    const Copy& copy = copies[i];
    if (!copy.scheduled()) continue;
    const Flight flight{copy.due, seq, handed_over[i], first_copy + i, copy.port, slot, copy.corrupt_byte, copy.flags};
    if (copy.due <= now) {
      deliveries.add(flight);
      ++counts.delivered;
    } else {
      calendar.add(flight);
    }
  }
}

}  // namespace labreel
