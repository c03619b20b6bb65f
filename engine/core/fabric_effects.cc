// What effects do to the fabric: the topology they change, and the copies they end in flight.
#include <algorithm>

#include "engine/core/fabric_state.h"

namespace labreel {
namespace {

// The ports whose cables an effect cuts or takes away, in order of id, and the reason that their copies end with.
struct Unplugged {
  std::vector<PortId> ports;
  Reason reason = Reason::link_down;
};

struct Unplugs {
  const Topology& topology;

  // The port itself, and on a link its peer.
  std::vector<PortId> cable_of(PortId port) const {
    std::vector<PortId> ports{port};
    if (const std::optional<PortId> peer = topology.peer_of(port)) ports.push_back(*peer);
    std::sort(ports.begin(), ports.end());
    return ports;
  }
  Unplugged operator()(const LinkDown& effect) const { return {cable_of(effect.port)}; }
  Unplugged operator()(const LinkRemoved& effect) const {
    return {cable_of(topology.find(effect.link)->added.ports[0])};
  }
  Unplugged operator()(const LanLeft& effect) const { return {{effect.port}}; }
  Unplugged operator()(const LanRemoved& effect) const { return {topology.find(effect.lan)->ports}; }
  Unplugged operator()(const PortRemoved& effect) const { return {cable_of(effect.port), Reason::port_removed}; }
  template <class Other>
  Unplugged operator()(const Other&) const {
    return {};
  }
};

}  // namespace

void Fabric::State::add_cable(const Topology& named, PortId port) {
  const std::string name = named.name_of(port);
  cables.push_back(Cable{CableDirection(RandomStream(seed, name, Direction::out)),
                         CableDirection(RandomStream(seed, name, Direction::in))});
}

void Fabric::State::add_mac_table(const LanAdded& lan) {
  mac_tables.emplace_back(mix(seed), lan.mac_limit, lan.ageing_ns);
}

template <class Ends>
std::vector<Outcome> Fabric::State::end_flights(Reason reason, Ends&& ends) {
  std::vector<Outcome> outcomes;
  for (const Flight& flight : calendar.end(ends)) {
    frames.release(flight.slot);
    ++counts.dropped[static_cast<std::size_t>(reason)];
    outcomes.push_back(Outcome{flight.frame, flight.copy, flight.to, reason});
  }
  return outcomes;
}

// Ends what is on the cables of `ports`: all that flies to them, and on a lan what they sent and the switch has not
// got.
std::vector<Outcome> Fabric::State::cut(const std::vector<PortId>& ports, Reason reason) {
  for (const PortId port : ports) {
    cables[index_of(port)].out.forget();
    cables[index_of(port)].in.forget();
  }
  const auto is_cut = [&](PortId port) { return std::binary_search(ports.begin(), ports.end(), port); };
  return end_flights(reason, [&](const Flight& flight) {
    return is_cut(flight.to) || (flight.handed_over > now && is_cut(frames.from(flight.slot)));
  });
}

std::vector<Outcome> Fabric::State::take_effect(const EventBody& effect) {
  std::vector<Outcome> outcomes;
  const Unplugged unplugged = std::visit(Unplugs{topology}, effect);
  if (!unplugged.ports.empty()) outcomes = cut(unplugged.ports, unplugged.reason);

  if (const auto* stopped = std::get_if<NodeStopped>(&effect)) {
    outcomes = end_flights(Reason::node_stopped, [&](const Flight& flight) {
      return topology.ports()[index_of(flight.to)].added.node == stopped->node;
    });
  } else if (std::holds_alternative<LabBegun>(effect)) {
    ended = false;  // a lab may begin again after its end
  } else if (std::holds_alternative<LabEnded>(effect)) {
    ended = true;
    outcomes = end_flights(Reason::lab_ended, [](const Flight&) { return true; });
  } else if (const auto* removed = std::get_if<LanRemoved>(&effect)) {
    mac_tables[index_of(removed->lan)].clear();
  } else if (!std::holds_alternative<LinkDown>(effect)) {
    for (const PortId port : unplugged.ports) {
      if (const auto lan = topology.find(port)->lan) mac_tables[index_of(*lan)].forget(port);
    }
  }

  LABREEL_CHECK(topology.apply(effect).ok());  // it was checked
  if (const auto* port = std::get_if<PortAdded>(&effect)) add_cable(topology, port->port);
  if (const auto* lan = std::get_if<LanAdded>(&effect)) add_mac_table(*lan);
  if (const auto* change = std::get_if<LinkChanged>(&effect)) {
    Cable& cable = cables[index_of(change->port)];
    (change->direction == Direction::out ? cable.out : cable.in).restart_draws();
  }
  return outcomes;
}

}  // namespace labreel
