// ToldRecording: all that a recorder tells of its recording, so that it can be read without it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "recorder/control/control_client.h"

namespace labreel {

// Shape: pages and notes as ReelReader::from_pages takes them; nothing of them was looked at.
struct ToldRecording {
  std::vector<std::string> pages;
  std::vector<HostNote> notes;
};

// Asks for pages until there are no more, and for the notes.
//
// Shape: `most_bytes` says how much a recording can have by now; it is asked after each answer, since the recording grows.
// Errors: Error{lab} if the recorder tells more than that, or what ControlClient says.
Result<ToldRecording> ask_for_recording(ControlClient& recorder, const std::function<std::uint64_t()>& most_bytes);

}  // namespace labreel
