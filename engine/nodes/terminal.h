// Terminals in a node: pairs of ends that the node's own devpts makes.
#pragma once

#include <cstdint>

#include "engine/os/owned_fd.h"

namespace labreel {

struct Terminal {
  OwnedFd keyboard;  // the master side: what is typed goes in, what is shown comes out; non-blocking
  OwnedFd program;   // the slave side
};

// Makes a terminal of this process's /dev/ptmx, so that `tty` in it names a device that is there.
//
// Errors: std::system_error naming the attempt.
Terminal open_terminal(std::uint16_t rows, std::uint16_t columns);

// Gives a terminal a size, by its master side; says whether it took it.
bool resize_terminal(int keyboard_fd, std::uint16_t rows, std::uint16_t columns);

// A size in one number, for messages: rows above, columns below.
constexpr std::int32_t packed_size(std::uint16_t rows, std::uint16_t columns) {
  return static_cast<std::int32_t>(std::uint32_t{rows} << 16U | columns);
}
constexpr std::uint16_t rows_of(std::int32_t packed) {
  return static_cast<std::uint16_t>(static_cast<std::uint32_t>(packed) >> 16U);
}
constexpr std::uint16_t columns_of(std::int32_t packed) { return static_cast<std::uint16_t>(packed & 0xffff); }

}  // namespace labreel
