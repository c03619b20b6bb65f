#include "replay/import/import_ports.h"

#include <algorithm>
#include <set>

#include "engine/text/text.h"


namespace labreel {
namespace {

constexpr const char* kNodeName = "capture";  // where the file does not say one
constexpr const char* kElsewhere = "elsewhere";

// A node's and a port's name, as they are written with a colon between them.
struct PortName {
  std::string node;
  std::string port;
};
std::string text_of(const PortName& name) { return name.node + ":" + name.port; }

// A name that can stand in "node:port" and steers no terminal: a colon becomes a point.
std::string fit(std::string_view part) {
  std::string name = printable(part);
  std::replace(name.begin(), name.end(), ':', '.');
  return name;
}

PortName port_name_of(const CapturedInterface& interface, std::size_t number) {
  const std::string& name = interface.name;
  if (name.empty()) return {kNodeName, "if" + std::to_string(number)};
  const std::size_t colon = name.find(':');
  const bool is_port = colon != std::string::npos && colon != 0 && colon + 1 != name.size() &&
                       name.find(':', colon + 1) == std::string::npos;
  if (is_port) return {fit(name.substr(0, colon)), fit(name.substr(colon + 1))};
  return {kNodeName, fit(name)};
}

// Whether the port is called as the file calls the interface.
bool is_as_in_file(const PortName& name, const CapturedInterface& interface) {
  return interface.name.empty() || interface.name == text_of(name) || interface.name == name.port;
}

}  // namespace

ImportPorts::ImportPorts(const std::vector<CapturedInterface>& interfaces, EventSink& sink) : sink_(sink) {
  // A name that had to change must not become that of another interface.
  std::set<std::string> taken;
  for (std::size_t number = 0; number < interfaces.size(); ++number) {
    const PortName name = port_name_of(interfaces[number], number);
    if (is_as_in_file(name, interfaces[number])) taken.insert(text_of(name));
  }
  for (std::size_t number = 0; number < interfaces.size(); ++number) {
    const CapturedInterface& interface = interfaces[number];
    std::optional<PortId>& port = ports_.emplace_back();
    if (interface.link_type != kLinkTypeEthernet) continue;
    PortName name = port_name_of(interface, number);
    if (is_as_in_file(name, interface)) {
      port = add(LabTime{}, name.node, name.port, interface.mac);
      continue;
    }
    const auto [known, is_new] = renamed_.try_emplace(interface.name, kNoPort);
    if (is_new) {
      const std::string plain = name.port;
      for (unsigned i = 2; !taken.insert(text_of(name)).second; ++i) name.port = plain + "-" + std::to_string(i);
      known->second = add(LabTime{}, name.node, name.port, interface.mac);
      words_.push_back("interface \"" + printable(interface.name) + "\" is " + text_of(name) +
                       " here: a port is written NODE:PORT, without control characters");
    }
    port = known->second;
  }
}

PortId ImportPorts::elsewhere(LabTime now) { return add(now, kElsewhere, "any", {}); }

PortId ImportPorts::add(LabTime now, const std::string& node, const std::string& port, const MacAddress& mac) {
  if (const auto known = topology_.port_named(node + ":" + port)) return *known;
  const auto append = [&](const EventBody& effect) {
    LABREEL_CHECK(topology_.apply(effect).ok());
    sink_.append(now, Seq{}, effect);
  };
  auto of_node = topology_.node_named(node);
  if (!of_node) {
    of_node = topology_.next_node();
    append(NodeAdded{*of_node, node, NodeKindName::capture, {}});
  }
  const PortId id = topology_.next_port();
  append(PortAdded{id, *of_node, port, mac});
  return id;
}

PortId ImportPorts::named(std::string_view name) const {
  if (const auto renamed = renamed_.find(name); renamed != renamed_.end()) return renamed->second;
  return topology_.port_named(name).value_or(kNoPort);
}

}  // namespace labreel
