#include "recorder/extcap/live_packets.h"

namespace labreel {

LivePackets::Held::Held(const Event& given) : event(given) {
  auto* const frame = std::get_if<Frame>(&event.body);
  if (frame == nullptr) return;
  bytes.assign(frame->bytes.begin(), frame->bytes.end());
  copies.assign(frame->copies.begin(), frame->copies.end());
  frame->bytes = bytes;
  frame->copies = copies;
}

void LivePackets::hold(const Event& event) {
  if (event.seq > surveyed_) survey_.take(event);
  read_now_.push_back(std::make_unique<Held>(event));
}

Status LivePackets::write(const HeldEvents& events) {
  for (const auto& held : events) {
    if (Status taken = merge_.take(held->event); !taken) return taken;
  }
  return ok_status();
}

Result<bool> LivePackets::take_new(ControlClient& asked, LiveTail& tail) {
  const auto status = asked.status();  // before the events: all that happened until then are among them
  const auto read = tail.read_new([&](const Event& event) {
    hold(event);
    return true;
  });
  survey_.outcomes.finish();
  for (const auto& held : read_now_) merge_.look_ahead(held->event);
  if (Status written = write(read_before_); !written) return std::move(written).error();
  if (Status delivered = merge_.deliver(read_until_); !delivered) return std::move(delivered).error();
  read_before_ = std::move(read_now_);
  read_now_.clear();
  if (!read || !status) return false;
  read_until_ = LabTime{status->time_ns};
  return true;
}

Status LivePackets::take_rest(EventSource& events) {
  Event event;
  for (;;) {
    const auto more = events.next(event);
    if (!more) return more.error();
    if (!*more) break;
    hold(event);
  }
  survey_.outcomes.finish();
  for (const auto& held : read_now_) merge_.look_ahead(held->event);
  if (Status written = write(read_before_); !written) return written;
  if (Status written = write(read_now_); !written) return written;
  return merge_.deliver(survey_.outcomes.end());
}

}  // namespace labreel
