// follow_packets: writes the packets of a running lab as its recorder tells that there are more.
#pragma once

#include <chrono>
#include <functional>

#include "recorder/extcap/live_packets.h"

namespace labreel {

// Returns true at the lab's end, or if its recorder is gone: the rest is in the file. False as soon as `idle`, which waits for
// that long at most, wants no more.
//
// Shape:  between two looks there is one `interval` at least. A lab in which nothing happens is not asked: the recorder tells of
//         news. One of an older version cannot, and is looked at after each interval.
// Errors: what the events or the writer do not allow.
Result<bool> follow_packets(ControlClient& asked, LiveTail& tail, LivePackets& packets, std::chrono::milliseconds interval,
                            const std::function<bool(std::chrono::milliseconds)>& idle);

}  // namespace labreel
