// The numbers of pcapng that its writer and its reader share.
//
// Source: draft-ietf-opsawg-pcapng (2022)
#pragma once

#include <cstdint>
#include <string_view>

namespace labreel::pcapng {

inline constexpr std::uint32_t kByteOrder = 0x1a2b3c4d;
enum BlockType : std::uint32_t {
  kInterfaceBlock = 1,
  kOldPacketBlock = 2,  // obsolete, but still found
  kSimplePacketBlock = 3,
  kNameBlock = 4,
  kPacketBlock = 6,
  kSectionBlock = 0x0a0d0d0a,
};
enum OptionCode : std::uint16_t {
  kOptionEnd = 0,
  kOptionComment = 1,
  kSectionHardware = 2,
  kSectionOs = 3,
  kSectionProgram = 4,
  kInterfaceName = 2,
  kInterfaceDescription = 3,
  kInterfaceMac = 6,
  kInterfaceTimeResolution = 9,
  kInterfaceFilter = 11,
  kInterfaceTimeOffset = 14,
  kPacketFlags = 2,
  kPacketId = 5,
};
inline constexpr std::size_t kBlockFrameBytes = 12;   // type, length, and length again
inline constexpr std::size_t kOptionHeaderBytes = 4;  // also the length of the end of options

// What our own sections say of the hardware: only in these do packet ids and comments mean what export means by them.
inline constexpr std::string_view kOurHardware = "labreel fabric (switch in user space)";

constexpr std::size_t padded(std::size_t bytes) { return (bytes + 3) & ~std::size_t{3}; }

}  // namespace labreel::pcapng
