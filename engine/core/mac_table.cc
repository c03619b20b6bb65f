#include "engine/core/mac_table.h"

#include "engine/core/random.h"

namespace labreel {

std::size_t MacTable::home_of(std::uint64_t mac) const { return mix(seed_ ^ mac) & (index_.size() - 1); }

// Returns where in the index an address is, or the empty place where it would go.
std::size_t MacTable::place_of(std::uint64_t mac) const {
  std::size_t place = home_of(mac);
  while (index_[place] != kNone && nodes_[index_[place]].entry.mac != mac) place = (place + 1) & (index_.size() - 1);
  return place;
}

void MacTable::learn(std::uint64_t mac, PortId port, LabTime at) {
  if (limit_ == 0) return;
  while (oldest_ != kNone && !fresh(nodes_[oldest_].entry, at)) remove(oldest_);
  if (!index_.empty()) {
    if (const std::uint32_t known = index_[place_of(mac)]; known != kNone) {
      nodes_[known].entry = Entry{mac, port, at};
      if (known == newest_) return;
      unlink(known);
      append(known);
      return;
    }
  }
  if (used_ == limit_) remove(oldest_);
  if (2 * (used_ + 1) > index_.size()) grow_index();
  const std::uint32_t node = take_node();
  nodes_[node].entry = Entry{mac, port, at};
  index_[place_of(mac)] = node;
  append(node);
  ++used_;
}

std::optional<PortId> MacTable::find(std::uint64_t mac, LabTime at) const {
  if (index_.empty()) return std::nullopt;
  const std::uint32_t node = index_[place_of(mac)];
  if (node == kNone || !fresh(nodes_[node].entry, at)) return std::nullopt;
  return nodes_[node].entry.port;
}

void MacTable::forget(PortId port) {
  for (std::uint32_t node = oldest_; node != kNone;) {
    const std::uint32_t next = nodes_[node].newer;
    if (nodes_[node].entry.port == port) remove(node);
    node = next;
  }
}

void MacTable::clear() {
  while (oldest_ != kNone) remove(oldest_);
}

std::vector<MacTable::Entry> MacTable::entries(LabTime at) const {
  std::vector<Entry> entries;
  for (std::uint32_t node = oldest_; node != kNone; node = nodes_[node].newer) {
    if (fresh(nodes_[node].entry, at)) entries.push_back(nodes_[node].entry);
  }
  return entries;
}

void MacTable::grow_index() {
  index_.assign(index_.empty() ? 16 : 2 * index_.size(), kNone);
  for (std::uint32_t node = oldest_; node != kNone; node = nodes_[node].newer) {
    index_[place_of(nodes_[node].entry.mac)] = node;
  }
}

std::uint32_t MacTable::take_node() {
  if (spare_ == kNone) {
    nodes_.emplace_back();
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }
  const std::uint32_t node = spare_;
  spare_ = nodes_[node].newer;
  return node;
}

void MacTable::append(std::uint32_t node) {
  nodes_[node].older = newest_;
  nodes_[node].newer = kNone;
  (newest_ == kNone ? oldest_ : nodes_[newest_].newer) = node;
  newest_ = node;
}

void MacTable::unlink(std::uint32_t node) {
  const auto [entry, older, newer] = nodes_[node];
  (older == kNone ? oldest_ : nodes_[older].newer) = newer;
  (newer == kNone ? newest_ : nodes_[newer].older) = older;
}

// Takes an entry out; whatever was probed past it moves back, so that no gap hides an address.
void MacTable::remove(std::uint32_t node) {
  const std::size_t mask = index_.size() - 1;
  std::size_t hole = place_of(nodes_[node].entry.mac);
  for (std::size_t place = (hole + 1) & mask; index_[place] != kNone; place = (place + 1) & mask) {
    const std::size_t home = home_of(nodes_[index_[place]].entry.mac);
    if (((place - home) & mask) < ((place - hole) & mask)) continue;  // its home lies after the hole
    index_[hole] = index_[place];
    hole = place;
  }
  index_[hole] = kNone;
  unlink(node);
  nodes_[node].newer = spare_;
  spare_ = node;
  --used_;
}

}  // namespace labreel
