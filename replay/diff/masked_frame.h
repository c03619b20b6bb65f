// A frame's bytes without what a comparison is to pass over.
#pragma once

#include <string>

#include "engine/core/event.h"
#include "replay/diff/aspects.h"

namespace labreel {

// Returns the bytes with zeros for what is ignored (mac, numbers), and without what IP's payload carries (payload).
//
// Shape: headers as packet_fields() finds them; what it does not know is left as it is. Group addresses stay. MAC
//        addresses deeper in a packet (IPv6's neighbour discovery) stay, too.
std::string masked_frame(Bytes frame, Aspects ignored);

}  // namespace labreel
