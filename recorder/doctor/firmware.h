// A firmware of our own, so that a machine can be tried without a kernel: it goes from 16 bits to 64, and says so.
#pragma once

#include <string>
#include <string_view>

namespace labreel {

// What it writes to port kFirmwarePort; then it stops.
inline constexpr std::string_view kFirmwareGreeting = "labreel: 64-bit code runs";
inline constexpr unsigned kFirmwarePort = 0x402;

// Returns an image of 64 KiB that a PC finds its first instruction in.
std::string firmware_image();

}  // namespace labreel
