// Transport: how one port's frames enter and leave the engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/core/event.h"
#include "engine/transports/arrival.h"

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
  // Reads once, into `arrival`, which then holds one frame or more of the wire; never waits.
  virtual Received receive(Arrival& arrival) = 0;

  struct Sent {
    std::size_t frames = 1;
    bool accepted = false;  // false: the node's socket would not take them (full, interface down, gone)
  };
  // Gives the first frame to the node, and as many behind it as go with it. Never waits.
  //
  // Shape: `frames` are due together, in order, and at least one. To the node it makes no difference which of them go together.
  virtual Sent send_together(std::span<const Bytes> frames) = 0;
  // Gives one frame to the node; false if its socket would not take it.
  bool send(Bytes frame) { return send_together(std::span(&frame, 1)).accepted; }

  // Frames that the kernel dropped before we could read them, since the start; polled.
  virtual std::uint64_t dropped_before_us() = 0;
};

}  // namespace labreel
