// One-line summaries of frames, in the wording that Wireshark's users know.
#pragma once

#include <cstdint>
#include <string>

#include "engine/core/event.h"

namespace labreel {

// Returns a frame in one line, such as "ARP Who has 10.0.0.2? Tell 10.0.0.1".
//
// Shape:  the innermost protocol that is understood. No state is kept between frames: TCP's sequence numbers are those
//         on the wire. No byte of a frame can put a control character into the line.
// Units:  `length` is the frame's on the wire; where fewer bytes are there, or fewer than its headers promise, the line
//         ends in "[truncated]".
// Errors: none; any bytes give a line.
std::string summarise_frame(Bytes frame, std::uint32_t length);

}  // namespace labreel
