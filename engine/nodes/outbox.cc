#include "engine/nodes/outbox.h"

#include <utility>

namespace labreel {

void Outbox::push(Message message) {
  waiting_.push_back(std::move(message));
  flush();
}

void Outbox::flush() {
  while (!waiting_.empty()) {
    const Sent sent = send_message(socket_, waiting_.front(), false);
    if (sent == Sent::full) return;
    if (sent == Sent::gone) peer_gone_ = true;
    waiting_.pop_front();
  }
}

}  // namespace labreel
