// Fuzz target: any bytes from a guest's agent, cut into pieces anyhow, are messages that encode() makes, or are
// refused; where they are cut changes nothing.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/core/check.h"
#include "engine/nodes/uml/agent_protocol.h"

namespace labreel {
namespace {

// What a reader makes of the bytes, written again; ends with a mark where it refuses them.
std::string read_in_pieces(std::string_view bytes, std::size_t piece) {
  AgentReader reader;
  std::string again;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(bytes.substr(at, piece));
    for (;;) {
      const auto message = reader.next();
      if (!message) {
        LABREEL_CHECK(message.error().kind == ErrorKind::lab);
        return again + "refused";
      }
      if (!*message) break;
      LABREEL_CHECK((*message)->body.size() <= kAgentBodyMax_bytes);
      again += encode(**message);
    }
  }
  LABREEL_CHECK(bytes.starts_with(again));
  return again;
}

}  // namespace
}  // namespace labreel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const std::string whole = labreel::read_in_pieces(bytes, std::max<std::size_t>(size, 1));
  LABREEL_CHECK(labreel::read_in_pieces(bytes, 1) == whole);
  LABREEL_CHECK(labreel::read_in_pieces(bytes, 7) == whole);
  return 0;
}
