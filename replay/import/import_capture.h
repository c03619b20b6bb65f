// Import of a capture: its interfaces become ports, its packets frames, in a reel of the view level.
//
// Shape: a frame of labreel's own export is put together again: the sender's packet, a copy for each receiver's
//        packet, a dropped copy for each comment that tells of one. In any other capture a packet is a frame of its
//        own: sent by its interface's port, or, where the file says that it came in there, sent by `elsewhere:any` and
//        delivered at once.
// Source: FORMAT.md, "Imported captures".
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "replay/import/captured_file.h"

namespace labreel {

struct ImportReport {
  std::uint64_t packets = 0;  // read
  std::uint64_t frames = 0;   // made of them
  bool interrupted = false;
  std::vector<std::string> words;  // what is not as the file had it, one sentence each
};

// What the reel says of where it came from.
struct ImportSource {
  std::string file_name;  // without folders
  std::string lab;        // the lab's name, unless the capture names one
};

// Says whether there is something to import: before a reel is made.
//
// Errors: no packet of it is an Ethernet frame (each other link type is named).
Status check_importable(const CapturedFile& file);

// Appends the lab and all frames to a reel. Tells `interrupted` now and then how many packets are done; true ends the import.
//
// Errors: std::system_error of the sink.
ImportReport import_capture(const CapturedFile& file, const ImportSource& source, EventSink& sink,
                            const std::function<bool(std::uint64_t packets)>& interrupted);

}  // namespace labreel
