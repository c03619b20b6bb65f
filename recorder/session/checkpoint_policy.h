// CheckpointPolicy: when the fabric's state is due in a recording, by what was recorded since the last one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace labreel {

// So that any position is near a checkpoint: folding 20,000 frames takes some milliseconds.
inline constexpr std::uint64_t kCheckpointFrames = 20'000;
// A lab without so many frames gets one after this lab time, if it had any.
inline constexpr std::uint64_t kCheckpointInterval_ns = 10'000'000'000;
// A longer state is left out: it would not be near any more, and an event must find room in the ring.
inline constexpr std::size_t kCheckpointBytes_max = 16U << 20U;

// Shape: depends on nothing but the numbers that it is given, so that a lab in virtual time gets the same checkpoints on
//        every run.
class CheckpointPolicy {
 public:
  // Says whether one is due now, when the lab has had `frames` frames.
  bool is_due(std::uint64_t frames) const { return frames >= next_; }
  // Says whether one would tell more than the last.
  bool has_news(std::uint64_t frames) const { return frames != last_; }
  // Takes note that one of `bytes` bytes was made at `frames` frames. A frame's event has about 100 bytes at least; so a
  // frame for every 4 bytes of a large state keeps checkpoints to a few percent of a reel.
  void made(std::uint64_t frames, std::size_t bytes) {
    last_ = frames;
    next_ = frames + std::max<std::uint64_t>(kCheckpointFrames, bytes / 4);
  }

 private:
  std::uint64_t last_ = 0;
  std::uint64_t next_ = kCheckpointFrames;
};

}  // namespace labreel
