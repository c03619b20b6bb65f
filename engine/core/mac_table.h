// MacTable: the addresses that one learning switch remembers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

// A bounded table whose cost per frame does not grow when a node invents addresses.
//
// Entries sit in a list ordered by when they were learned; an open-addressing index with linear probing finds them. The
// index hashes with the lab's seed, so that a guest cannot choose addresses that collide; nothing depends on its order.
class MacTable {
 public:
  struct Entry {
    std::uint64_t mac = 0;
    PortId port{};
    LabTime learned;
  };

  MacTable(std::uint64_t seed, std::uint32_t limit, std::uint64_t ageing_ns)
      : seed_(seed), limit_(limit), ageing_ns_(ageing_ns) {}

  // Remembers where an address is as of `at`; a full table forgets the one learned longest ago.
  void learn(std::uint64_t mac, PortId port, LabTime at);
  // Returns where an address is, if it was learned less than the ageing time ago.
  std::optional<PortId> find(std::uint64_t mac, LabTime at) const;
  // Forgets a port's addresses, or all.
  void forget(PortId port);
  void clear();

  // Returns what find() would find at `at`, ordered by when it was learned.
  std::vector<Entry> entries(LabTime at) const;
  std::size_t size() const { return used_; }

 private:
  static constexpr std::uint32_t kNone = 0xffff'ffff;
  struct Node {
    Entry entry;
    std::uint32_t older = kNone;
    std::uint32_t newer = kNone;
  };

  bool fresh(const Entry& entry, LabTime at) const { return at.ns - entry.learned.ns < ageing_ns_; }
  std::size_t home_of(std::uint64_t mac) const;
  std::size_t place_of(std::uint64_t mac) const;
  void grow_index();
  std::uint32_t take_node();
  void append(std::uint32_t node);
  void unlink(std::uint32_t node);
  void remove(std::uint32_t node);

  std::uint64_t seed_;
  std::uint32_t limit_;
  std::uint64_t ageing_ns_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> index_;  // a power of two, at most half full; kNone is an empty place
  std::uint32_t oldest_ = kNone;
  std::uint32_t newest_ = kNone;
  std::uint32_t spare_ = kNone;  // unused nodes, chained by `newer`
  std::size_t used_ = 0;
};

// Returns an address as a number, first byte highest.
constexpr std::uint64_t number_of(const MacAddress& mac) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : mac) number = number << 8U | byte;
  return number;
}
// Returns the address at a byte of a frame.
inline std::uint64_t mac_at(Bytes frame, std::size_t offset) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 6; ++i) number = number << 8U | static_cast<std::uint8_t>(frame[offset + i]);
  return number;
}
// Says whether an address is a group's: broadcast or multicast.
constexpr bool is_group(std::uint64_t mac) { return (mac >> 40U & 1U) != 0; }

}  // namespace labreel
