// The page and a recording in one HTML file: it opens from anywhere, and needs neither network nor installation.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "replay/byte_sink.h"
#include "replay/projection/recorded_ports.h"

namespace labreel {

// What the page must know of a recording and cannot read from its events.
struct RecordingFacts {
  std::string lab;
  std::string file;     // the reel's name, without folders
  std::string labreel;  // the version that wrote the HTML file
  std::uint32_t format_version = 0;
  bool complete = false;
  std::string end;                    // how the recording ends, for people
  std::optional<std::string> digest;  // that the reel claims for its end
  Seq at;                             // where the page opens; none: at the start
  std::vector<HostNote> notes;
  RecordedPorts ports;
};
// One JSON object.
std::string to_json(const RecordingFacts& facts);

// Gives a reel's pages, plain and in order, one after another: ReelReader::each_page.
using EachPage = std::function<Status(const std::function<Status(Bytes)>&)>;

// A browser holds no longer string, and the recording is one in its file.
inline constexpr std::uint64_t kHtmlRecording_max = 400 << 20;

// Writes the page (built/page.html, as it is) with a recording in it.
//
// Shape:  memory does not grow with the recording. Nothing of the recording can end the element that it lies in.
// Errors: what `each_page` says; a page without the places that a recording fills; one that is longer than
//         kHtmlRecording_max; of the sink, as ByteSink::write throws.
Status write_html(std::string_view page, const RecordingFacts& facts, const EachPage& each_page, ByteSink& sink);

}  // namespace labreel
