// FrameFields: the layers and fields of a recording's frames, its TCP connections followed cable by cable.
#pragma once

#include "engine/core/event.h"
#include "engine/core/topology.h"
#include "replay/decode/decode.h"
#include "replay/decode/tcp_follower.h"

namespace labreel {

// Shape: given every frame of the recording in order, TCP's relative numbers and judgements are right from the start; given
//        only some, they are those of what it saw.
class FrameFields {
 public:
  // `topology` is the lab just before the frame: it says on which cable its port is.
  DecodedFrame of(const Event& event, const Frame& frame, const Topology& topology);

 private:
  TcpFollower follower_;
};

}  // namespace labreel
