#include "engine/nodes/uml/agent_protocol.h"

#include <cstring>

namespace labreel {
namespace {

struct Header {
  std::uint8_t kind = 0;
  std::uint8_t zero[3] = {0, 0, 0};
  std::uint32_t id = 0;
  std::int32_t detail = 0;
  std::uint32_t length = 0;
};
static_assert(sizeof(Header) == 16);

constexpr std::size_t kForget_bytes = 1U << 16U;

}  // namespace

std::string encode(const AgentMessage& message) {
  Header header;
  header.kind = static_cast<std::uint8_t>(message.kind);
  header.id = message.id;
  header.detail = message.detail;
  header.length = static_cast<std::uint32_t>(message.body.size());
  std::string bytes(sizeof header, '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes + message.body;
}

Result<std::optional<AgentMessage>> AgentReader::next() {
  const std::string_view rest = std::string_view(bytes_).substr(read_);
  Header header;
  if (rest.size() < sizeof header) return std::optional<AgentMessage>{};
  std::memcpy(&header, rest.data(), sizeof header);
  if (header.kind == 0 || header.kind > kAgentMessageKindLast || header.length > kAgentBodyMax_bytes ||
      (header.zero[0] | header.zero[1] | header.zero[2]) != 0) {
    return Error{ErrorKind::lab, "the guest's agent sends what is no message"};
  }
  if (rest.size() - sizeof header < header.length) return std::optional<AgentMessage>{};
  AgentMessage message{static_cast<AgentMessageKind>(header.kind), header.id, header.detail,
                       std::string(rest.substr(sizeof header, header.length))};
  read_ += sizeof header + header.length;
  if (read_ == bytes_.size() || read_ > kForget_bytes) {
    bytes_.erase(0, read_);
    read_ = 0;
  }
  return std::optional<AgentMessage>(std::move(message));
}

}  // namespace labreel
