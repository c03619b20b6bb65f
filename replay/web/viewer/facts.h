// ViewerFacts: what a page is told of a recording beside its pages, as JSON at the head of the stream.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "replay/projection/recorded_ports.h"

namespace labreel {

// Source: replay/web/README.md, "The recording as one stream".
struct ViewerFacts {
  std::string name = {};       // for a title
  std::string file = {};       // the reel's, without folders
  std::string labreel = {};    // the version that wrote the stream
  std::uint32_t format_version = 0;
  bool complete = false;       // the recording ends where the lab did
  std::string end = {};        // how it ends, a sentence
  std::optional<std::string> digest = {};
  Seq at = {};                 // where the page opens; none: at the start
  std::vector<HostNote> notes = {};
  RecordedPorts ports = {};
};

// Reads facts. Shape: what is not there is as it is by default; what is not known is passed over.
// Errors: what is no JSON object, or has a member of another kind.
Result<ViewerFacts> facts_of(std::string_view json);

}  // namespace labreel
