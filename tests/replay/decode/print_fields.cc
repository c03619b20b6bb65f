// Prints the fields of a capture's frames, its TCP connections followed, one a line, for compare.py: frame, layer, name, offset, length, value.
// Usage: print_fields FILE
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "replay/decode/decode.h"
#include "replay/decode/tcp_follower.h"
#include "replay/import/captured_file.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ifstream file{argv[1], std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  const auto capture = labreel::read_captured_file(std::as_bytes(std::span{bytes}));
  if (!capture.ok() || capture->end) return 1;
  labreel::TcpFollower follower;
  int number = 0;
  for (const labreel::CapturedPacket& packet : capture->packets) {
    ++number;
    labreel::DecodedFrame decoded = labreel::decode_frame(packet.bytes);
    follower.follow(decoded, packet.bytes, packet.time_ns);
    for (const labreel::Layer& layer : decoded.layers) {
      for (const labreel::Field& field : layer.fields) {
        std::printf("%d\t%s\t%s\t%u\t%u\t%s\n", number, layer.name.c_str(), field.name.c_str(), field.offset, field.length,
                    field.value.c_str());
      }
    }
  }
}
