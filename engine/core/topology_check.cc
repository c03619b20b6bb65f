#include "engine/core/topology_check.h"

#include <algorithm>

#include "engine/core/cable_table.h"

namespace labreel {
namespace {

Error refusal(std::string what, std::string hint = {}) {
  return Error{ErrorKind::input, std::move(what), {}, std::move(hint)};
}

template <class Id>
Error not_there(const char* kind, Id id) {
  return refusal(std::string(kind) + " " + std::to_string(index_of(id)) + " is not there");
}

template <class Id>
Status check_next(const char* kind, Id id, Id next) {
  if (id == next) return ok_status();
  return refusal(std::string(kind) + " " + std::to_string(index_of(id)) + " is added, but the next is " +
                 std::to_string(index_of(next)));
}

bool has_cable(const PortInfo& port) { return port.link.has_value() || port.lan.has_value(); }

// One overload an effect; each says whether the effect fits.
struct Check {
  const Topology& topology;

  Status node(NodeId id) const {
    const NodeInfo* info = topology.find(id);
    return info != nullptr && !info->removed ? ok_status() : Status{not_there("node", id)};
  }
  Status port(PortId id) const {
    const PortInfo* info = topology.find(id);
    return info != nullptr && !info->removed ? ok_status() : Status{not_there("port", id)};
  }
  Status lan(LanId id) const {
    const LanInfo* info = topology.find(id);
    return info != nullptr && !info->removed ? ok_status() : Status{not_there("lan", id)};
  }
  Status cabled(PortId id) const {
    if (Status found = port(id); !found) return found;
    if (has_cable(*topology.find(id))) return ok_status();
    return refusal(topology.name_of(id) + " has no cable");
  }
  Status free(PortId id) const {
    if (Status found = port(id); !found) return found;
    if (!has_cable(*topology.find(id))) return ok_status();
    return refusal(topology.name_of(id) + " has a cable already", "a port has one cable; add another port");
  }

  Status operator()(const NodeAdded& effect) const {
    if (Status next = check_next("node", effect.node, topology.next_node()); !next) return next;
    if (Status name = check_name(effect.name); !name) return name;
    if (topology.node_named(effect.name)) return refusal("a node " + effect.name + " is there already");
    return ok_status();
  }
  Status operator()(const NodeRemoved& effect) const {
    if (Status found = node(effect.node); !found) return found;
    if (topology.has_ports(effect.node)) {
      return refusal("node " + topology.name_of(effect.node) + " still has ports", "remove its ports first");
    }
    return ok_status();
  }
  Status operator()(const NodeStarting& effect) const { return stopped(effect.node); }
  Status operator()(const NodeStarted& effect) const { return stopped(effect.node); }
  Status operator()(const NodeStopped& effect) const { return node(effect.node); }
  Status operator()(const NodePaused& effect) const { return running(effect.node, false); }
  Status operator()(const NodeResumed& effect) const { return running(effect.node, true); }

  Status stopped(NodeId id) const {
    if (Status found = node(id); !found) return found;
    if (topology.find(id)->running) return refusal("node " + topology.name_of(id) + " runs already");
    return ok_status();
  }
  Status running(NodeId id, bool paused) const {
    if (Status found = node(id); !found) return found;
    const NodeInfo& info = *topology.find(id);
    if (!info.running) return refusal("node " + topology.name_of(id) + " does not run");
    if (info.paused == paused) return ok_status();
    return refusal("node " + topology.name_of(id) + (paused ? " is not paused" : " is paused already"));
  }

  Status operator()(const PortAdded& effect) const {
    if (Status next = check_next("port", effect.port, topology.next_port()); !next) return next;
    if (Status found = node(effect.node); !found) return found;
    if (Status name = check_name(effect.name); !name) return name;
    const std::string whole = topology.name_of(effect.node) + ":" + effect.name;
    if (topology.port_named(whole)) return refusal("a port " + whole + " is there already");
    if (effect.mtu > kPortMtuMax) return refusal(whole + ": mtu is over " + std::to_string(kPortMtuMax));
    return ok_status();
  }
  Status operator()(const PortRemoved& effect) const { return port(effect.port); }
  Status operator()(const PortUp& effect) const { return port(effect.port); }
  Status operator()(const PortDown& effect) const { return port(effect.port); }

