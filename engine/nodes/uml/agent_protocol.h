// Messages between a uml node's driver and the agent in the guest, over a virtio serial port.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace labreel {

enum class AgentMessageKind : std::uint8_t {
  // from the agent
  ready = 1,  // the machine is as its spec says, its ports still down
  failed,     // it cannot be; body: why
  printed,    // id: exec; detail: Stream; body: bytes
  ended,      // id: exec or console; detail: status
  // from the driver
  go,    // put the ports up
  exec,  // id: exec; body: words, each ended by NUL
  kill,  // id: exec or console
  stop,  // end all programs and switch off
  // consoles: from the driver, but the last
  console,  // id: exec; detail: packed_size; body: words, each ended by NUL
  typed,    // id: exec; body: bytes
  resize,   // id: exec; detail: packed_size
  shown,    // id: exec; body: bytes
};
inline constexpr std::uint8_t kAgentMessageKindLast = static_cast<std::uint8_t>(AgentMessageKind::shown);
inline constexpr std::uint32_t kAgentBodyMax_bytes = 8U << 20U;

struct AgentMessage {
  AgentMessageKind kind{};
  std::uint32_t id = 0;
  std::int32_t detail = 0;
  std::string body;
};

// Shape: kind (1 byte), 3 zero bytes, id, detail and length of the body (4 bytes each, host order), body.
std::string encode(const AgentMessage& message);

// Cuts a stream of bytes into messages.
class AgentReader {
 public:
  void feed(std::string_view bytes) { bytes_ += bytes; }
  // Returns the next whole message, if it is there.
  //
  // Errors: bytes that encode() does not make.
  Result<std::optional<AgentMessage>> next();

 private:
  std::string bytes_;
  std::size_t read_ = 0;
};

}  // namespace labreel
