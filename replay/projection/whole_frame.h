// WholeFrame: a recorded frame as long as it was on the wire, for the fabric.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

// Shape: where --lossy cut a frame short, zeros stand for what was cut off: the fabric looks at a frame's addresses and
//        its length, nothing else. So what it delivers is not what the node got, and no state that holds such bytes is
//        a checkpoint (FORMAT.md, "What --lossy leaves out").
class WholeFrame {
 public:
  // Borrows from the frame or from this object, until the next call.
  Bytes of(const Frame& frame) {
    if (frame.length <= frame.bytes.size()) return frame.bytes;
    whole_.assign(std::max(frame.bytes.size(), std::min<std::size_t>(frame.length, kBytes_max)), std::byte{0});
    std::copy(frame.bytes.begin(), frame.bytes.end(), whole_.begin());
    return whole_;
  }

 private:
  // Longer than any port carries: all such lengths are decided alike, and a hostile one must not cost memory.
  static constexpr std::size_t kBytes_max = 1U << 17U;
  std::vector<std::byte> whole_;
};

}  // namespace labreel
