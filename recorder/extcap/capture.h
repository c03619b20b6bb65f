// One capture for Wireshark: of a reel, replayed, or of a running lab, as it comes.
#pragma once

#include <string>

namespace labreel {

// What Wireshark (or tshark) asked for.
//
// Shape: `interface` is as the listing gave it; see interfaces.h.
struct CaptureWords {
  std::string interface;
  std::string fifo;
  std::string filter;
  std::string from;  // a position; empty: a reel's beginning, a running lab's present
  std::string port;
  std::string control_in;
  std::string control_out;
  double speed = 1;
  bool with_events = false;
  bool all_ports = false;  // TCP, too, is a packet at each port that it crosses
};

// Writes pcapng into the FIFO until the recording ends or nobody reads it.
//
// Errors: VerbError, std::system_error; the FIFO is open by then, since tshark would wait for ever for one that is not.
void capture(const CaptureWords& words);

}  // namespace labreel
