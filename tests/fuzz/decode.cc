// Fuzz target: any frame has layers one behind the other, with fields that lie in them and cannot break out of a line; a
// connection's follower takes them all.
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/core/check.h"
#include "engine/text/json_reader.h"
#include "engine/text/json_writer.h"
#include "engine/text/text.h"
#include "replay/decode/decode.h"
#include "replay/decode/tcp_follower.h"

namespace labreel {
namespace {

void check(const DecodedFrame& decoded, std::size_t size) {
  std::size_t behind = 0;
  LABREEL_CHECK(!decoded.layers.empty() && decoded.layers.size() <= 65);
  for (const Layer& layer : decoded.layers) {
    LABREEL_CHECK(layer.offset >= behind);
    behind = std::size_t{layer.offset} + layer.length;
    LABREEL_CHECK(behind <= size);
    LABREEL_CHECK(printable(layer.title) == layer.title);
    for (const Field& field : layer.fields) {
      LABREEL_CHECK(field.offset >= layer.offset && std::size_t{field.offset} + field.length <= behind);
      LABREEL_CHECK(printable(field.value) == field.value);
    }
  }
}

}  // namespace
}  // namespace labreel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const labreel::Bytes frame = std::as_bytes(std::span{data, size});
  labreel::DecodedFrame decoded = labreel::decode_frame(frame);
  labreel::check(decoded, size);
  labreel::JsonWriter json;
  json.begin_object();
  labreel::write_layers(json, decoded);
  json.end_object();
  LABREEL_CHECK(labreel::read_json(json.take()).ok());
  labreel::TcpFollower follower;
  follower.follow(decoded, frame, 1);
  labreel::DecodedFrame again = labreel::decode_frame(frame);
  follower.follow(again, frame, 2);
  labreel::check(again, size);
  return 0;
}
