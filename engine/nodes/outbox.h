// Outbox: messages on their way out of a socket; a slow reader never makes who sends them wait.
#pragma once

#include <deque>

#include "engine/nodes/message.h"

namespace labreel {

class Outbox {
 public:
  explicit Outbox(int socket) : socket_(socket) {}

  // Sends the message, or keeps it for flush().
  void push(Message message);
  // Sends what the socket takes now.
  void flush();
  bool is_empty() const { return waiting_.empty(); }
  // The peer read no more when something was sent.
  bool is_peer_gone() const { return peer_gone_; }

 private:
  int socket_;
  bool peer_gone_ = false;
  std::deque<Message> waiting_;
};

}  // namespace labreel