  Status operator()(const LinkAdded& effect) const {
    if (Status next = check_next("link", effect.link, topology.next_link()); !next) return next;
    if (effect.ports[0] == effect.ports[1]) return refusal("a link joins a port to itself");
    for (std::size_t end = 0; end < 2; ++end) {
      if (Status ready = free(effect.ports[end]); !ready) return ready;
      if (Status settings = check_settings(effect.out[end]); !settings) return settings;
    }
    return ok_status();
  }
  Status operator()(const LinkRemoved& effect) const {
    const LinkInfo* info = topology.find(effect.link);
    return info != nullptr && !info->removed ? ok_status() : Status{not_there("link", effect.link)};
  }
  Status operator()(const LinkUp& effect) const { return cabled(effect.port); }
  Status operator()(const LinkDown& effect) const { return cabled(effect.port); }
  Status operator()(const LinkChanged& effect) const {
    if (Status found = cabled(effect.port); !found) return found;
    if (effect.direction == Direction::in && !topology.find(effect.port)->lan) {
      return refusal(topology.name_of(effect.port) + " is on a link, so its `in` is its peer's `out`");
    }
    return check_settings(effect.settings);
  }

  Status operator()(const LanAdded& effect) const {
    if (Status next = check_next("lan", effect.lan, topology.next_lan()); !next) return next;
    if (Status name = check_name(effect.name); !name) return name;
    if (topology.lan_named(effect.name)) return refusal("a lan " + effect.name + " is there already");
    return ok_status();
  }
  Status operator()(const LanRemoved& effect) const { return lan(effect.lan); }
  Status operator()(const LanJoined& effect) const {
    if (Status found = lan(effect.lan); !found) return found;
    if (Status ready = free(effect.port); !ready) return ready;
    if (Status settings = check_settings(effect.out); !settings) return settings;
    return check_settings(effect.in);
  }
  Status operator()(const LanLeft& effect) const {
    if (Status found = lan(effect.lan); !found) return found;
    if (Status found = port(effect.port); !found) return found;
    if (topology.find(effect.port)->lan == effect.lan) return ok_status();
    return refusal(topology.name_of(effect.port) + " is not on lan " + topology.name_of(effect.lan));
  }

  template <class NoEffect>
  Status operator()(const NoEffect&) const {
    return ok_status();
  }
};

}  // namespace

Status check_settings(const CableSettings& settings) {
  for (const CableSetting& setting : kCableSettings) {
    if (setting.allows(setting.value_of(settings))) continue;
    return refusal(setting.unit == CableUnit::time ? "a delay or jitter is over 146 years" : "a probability is over 100%");
  }
  return ok_status();
}

void LanCopies::add(const CableSettings& out, const CableSettings& in) {
  const bool in_twice = in.duplicate_ppb != 0;
  senders_[out.duplicate_ppb != 0 ? 1 : 0][in_twice ? 1 : 0] = true;
  received_ += in_twice ? 2 : 1;
  ++ports_;
}

std::uint64_t LanCopies::most() const {
  std::uint64_t most = 0;
  for (std::uint64_t out = 0; out < 2; ++out) {
    for (std::uint64_t in = 0; in < 2; ++in) {
      if (senders_[out][in]) most = std::max(most, (out + 1) * (received_ - (in + 1)));  // but for its own
    }
  }
  return most;
}

Status LanCopies::check(const std::string& lan) const {
  if (most() <= kFrameCopiesMax) return ok_status();
  return refusal("lan " + lan + " has " + std::to_string(ports_) + " ports" +
                     (received_ > ports_ || most() >= 2 * (ports_ - 1) ? " and duplicates" : "") +
                     ": one frame could get " + std::to_string(most()) + " copies, but a reel counts at most " +
                     std::to_string(kFrameCopiesMax),
                 "leave duplicate out, or split the lan");
}

Status check_lan_copies(const Topology& topology, LanId lan, PortId port, const CableSettings& out,
                        const CableSettings& in) {
  LanCopies copies;
  copies.add(out, in);
  for (const PortId other : topology.lans()[index_of(lan)].ports) {
    const PortInfo& info = topology.ports()[index_of(other)];
    if (other != port) copies.add(info.out, info.in);
  }
  return copies.check(topology.name_of(lan));
}

Status check_name(std::string_view name) {
  if (name.empty()) return refusal("a name is empty");
  if (name.size() > kNameBytes_max) return refusal("a name is longer than " + std::to_string(kNameBytes_max) + " bytes");
  const auto bad = [](char c) { return c == ':' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(name.begin(), name.end(), bad)) {
    return refusal("a name has a ':' or a control character in it", "node:port must be readable in one way");
  }
  return ok_status();
}

Status check_effect(const Topology& topology, const EventBody& effect) { return std::visit(Check{topology}, effect); }

}  // namespace labreel
