// The interfaces that Wireshark lists: one a running lab and one a port of it, and one a reel.
#pragma once

#include <string>
#include <vector>

#include "engine/core/result.h"

namespace labreel {

struct CaptureInterfaceName {
  std::string value;    // "labreel:demo", "labreel:demo:r1:eth1", "labreel:demo.reel"
  std::string display;  // for people
};

// What an interface's value stands for: a lab, perhaps one port of it, or a reel.
struct CaptureTarget {
  std::string lab;
  std::string port;
  std::string reel;
};

// Lists running labs and their ports, then reels: those that LABREEL_REELS names (reels, or folders of them, with `:`
// between), else those of the folder where Wireshark was started; the newest 20.
//
// Shape: Wireshark asks whenever it lists interfaces, so no reel is opened, and what does not answer is left out.
std::vector<CaptureInterfaceName> capture_interfaces();

// Errors: Error{usage} for a value that no listing gives.
Result<CaptureTarget> capture_target_of(const std::string& value);

}  // namespace labreel
