// Layers and fields as lines for people, and the bytes that they stand in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "replay/decode/decode.h"

namespace labreel {

// One line a layer and a field: "Internet Protocol Version 4", "  Source Address: 10.0.0.1   ip.src". No line has a control
// character.
std::vector<std::string> layer_lines(const DecodedFrame& frame);

// Where the layer or field of each such line stands in the frame.
struct LinePlace {
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};
std::vector<LinePlace> line_places(const DecodedFrame& frame);

// "0010  45 00 00 54 26 b1 40 00  40 01 fd f7 0a ff 00 01  E..T&.@. @......."; 16 bytes a line.
std::vector<std::string> byte_lines(Bytes bytes);

}  // namespace labreel
