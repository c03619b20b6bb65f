#include "store/reel_index.h"

#include <array>

#include "engine/core/units.h"

namespace labreel {
namespace {

constexpr std::array<IndexTable, 7> kTables{{
    {"node", "id INTEGER PRIMARY KEY, added_seq INTEGER, removed_seq INTEGER, name TEXT, kind TEXT"},
    {"port", "id INTEGER PRIMARY KEY, added_seq INTEGER, removed_seq INTEGER, node INTEGER, name TEXT, mac TEXT, mtu INTEGER"},
    {"link", "id INTEGER PRIMARY KEY, added_seq INTEGER, removed_seq INTEGER, first_port INTEGER, second_port INTEGER"},
    {"lan", "id INTEGER PRIMARY KEY, added_seq INTEGER, removed_seq INTEGER, name TEXT, hub INTEGER"},
    {"marker", "seq INTEGER PRIMARY KEY, time_ns INTEGER, name TEXT, note TEXT"},
    {"snapshot", "seq INTEGER PRIMARY KEY, time_ns INTEGER, name TEXT, detail TEXT"},
    {"checkpoint", "seq INTEGER PRIMARY KEY, time_ns INTEGER, bytes INTEGER"},
}};

constexpr std::size_t kRemovedColumn = 2;

}  // namespace

std::span<const IndexTable> index_tables() { return kTables; }

bool is_indexed(EventKind kind) {
  switch (kind) {
    case EventKind::node_added:
    case EventKind::node_removed:
    case EventKind::port_added:
    case EventKind::port_removed:
    case EventKind::link_added:
    case EventKind::link_removed:
    case EventKind::lan_added:
    case EventKind::lan_removed:
    case EventKind::marker:
    case EventKind::snapshot:
    case EventKind::checkpoint: return true;
    default: return false;
  }
}

IndexBuilder::Rows& IndexBuilder::table(std::string_view name) { return tables_[name]; }

void IndexBuilder::add_thing(std::string_view name, std::uint32_t id, Seq seq, IndexRow rest) {
  IndexRow row{std::uint64_t{id}, seq.value, std::monostate{}};
  row.insert(row.end(), rest.begin(), rest.end());
  table(name).emplace(id, std::move(row));
}

void IndexBuilder::remove_thing(std::string_view name, std::uint32_t id, Seq seq) {
  const auto row = table(name).find(id);
  if (row != table(name).end()) row->second[kRemovedColumn] = seq.value;
}

void IndexBuilder::add(Seq seq, LabTime time, const EventBody& body) {
  if (const auto* node = std::get_if<NodeAdded>(&body)) {
    add_thing("node", index_of(node->node), seq, {node->name, std::string(node->node_kind.text())});
  } else if (const auto* old_node = std::get_if<NodeRemoved>(&body)) {
    remove_thing("node", index_of(old_node->node), seq);
  } else if (const auto* port = std::get_if<PortAdded>(&body)) {
    add_thing("port", index_of(port->port), seq,
              {std::uint64_t{index_of(port->node)}, port->name, format_mac(port->mac), std::uint64_t{port->mtu}});
  } else if (const auto* old_port = std::get_if<PortRemoved>(&body)) {
    remove_thing("port", index_of(old_port->port), seq);
  } else if (const auto* link = std::get_if<LinkAdded>(&body)) {
    add_thing("link", index_of(link->link), seq,
              {std::uint64_t{index_of(link->ports[0])}, std::uint64_t{index_of(link->ports[1])}});
  } else if (const auto* old_link = std::get_if<LinkRemoved>(&body)) {
    remove_thing("link", index_of(old_link->link), seq);
  } else if (const auto* lan = std::get_if<LanAdded>(&body)) {
    add_thing("lan", index_of(lan->lan), seq, {lan->name, std::uint64_t{lan->hub}});
  } else if (const auto* old_lan = std::get_if<LanRemoved>(&body)) {
    remove_thing("lan", index_of(old_lan->lan), seq);
  } else if (const auto* marker = std::get_if<Marker>(&body)) {
    table("marker").emplace(seq.value, IndexRow{seq.value, time.ns, marker->name, marker->note});
  } else if (const auto* snapshot = std::get_if<Snapshot>(&body)) {
    table("snapshot").emplace(seq.value, IndexRow{seq.value, time.ns, snapshot->name, snapshot->detail});
  } else if (const auto* checkpoint = std::get_if<Checkpoint>(&body)) {
    table("checkpoint").emplace(seq.value, IndexRow{seq.value, time.ns, std::uint64_t{checkpoint->state.size()}});
  }
}

std::vector<IndexRow> IndexBuilder::rows(std::size_t number) const {
  std::vector<IndexRow> rows;
  const auto found = tables_.find(kTables[number].name);
  if (found == tables_.end()) return rows;
  for (const auto& [key, row] : found->second) rows.push_back(row);
  return rows;
}

}  // namespace labreel
