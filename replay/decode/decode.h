// A frame taken apart: its layers, and in each the fields with the bytes that they stand in, named as Wireshark names them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

class JsonWriter;

// One value of a header.
//
// Shape: `value` is the value as Wireshark shows it, then, if it has a name, the name in brackets: "6 (TCP)". No byte of a
//        frame can put a control character into it. A field that stands for parts of itself comes before them; their
//        `level` is one more.
// Units: `offset` and `length` in bytes of the frame; what was computed has length 0 or the bytes that it was computed from.
struct Field {
  std::string name;   // "ip.src"
  std::string label;  // "Source Address"
  std::string value;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::uint8_t level = 0;
};

// A header, or what a protocol says in the end. Its fields lie within it.
struct Layer {
  std::string name;   // "ip"
  std::string title;  // "Internet Protocol Version 4"; ends in "[truncated]" where bytes are missing
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::vector<Field> fields;
};

// The layers as they lie in the frame, the outermost first; none begins before the end of the one before.
struct DecodedFrame {
  std::vector<Layer> layers;
};

// Takes a frame apart, from its Ethernet header on.
//
// Shape:  nothing is kept between frames: TCP's numbers are those on the wire. What no protocol here understands is the layer
//         `data`. At most 64 layers and 4,096 fields: a frame that has more ends in a layer whose title says so.
// Errors: none; any bytes give layers.
DecodedFrame decode_frame(Bytes frame);

// Writes the member `layers`: [{"name","title","offset","length","fields":[{"name","label","value","offset","length","level"}]}].
void write_layers(JsonWriter& json, const DecodedFrame& frame);

}  // namespace labreel
