#include "engine/core/topology_codec.h"

#include "engine/core/cable_table.h"

namespace labreel {
namespace {

// An optional id is one number: 0, or one more than the id.
template <class Id>
void write_optional(StateWriter& writer, const std::optional<Id>& id) {
  writer.put(id ? std::uint64_t{index_of(*id)} + 1 : std::uint64_t{0});
}
template <class Id>
std::optional<Id> read_optional(StateReader& reader) {
  const auto value = reader.get<std::uint64_t>();
  if (value == 0) return std::nullopt;
  if (value > std::uint64_t{1} << 32U) reader.fail();
  return Id{static_cast<std::uint32_t>(value - 1)};
}
template <class Id>
void write_id(StateWriter& writer, Id id) {
  writer.put(index_of(id));
}
template <class Id>
Id read_id(StateReader& reader) {
  return Id{reader.get<std::uint32_t>()};
}

void write_settings(StateWriter& writer, const CableSettings& settings) {
  for (const CableSetting& setting : kCableSettings) {
    if (setting.wide != nullptr) {
      writer.put(settings.*setting.wide);
    } else {
      writer.put(settings.*setting.narrow);
    }
  }
}
CableSettings read_settings(StateReader& reader) {
  CableSettings settings;
  for (const CableSetting& setting : kCableSettings) {
    if (setting.wide != nullptr) {
      settings.*setting.wide = reader.get<std::uint64_t>();
    } else {
      settings.*setting.narrow = reader.get<std::uint32_t>();
    }
  }
  return settings;
}

// What a node may have besides: bits of one byte, which is 0 or 1 for a node without settings, as it was before there were such.
constexpr unsigned kHasPosition = 1;
constexpr unsigned kHasSettings = 2;
constexpr std::size_t kSettingBytes_min = 16;  // two texts' lengths

void write_node(StateWriter& writer, const NodeInfo& node) {
  write_id(writer, node.added.node);
  writer.put_text(node.added.name);
  writer.put_text(std::string(node.added.node_kind.text()));
  const std::vector<NodeSetting>& settings = node.added.settings;
  writer.put(static_cast<std::uint8_t>((node.added.position ? kHasPosition : 0) | (settings.empty() ? 0 : kHasSettings)));
  if (node.added.position) {
    for (const std::int32_t value : *node.added.position) writer.put(static_cast<std::uint32_t>(value));
  }
  if (!settings.empty()) writer.put_count(settings.size());
  for (const NodeSetting& setting : settings) {
    writer.put_text(setting.key);
    writer.put_text(setting.value);
  }
  for (const bool flag : {node.running, node.paused, node.removed}) writer.put_flag(flag);
}
NodeInfo read_node(StateReader& reader) {
  NodeInfo node;
  node.added.node = read_id<NodeId>(reader);
  node.added.name = reader.get_text();
  node.added.node_kind = reader.get_text();
  const auto parts = reader.get<std::uint8_t>();
  if ((parts & ~(kHasPosition | kHasSettings)) != 0) reader.fail();
  if ((parts & kHasPosition) != 0) {
    node.added.position.emplace();
    for (std::int32_t& value : *node.added.position) value = static_cast<std::int32_t>(reader.get<std::uint32_t>());
  }
  if ((parts & kHasSettings) != 0) {
    node.added.settings.resize(reader.get_count(kSettingBytes_min));
    if (node.added.settings.empty()) reader.fail();
    for (NodeSetting& setting : node.added.settings) {
      setting.key = reader.get_text();
      setting.value = reader.get_text();
    }
  }
  for (bool* flag : {&node.running, &node.paused, &node.removed}) *flag = reader.get_flag();
  return node;
}

void write_port(StateWriter& writer, const PortInfo& port) {
  write_id(writer, port.added.port);
  write_id(writer, port.added.node);
  writer.put_text(port.added.name);
  for (const std::uint8_t byte : port.added.mac) writer.put(byte);
  writer.put(port.added.mtu);
  for (const bool flag : {port.up, port.cable_up, port.removed}) writer.put_flag(flag);
  write_optional(writer, port.link);
  write_optional(writer, port.lan);
  write_settings(writer, port.out);
  write_settings(writer, port.in);
}
PortInfo read_port(StateReader& reader) {
  PortInfo port;
  port.added.port = read_id<PortId>(reader);
  port.added.node = read_id<NodeId>(reader);
  port.added.name = reader.get_text();
  for (std::uint8_t& byte : port.added.mac) byte = reader.get<std::uint8_t>();
  port.added.mtu = reader.get<std::uint32_t>();
  for (bool* flag : {&port.up, &port.cable_up, &port.removed}) *flag = reader.get_flag();
  port.link = read_optional<LinkId>(reader);
  port.lan = read_optional<LanId>(reader);
  port.out = read_settings(reader);
  port.in = read_settings(reader);
  return port;
}

void write_link(StateWriter& writer, const LinkInfo& link) {
  write_id(writer, link.added.link);
  for (const PortId port : link.added.ports) write_id(writer, port);
  for (const CableSettings& settings : link.added.out) write_settings(writer, settings);
  writer.put_flag(link.removed);
}
LinkInfo read_link(StateReader& reader) {
  LinkInfo link;
  link.added.link = read_id<LinkId>(reader);
  for (PortId& port : link.added.ports) port = read_id<PortId>(reader);
  for (CableSettings& settings : link.added.out) settings = read_settings(reader);
  link.removed = reader.get_flag();
  return link;
}

void write_lan(StateWriter& writer, const LanInfo& lan) {
  write_id(writer, lan.added.lan);
  writer.put_text(lan.added.name);
  writer.put_flag(lan.added.hub);
  writer.put(lan.added.mac_limit);
  writer.put(lan.added.ageing_ns);
  writer.put_count(lan.ports.size());
  for (const PortId port : lan.ports) write_id(writer, port);
  writer.put_flag(lan.removed);
}
LanInfo read_lan(StateReader& reader) {
  LanInfo lan;
  lan.added.lan = read_id<LanId>(reader);
  lan.added.name = reader.get_text();
  lan.added.hub = reader.get_flag();
  lan.added.mac_limit = reader.get<std::uint32_t>();
  lan.added.ageing_ns = reader.get<std::uint64_t>();
  const std::size_t count = reader.get_count(sizeof(std::uint32_t));
  for (std::size_t i = 0; i < count; ++i) lan.ports.push_back(read_id<PortId>(reader));
  lan.removed = reader.get_flag();
  return lan;
}

template <class Info>
void write_all(StateWriter& writer, const std::vector<Info>& infos, void (*write)(StateWriter&, const Info&)) {
  writer.put_count(infos.size());
  for (const Info& info : infos) write(writer, info);
}
// Each item takes more than `kItemBytesMin`, so a count that could not be there is refused before memory is taken.
template <class Info>
std::vector<Info> read_all(StateReader& reader, Info (*read)(StateReader&)) {
  constexpr std::size_t kItemBytesMin = 24;
  std::vector<Info> infos;
  const std::size_t count = reader.get_count(kItemBytesMin);
  for (std::size_t i = 0; i < count && reader.ok(); ++i) infos.push_back(read(reader));
  return infos;
}

}  // namespace

void write_topology(StateWriter& writer, const Topology& topology) {
  write_all(writer, topology.nodes(), write_node);
  write_all(writer, topology.ports(), write_port);
  write_all(writer, topology.links(), write_link);
  write_all(writer, topology.lans(), write_lan);
}

Result<Topology> read_topology(StateReader& reader) {
  auto nodes = read_all(reader, read_node);
  auto ports = read_all(reader, read_port);
  auto links = read_all(reader, read_link);
  auto lans = read_all(reader, read_lan);
  if (!reader.ok()) return Error{.what = "a saved topology ends too soon, or a flag is neither 0 nor 1"};
  return Topology::assemble(std::move(nodes), std::move(ports), std::move(links), std::move(lans));
}

}  // namespace labreel
