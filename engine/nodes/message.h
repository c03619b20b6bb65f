// Messages between the engine, the spawner and a node's init, over SOCK_SEQPACKET sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/nodes/node_spec.h"
#include "engine/os/owned_fd.h"

namespace labreel {

enum class MessageKind : std::uint8_t {
  // requests, from the engine
  start,  // body: encode_spec
  stop,
  pause,
  resume,
  exec,         // id: exec; body: encode_words; fds: stdout, stderr
  kill_exec,    // id: exec
  add_port,     // body: encode_interface
  remove_port,  // id: port
  leave,        // answers `quiet`: its ports are read to their end
  // answers, from a node's init or the spawner
  port_ready,      // id: port; fds: the TAP; several of them come before `up`
  up,              // fds: the route socket
  failed,          // body: error
  exec_ended,      // id: exec; status
  port_changed,    // id: port; body: error; fds: the TAP, if there is no error
  down,            // status: 1 if asked; body: why
  console,         // request; id: exec; status: packed_size; body: encode_words
  console_opened,  // answer; id: exec; fds: the terminal's master
  paused,          // answer: every process of the node has its SIGSTOP
  crash,           // request
  quiet,           // answer: it was stopped, no process of it is left, its ports still hold what they sent; then `leave`
};
inline constexpr MessageKind kMessageKindLast = MessageKind::quiet;

// Shape: a body of any size up to kMessageBodyMax: a long one travels in a memfd, since a packet must fit a buffer.
struct Message {
  MessageKind kind{};
  NodeId node{};
  std::uint32_t id = 0;
  std::int32_t status = 0;
  std::string body;
  std::vector<OwnedFd> fds;
};
inline constexpr std::size_t kMessageBodyMax = std::size_t{256} << 20U;
inline constexpr std::size_t kMessageFdsMax = 4;

enum class Sent { done, full, gone };
// Sends one message; `full` only if `wait` is false.
//
// Errors: std::system_error for all but a full or closed socket.
Sent send_message(int socket, const Message& message, bool wait);

enum class Arrived { message, nothing, closed, malformed };
// Takes one message without waiting; everything about it is checked, so that a peer gone mad does no harm.
Arrived receive_message(int socket, Message& message);

std::string encode_words(const std::vector<std::string>& words);
std::optional<std::vector<std::string>> decode_words(std::string_view body);
std::string encode_interface(const InterfaceSpec& interface);
std::optional<InterfaceSpec> decode_interface(std::string_view body);
std::string encode_spec(const NodeSpec& spec);
std::optional<NodeSpec> decode_spec(std::string_view body);

}  // namespace labreel
