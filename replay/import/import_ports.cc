#include "replay/import/import_ports.h"

namespace labreel {
namespace {

constexpr const char* kNodeKind = "capture";
constexpr const char* kElsewhere = "elsewhere";

// A node's and a port's name, as they are written with a colon between them.
struct PortName {
  std::string node;
  std::string port;
};

PortName port_name_of(const CapturedInterface& interface, std::size_t number) {
  const std::string& name = interface.name;
  if (name.empty()) return {kNodeKind, "if" + std::to_string(number)};
  const std::size_t colon = name.find(':');
  const bool is_port = colon != std::string::npos && colon != 0 && colon + 1 != name.size() &&
                       name.find(':', colon + 1) == std::string::npos && name.substr(0, colon) != kElsewhere;
  if (is_port) return {name.substr(0, colon), name.substr(colon + 1)};
  return {kNodeKind, name};
}

}  // namespace

ImportPorts::ImportPorts(const std::vector<CapturedInterface>& interfaces, EventSink& sink) : sink_(sink) {
  for (std::size_t number = 0; number < interfaces.size(); ++number) {
    std::optional<PortId>& port = ports_.emplace_back();
    if (interfaces[number].link_type != kLinkTypeEthernet) continue;
    const PortName name = port_name_of(interfaces[number], number);
    port = add(LabTime{}, name.node, name.port, interfaces[number].mac);
  }
}

PortId ImportPorts::elsewhere(LabTime now) { return add(now, kElsewhere, "any", {}); }

PortId ImportPorts::add(LabTime now, const std::string& node, const std::string& port, const MacAddress& mac) {
  if (const PortId known = named(node + ":" + port); known != kNoPort) return known;
  const auto append = [&](const EventBody& effect) {
    LABREEL_CHECK(topology_.apply(effect).ok());
    sink_.append(now, Seq{}, effect);
  };
  auto of_node = topology_.node_named(node);
  if (!of_node) {
    of_node = topology_.next_node();
    append(NodeAdded{*of_node, node, kNodeKind, {}});
  }
  const PortId id = topology_.next_port();
  append(PortAdded{id, *of_node, port, mac});
  return id;
}

PortId ImportPorts::named(std::string_view name) const { return topology_.port_named(name).value_or(kNoPort); }

}  // namespace labreel
