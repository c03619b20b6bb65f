// What an effect must satisfy before a topology takes it.
#pragma once

#include "engine/core/topology.h"

namespace labreel {

// Bounds the copies that one frame can get on a lan, from what is added of its ports.
//
// Shape: a flooded frame gets one copy for each other port; a port's `duplicate` doubles those that it sends (out) or
//        gets (in).
class LanCopies {
 public:
  void add(const CableSettings& out, const CableSettings& in);
  std::uint64_t most() const;
  // Errors: more than kFrameCopiesMax, which is named.
  Status check(const std::string& lan) const;

 private:
  std::uint64_t ports_ = 0;
  std::uint64_t received_ = 0;                 // copies, if every port got one that was sent once
  bool senders_[2][2] = {{false, false}, {false, false}};  // by: it duplicates what it sends, what it gets
};

// The longest payload that a port of the fabric can be told to carry: a copy numbers its corrupted byte in 16 bits.
inline constexpr std::uint32_t kPortMtuMax = 65'500;
// The most copies that one frame may get: a reel's record counts them in 16 bits.
inline constexpr std::uint32_t kFrameCopiesMax = 65'535;
// The most ports of a lab at one time, of all its nodes together.
inline constexpr std::uint32_t kPortsMax = 65'535;
// The longest delay or jitter, about 146 years: so that sums of times stay far from overflow.
inline constexpr std::uint64_t kDelayMax_ns = std::uint64_t{1} << 62U;

// The longest name of a node, port or lan that is taken from a reel; a lab file's are shorter, a capture's may be so long.
inline constexpr std::size_t kNameBytes_max = 65'535;

// Says whether settings are within the bounds above and their probabilities at most certain.
Status check_settings(const CableSettings& settings);
// Says whether a node's, port's or lan's name can stand in "node:port": not empty, not over kNameBytes_max,
// no ':' and no control character.
Status check_name(std::string_view name);
// Says whether the copies of any one frame stay within kFrameCopiesMax if `port` is on `lan` with these settings.
//
// Shape: no part of check_effect(): whoever changes a running lab asks before. So old reels of such lans can be read.
Status check_lan_copies(const Topology& topology, LanId lan, PortId port, const CableSettings& out,
                        const CableSettings& in);
// Says whether `effect` fits `topology`; events that are no effects always do.
Status check_effect(const Topology& topology, const EventBody& effect);

}  // namespace labreel
