// The numbers of the protocols that IP carries. Source: IANA, "Assigned Internet Protocol Numbers".
#pragma once

#include <cstdint>

namespace labreel {

inline constexpr std::uint8_t kHopByHop = 0;
inline constexpr std::uint8_t kIcmp = 1;
inline constexpr std::uint8_t kIgmp = 2;
inline constexpr std::uint8_t kIpv4InIp = 4;
inline constexpr std::uint8_t kTcp = 6;
inline constexpr std::uint8_t kUdp = 17;
inline constexpr std::uint8_t kIpv6InIp = 41;
inline constexpr std::uint8_t kRouting = 43;
inline constexpr std::uint8_t kFragment = 44;
inline constexpr std::uint8_t kGre = 47;
inline constexpr std::uint8_t kEsp = 50;
inline constexpr std::uint8_t kAh = 51;
inline constexpr std::uint8_t kIcmpv6 = 58;
inline constexpr std::uint8_t kNoNextHeader = 59;
inline constexpr std::uint8_t kDestinationOptions = 60;
inline constexpr std::uint8_t kOspf = 89;
inline constexpr std::uint8_t kSctp = 132;

// Is it an extension header of IPv6 that says what comes behind it?
constexpr bool is_ipv6_extension(std::uint8_t protocol) {
  return protocol == kHopByHop || protocol == kRouting || protocol == kFragment || protocol == kDestinationOptions;
}

}  // namespace labreel
