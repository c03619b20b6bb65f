// SuperFrame: frames of one TCP stream that are due together, joined into what a card would have given its node whole.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "engine/core/event.h"
#include "engine/transports/offload_header.h"
#include "engine/transports/tcp_head.h"
#include "engine/transports/transport.h"

namespace labreel {

// Shape: the reverse of Arrival: frames are joined only if cutting the whole would give the very same bytes again. So a frame
//        that is damaged, reordered or of another stream is never hidden in one.
class SuperFrame {
 public:
  // Joins as many of the first frames as go together, at least the first alone, and returns how many.
  std::size_t join(std::span<const Bytes> frames);

  // Gives as many of the first frames as go together to `write`; if it does not take them, the first alone.
  template <class Write>
  Transport::Sent send(std::span<const Bytes> frames, Write&& write) {
    const std::size_t count = join(frames);
    if (write(parts())) return {count, true};
    if (count == 1) return {1, false};
    join(frames.first(1));
    return {1, write(parts())};
  }

  // What is to be written at one go for them: an OffloadHeader and what lies behind it, valid as long as the frames are.
  std::span<const iovec> parts() const { return {parts_.data(), used_}; }

 private:
  static constexpr std::size_t kFrames_max = 64;
  static constexpr std::size_t kPacketBytes_max = 65'535;  // what IP can say

  void set_alone(Bytes frame);
  std::size_t count_joined(std::span<const Bytes> frames);
  std::size_t count_alike(std::span<const Bytes> frames) const;
  bool is_next(Bytes frame, std::size_t number, std::size_t offset) const;

  std::optional<TcpHead> head_;
  OffloadHeader offloads_;
  std::array<std::byte, 2'048> alone_{};  // begins with a header of zeros
  std::array<std::byte, TcpHead::kBytes_max> whole_head_;
  std::array<iovec, kFrames_max + 2> parts_;
  std::size_t used_ = 0;
};

}  // namespace labreel
