#include "recorder/session/topology_commands.h"

#include <algorithm>
#include <span>

#include "engine/clock/virtual/virtual_loop.h"
#include "engine/core/topology_check.h"
#include "engine/lab/lab_file.h"
#include "engine/lab/lab_names.h"
#include "engine/lab/node_words.h"
#include "engine/lab/refusal.h"
#include "recorder/session/cable_words.h"

namespace labreel {
namespace {

// A name that a lab file may give, and no other.
template <class Check>
Status lab_file_allows(Check check) {
  try {
    check();
    return ok_status();
  } catch (const Refusal& refusal) {
    return usage_error(refusal.what, refusal.hint);
  }
}
Status name_status(const std::string& name, std::string_view noun) {
  if (name.empty()) return usage_error("a " + std::string{noun} + " needs a name");
  return lab_file_allows([&] { check_name(name, noun, 0); });
}

}  // namespace

void TopologyCommands::add_node(const Arguments& arguments, Seq command, const Done& done) {
  const std::string& name = arguments[0];
  const Status named = name_status(name, "node");
  if (!named) return done(named);
  auto node = read_node_words(std::span(arguments).subspan(1), runtime_.file.clock);
  if (!node) return done(std::move(node).error());
  node->node = runtime_.topology().next_node();
  node->name = name;
  auto added = runtime_.loop.apply(command, *node);
  if (!added) return done(std::move(added).error());
  nodes_.start(node->node, command, done);
}

void TopologyCommands::delete_node(const Arguments& arguments, Seq command, const Done& done) {
  const auto node = names_.node(arguments[0]);
  if (!node) return done(node.error());
  const auto remove = [this, node = *node, command, done](const Status& stopped) {
    if (!stopped) return done(stopped);  // another command ends it just now
    for (const PortInfo& port : std::vector<PortInfo>{runtime_.topology().ports()}) {
      if (port.removed || port.added.node != node) continue;
      auto removed = runtime_.loop.apply(command, PortRemoved{port.added.port});
      if (!removed) return done(std::move(removed).error());
    }
    done(status_of(runtime_.loop.apply(command, NodeRemoved{node})));
  };
  if (nodes_.is_alive(*node)) return nodes_.stop(*node, command, remove);
  remove(ok_status());
}

void TopologyCommands::with_free_port(const std::string& name, Seq command, const Done& done,
                                      const std::function<void(PortId)>& then) {
  if (const auto port = runtime_.topology().port_named(name)) {
    const PortInfo& info = runtime_.topology().ports()[index_of(*port)];
    if (info.link || info.lan) return done(lab_error("port " + name + " has a cable already"));
    return then(*port);
  }
  const std::size_t colon = name.find(':');
  if (colon == std::string::npos || colon + 1 == name.size()) {
    return done(usage_error("`" + name + "` is not a port", "a port is written NODE:INTERFACE, such as r1:eth1"));
  }
  const Status named = lab_file_allows([&] { check_port_name(name.substr(colon + 1), 0); });
  if (!named) return done(named);
  const std::string node_name = name.substr(0, colon);
  const auto node = names_.node(node_name);
  if (!node) return done(node.error());
  const std::vector<PortInfo>& ports = runtime_.topology().ports();
  const auto there = std::count_if(ports.begin(), ports.end(), [](const PortInfo& info) { return !info.removed; });
  if (static_cast<std::size_t>(there) >= kPortsMax) {
    return done(lab_error("the lab has " + std::to_string(kPortsMax) + " ports already, the most that there can be",
                          "delete a node that is not needed"));
  }
  PortAdded added;
  added.port = runtime_.topology().next_port();
  added.node = *node;
  added.name = name.substr(colon + 1);
  added.mac = default_mac(runtime_.file.name, node_name, added.name);
  auto applied = runtime_.loop.apply(command, added);
  if (!applied) return done(std::move(applied).error());
  if (!nodes_.is_alive(*node)) return then(added.port);
  InterfaceSpec interface;
  interface.port = added.port;
  interface.name = added.name;
  interface.mac = added.mac;
  nodes_.plug(*node, interface, [this, command, port = added.port, done, then](const Status& status) {
    if (status) return then(port);
    LABREEL_CHECK(runtime_.loop.apply(command, PortRemoved{port}).ok());
    done(status);
  });
}

Status TopologyCommands::read_new_cable(const Arguments& arguments, CableChange& settings) const {
  Status read = read_cable_words(arguments, 2, settings);
  if (read && runtime_.file.clock == ClockKind::virtual_time) {
    give_virtual_delay(settings.out);
    give_virtual_delay(settings.in);
  }
  return read;
}

void TopologyCommands::add_link(const Arguments& arguments, Seq command, const Done& done) {
  if (arguments[0] == arguments[1]) return done(usage_error("a link needs two different ports"));
  LinkAdded link;
  CableChange settings;
  const Status read = read_new_cable(arguments, settings);
  if (!read) return done(read);
  link.out = {settings.out, settings.in};
  with_free_port(arguments[0], command, done, [this, arguments, command, done, link](PortId first) {
    with_free_port(arguments[1], command, done, [this, command, done, link, first](PortId second) {
      LinkAdded whole = link;
      whole.link = runtime_.topology().next_link();
      whole.ports = {first, second};
      done(status_of(runtime_.loop.apply(command, whole)));
    });
  });
}

void TopologyCommands::delete_link(const Arguments& arguments, Seq command, const Done& done) {
  const auto port = names_.port(arguments[0]);
  if (!port) return done(port.error());
  const auto link = runtime_.topology().ports()[index_of(*port)].link;
  if (!link) return done(lab_error("port " + arguments[0] + " is not on a link"));
  done(status_of(runtime_.loop.apply(command, LinkRemoved{*link})));
}

void TopologyCommands::add_lan(const Arguments& arguments, Seq command, const Done& done) {
  const Status named = name_status(arguments[0], "lan");
  if (!named) return done(named);
  LanAdded lan;
  lan.lan = runtime_.topology().next_lan();
  lan.name = arguments[0];
  lan.hub = arguments.size() == 2;  // the verb takes no other word there
  done(status_of(runtime_.loop.apply(command, lan)));
}

void TopologyCommands::delete_lan(const Arguments& arguments, Seq command, const Done& done) {
  const auto lan = names_.lan(arguments[0]);
  if (!lan) return done(lan.error());
  done(status_of(runtime_.loop.apply(command, LanRemoved{*lan})));
}

void TopologyCommands::join_lan(const Arguments& arguments, Seq command, const Done& done) {
  const auto lan = names_.lan(arguments[0]);
  if (!lan) return done(lan.error());
  LanJoined joined;
  joined.lan = *lan;
  CableChange settings;
  const Status read = read_new_cable(arguments, settings);
  if (!read) return done(read);
  joined.out = settings.out;
  joined.in = settings.in;
  const auto fits = [this, joined](PortId port) {
    return check_lan_copies(runtime_.topology(), joined.lan, port, joined.out, joined.in);
  };
  const Status few = fits(kNoPort);  // before a port is made for it
  if (!few) return done(few);
  with_free_port(arguments[1], command, done, [this, command, done, joined, fits](PortId port) {
    const Status still_few = fits(port);  // others may have joined while its interface was made
    if (!still_few) return done(still_few);
    LanJoined whole = joined;
    whole.port = port;
    done(status_of(runtime_.loop.apply(command, whole)));
  });
}

void TopologyCommands::leave_lan(const Arguments& arguments, Seq command, const Done& done) {
  const auto lan = names_.lan(arguments[0]);
  if (!lan) return done(lan.error());
  const auto port = names_.port(arguments[1]);
  if (!port) return done(port.error());
  done(status_of(runtime_.loop.apply(command, LanLeft{*lan, *port})));
}

}  // namespace labreel
