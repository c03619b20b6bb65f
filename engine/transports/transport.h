// Transport: how one port's frames enter and leave the engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/core/event.h"

namespace labreel {

// Shape: one per port, used from the loop's thread.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  // What epoll watches for arriving frames.
  virtual int fd() const = 0;

  enum class Received { frame, nothing, closed };
  // Reads one frame into `buffer` and sets `length`; never waits.
  virtual Received receive(std::span<std::byte> buffer, std::size_t& length) = 0;
  // Gives one frame to the node; false if its socket would not take it (full, interface down, gone). Never waits.
  virtual bool send(Bytes frame) = 0;
  // Frames that the kernel dropped before we could read them, since the start; polled.
  virtual std::uint64_t dropped_before_us() = 0;
};

}  // namespace labreel
