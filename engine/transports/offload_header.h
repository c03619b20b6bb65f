// OffloadHeader: what stands before a frame on a device whose card is said to finish checksums and cut large segments.
#pragma once

#include <cstdint>

namespace labreel {

// struct virtio_net_hdr, which C++ cannot include: a member of a neighbour is called `class`.
//
// Units:  numbers are in the machine's byte order; offsets and lengths in bytes, from the frame's first.
// Source: linux/virtio_net.h.
struct OffloadHeader {
  std::uint8_t flags = 0;
  std::uint8_t segment_kind = 0;
  std::uint16_t header_length = 0;
  std::uint16_t segment_size = 0;  // the payload of each frame but the last
  std::uint16_t checksum_start = 0;
  std::uint16_t checksum_offset = 0;
};
static_assert(sizeof(OffloadHeader) == 10);

// Of `flags`: the checksum's field holds the sum of the pseudo header only.
inline constexpr std::uint8_t kNeedsChecksum = 1;
// Of `segment_kind`.
inline constexpr std::uint8_t kOneFrame = 0;
inline constexpr std::uint8_t kTcpOverIpv4 = 1;
inline constexpr std::uint8_t kTcpOverIpv6 = 4;
inline constexpr std::uint8_t kWithCongestionBit = 0x80;  // beside the kind: the first frame only has CWR

}  // namespace labreel
