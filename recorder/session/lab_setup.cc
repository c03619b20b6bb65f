#include "recorder/session/lab_setup.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/clock/virtual/virtual_loop.h"
#include "engine/core/cable_table.h"

namespace labreel {
namespace {

template <class Def>
const Def* named(const std::vector<Def>& defs, const std::string& name) {
  const auto found = std::find_if(defs.begin(), defs.end(), [&](const Def& def) { return def.name == name; });
  return found == defs.end() ? nullptr : &*found;
}

bool is_as_defined(const NodeAdded& node, const NodeDef& def) {
  return node.node_kind == def.kind && node.position == def.position && node.settings == def.settings;
}
bool is_as_defined(const PortAdded& port, const PortDef& def) {
  return port.mac == def.mac && port.mtu == def.fabric_mtu;
}
bool is_as_defined(const LanAdded& lan, const LanDef& def) {
  return lan.hub == def.hub && lan.mac_limit == def.mac_limit && lan.ageing_ns == def.ageing_ns;
}

class Setup {
 public:
  Setup(const LabRuntime& runtime, Seq command) : runtime_(runtime), file_(runtime.file), command_(command) {}

  void run() {
    take_away_lans();
    take_away_links();
    take_away_nodes_and_ports();
    for (const NodeDef& def : file_.nodes) set_node(def);
    for (const LinkDef& def : file_.links) set_link(def);
    for (const LanDef& def : file_.lans) set_lan(def);
  }

 private:
  const Topology& topology() const { return runtime_.topology(); }
  const PortInfo& port(PortId id) const { return topology().ports()[index_of(id)]; }
  // The lab file was checked: what it says fits.
  void apply(const EventBody& effect) { LABREEL_CHECK(runtime_.loop.apply(command_, effect).ok()); }

  void take_away_lans() {
    for (const LanInfo& lan : std::vector<LanInfo>{topology().lans()}) {
      if (lan.removed) continue;
      const LanDef* const def = named(file_.lans, lan.added.name);
      if (def == nullptr || !is_as_defined(lan.added, *def)) {
        apply(LanRemoved{lan.added.lan});
        continue;
      }
      for (const PortId id : lan.ports) {
        const std::string name = topology().name_of(id);
        const auto is_it = [&](const LanPortDef& joined) { return joined.port == name; };
        if (std::none_of(def->ports.begin(), def->ports.end(), is_it)) apply(LanLeft{lan.added.lan, id});
      }
    }
  }

  void take_away_links() {
    for (const LinkInfo& link : std::vector<LinkInfo>{topology().links()}) {
      if (link.removed) continue;
      const auto is_it = [&](const LinkDef& def) { return joins(link, def); };
      if (std::none_of(file_.links.begin(), file_.links.end(), is_it)) apply(LinkRemoved{link.added.link});
    }
  }
  bool joins(const LinkInfo& link, const LinkDef& def) const {
    const std::string first = topology().name_of(link.added.ports[0]);
    const std::string second = topology().name_of(link.added.ports[1]);
    return (first == def.endpoints[0] && second == def.endpoints[1]) ||
           (first == def.endpoints[1] && second == def.endpoints[0]);
  }

  void take_away_nodes_and_ports() {
    for (const NodeInfo& node : std::vector<NodeInfo>{topology().nodes()}) {
      if (node.removed) continue;
      const NodeDef* const def = named(file_.nodes, node.added.name);
      const bool stays = def != nullptr && is_as_defined(node.added, *def);
      for (const PortInfo& info : std::vector<PortInfo>{topology().ports()}) {
        if (info.removed || info.added.node != node.added.node) continue;
        const PortDef* const port_def = stays ? named(def->ports, info.added.name) : nullptr;
        if (port_def == nullptr || !is_as_defined(info.added, *port_def)) apply(PortRemoved{info.added.port});
      }
      if (!stays) apply(NodeRemoved{node.added.node});
    }
  }

  void set_node(const NodeDef& def) {
    auto node = topology().node_named(def.name);
    if (!node) {
      node = topology().next_node();
      apply(NodeAdded{*node, def.name, def.kind, def.position, def.settings});
    }
    for (const PortDef& port_def : def.ports) {
      const auto id = topology().port_named(def.name + ":" + port_def.name);
      if (!id) {
        apply(PortAdded{topology().next_port(), *node, port_def.name, port_def.mac, port_def.fabric_mtu});
      } else if (!port(*id).up) {
        apply(PortUp{*id});
      }
    }
  }

  void set_link(const LinkDef& def) {
    LinkAdded link;
    link.link = topology().next_link();
    for (std::size_t end = 0; end < 2; ++end) {
      link.ports[end] = topology().port_named(def.endpoints[end]).value();
      link.out[end] = with_delay(def.out[end]);
    }
    if (!port(link.ports[0]).link) return apply(link);
    for (std::size_t end = 0; end < 2; ++end) set_cable(link.ports[end], Direction::out, link.out[end]);
  }

  void set_lan(const LanDef& def) {
    auto lan = topology().lan_named(def.name);
    if (!lan) {
      lan = topology().next_lan();
      apply(LanAdded{*lan, def.name, def.hub, def.mac_limit, def.ageing_ns});
    }
    for (const LanPortDef& joined : def.ports) {
      const PortId id = topology().port_named(joined.port).value();
      if (!port(id).lan) {
        apply(LanJoined{*lan, id, with_delay(joined.out), with_delay(joined.in)});
      } else {
        set_cable(id, Direction::out, with_delay(joined.out));
        set_cable(id, Direction::in, with_delay(joined.in));
      }
    }
  }

  CableSettings with_delay(CableSettings settings) const {
    if (file_.clock == ClockKind::virtual_time) give_virtual_delay(settings);
    return settings;
  }

  // The lab file has no cut cables.
  void set_cable(PortId id, Direction direction, const CableSettings& settings) {
    const CableSettings& now = direction == Direction::out ? port(id).out : port(id).in;
    const CableFields changed = fields_that_differ(now, settings);
    if (changed != 0) apply(LinkChanged{id, direction, settings, changed});
    if (!port(id).cable_up) apply(LinkUp{id});
  }

  const LabRuntime& runtime_;
  const LabFile& file_;
  const Seq command_;
};

}  // namespace

void set_up_lab(const LabRuntime& runtime, Seq command) { Setup{runtime, command}.run(); }

}  // namespace labreel
