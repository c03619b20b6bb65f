#include "recorder/extcap/follow_packets.h"

namespace labreel {

using std::chrono::milliseconds;

Result<bool> follow_packets(ControlClient& asked, LiveTail& tail, LivePackets& packets, milliseconds interval,
                            const std::function<bool(milliseconds)>& idle) {
  for (;;) {
    const auto is_there = packets.take_new(asked, tail);
    if (!is_there) return is_there.error();
    if (!*is_there) return true;
    if (!idle(interval)) return false;
    auto more = tail.wait_for_more(milliseconds{0});
    while (more && !*more && !packets.waits_for_time()) {
      if (!idle(milliseconds{0})) return false;
      more = tail.wait_for_more(interval);
    }
    if (!more) return true;
  }
}

}  // namespace labreel
