#include "replay/decode/decode.h"

#include "engine/text/json_writer.h"
#include "replay/decode/protocols.h"

namespace labreel {
namespace decode {
namespace {

// What stands behind the packet: short frames are filled up.
void trailer(Walk& walk, Bytes frame) {
  constexpr std::size_t kPadded = 60;
  const Bytes behind = walk.trailer();
  if (behind.empty() || walk.is_full()) return;
  const bool pads = frame.size() <= kPadded;
  Fields fields{walk, behind, "eth.trailer", pads ? "Ethernet padding" : "Ethernet trailer"};
  fields.bytes(behind.size(), pads ? "eth.padding" : "eth.trailer", pads ? "Padding" : "Trailer");
}

}  // namespace
}  // namespace decode

DecodedFrame decode_frame(Bytes frame) {
  DecodedFrame decoded;
  decode::Walk walk{frame, decoded};
  decode::ethernet(walk, frame);
  decode::trailer(walk, frame);
  return decoded;
}

void write_layers(JsonWriter& json, const DecodedFrame& frame) {
  json.key("layers").begin_array();
  for (const Layer& layer : frame.layers) {
    json.begin_object().key("name").value(layer.name).key("title").value(layer.title);
    json.key("offset").value(layer.offset).key("length").value(layer.length).key("fields").begin_array();
    for (const Field& field : layer.fields) {
      json.begin_object().key("name").value(field.name).key("label").value(field.label).key("value").value(field.value);
      json.key("offset").value(field.offset).key("length").value(field.length);
      json.key("level").value(unsigned{field.level}).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

}  // namespace labreel
