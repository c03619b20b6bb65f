// Arrival: what one read of a port brought, as the frames of a wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/core/event.h"
#include "engine/transports/offload_header.h"
#include "engine/transports/tcp_head.h"

namespace labreel {

// Shape:  a transport reads into room() and says with hold() what is there: a frame, or a super-frame, which a node's stack
//         hands over whole because its card is said to cut it. next() then gives the frames that a wire would carry, each
//         with finished checksums, as the kernel would have cut them.
// Source: linux net/ipv4/tcp_offload.c.
class Arrival {
 public:
  Arrival() : buffer_(kBytes) {}

  // Where a transport reads a frame to, with what stands before it.
  std::span<std::byte> room() { return buffer_; }

  // There is a frame of `length` bytes, `begin` bytes into room(), to be treated as its header says.
  //
  // Errors: false if header and frame do not fit together: then there is none.
  bool hold(std::size_t begin, std::size_t length, const OffloadHeader& header = {});

  // Gives the next frame, valid until the next call; false if there is none left.
  bool next(Bytes& frame);

 private:
  static constexpr std::size_t kBytes = 1U << 17U;  // more than any interface can send at once

  bool hold_segments(const OffloadHeader& header);
  Bytes cut_next();

  std::vector<std::byte> buffer_;
  std::span<std::byte> whole_;        // what is left: a frame, or a super-frame that is cut from its front
  std::optional<TcpHead> head_;       // of a super-frame
  std::size_t segment_bytes_ = 0;     // of payload
  std::uint32_t offset_ = 0;          // of the next frame's payload, from the first's
  std::uint16_t number_ = 0;          // of the next frame
};

}  // namespace labreel
