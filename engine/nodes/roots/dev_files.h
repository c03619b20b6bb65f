// What /dev of a node holds, whatever kind of node it is.
#pragma once

#include <array>

namespace labreel::roots {

struct DeviceFile {
  const char* name;
  unsigned major_number;
  unsigned minor_number;
};
// Source: linux Documentation/admin-guide/devices.txt.
inline constexpr std::array<DeviceFile, 6> kDeviceFiles{
    {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}}};
inline constexpr DeviceFile kTunDevice{"net/tun", 10, 200};

struct DeviceLink {
  const char* name;
  const char* target;
};
inline constexpr std::array<DeviceLink, 5> kDeviceLinks{{{"ptmx", "pts/ptmx"},
                                                         {"fd", "/proc/self/fd"},
                                                         {"stdin", "/proc/self/fd/0"},
                                                         {"stdout", "/proc/self/fd/1"},
                                                         {"stderr", "/proc/self/fd/2"}}};

}  // namespace labreel::roots
