// labreel replay --into PORT: recorded frames into a live node.
#pragma once

#include <string>

#include "recorder/verbs/event_choice.h"
#include "store/reel_reader.h"

namespace labreel {

struct IntoOptions {
  EventChoice choice;
  std::string port;  // "h1:eth0": in the reel and in the running lab
  std::string lab;   // which running lab, if there are several
  double speed = 1;  // 0: as fast as the lab takes them
};

// Sends the frames that were delivered to the port into the same port of the running lab, paced by absolute deadlines, and says
// how far off their times were, and how the node's answers compare with those of the reel.
//
// Shape:  each frame is an `inject` command of that lab's recording, and the cause of the frame that it makes; on a link it
//         comes from the port's peer, on a lan from the port that sent it then. Returns the exit code.
// Errors: throws VerbError: no such port, nothing to send, a lab that refuses, damage.
// Source: ARCHITECTURE.md, "Levels of replay": inject.
int replay_into(const IntoOptions& options, const std::string& path, const ReelReader& reel, const volatile bool& stop);

}  // namespace labreel
