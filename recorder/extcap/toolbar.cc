#include "recorder/extcap/toolbar.h"

#include <fcntl.h>

#include <array>

#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr std::size_t kHeader_bytes = 6;
constexpr std::size_t kLengthCovers_bytes = 2;  // the control and the command; then the payload

}  // namespace

Toolbar::Toolbar(const std::string& control_in, const std::string& control_out) {
  if (!control_in.empty()) {
    in_ = OwnedFd{checked("open " + control_in, ::open(control_in.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC))};
  }
  if (!control_out.empty()) {  // on Linux a FIFO that is opened for both never waits for its other end
    out_ = OwnedFd{checked("open " + control_out, ::open(control_out.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC))};
  }
}

void Toolbar::read(const std::function<void(ToolbarControl)>& pressed) {
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t count = retried([&] { return ::read(in_.get(), buffer.data(), buffer.size()); });
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
      in_.reset();
      return;
    }
    unread_.append(buffer.data(), static_cast<std::size_t>(count));
    while (take_message(pressed)) {
    }
    if (!in_.is_open()) return;
  }
}

bool Toolbar::take_message(const std::function<void(ToolbarControl)>& pressed) {
  if (unread_.size() < kHeader_bytes) return false;
  const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(unread_[at])); };
  const std::size_t length = byte(1) << 16U | byte(2) << 8U | byte(3);
  if (unread_[0] != 'T' || length < kLengthCovers_bytes) {
    in_.reset();
    return false;
  }
  const std::size_t whole = kHeader_bytes + length - kLengthCovers_bytes;
  if (unread_.size() < whole) return false;
  const std::size_t control = byte(4);
  // Wireshark says `initialized` with every control's value before the first packet; only a press is `set`.
  const bool is_press = byte(5) == static_cast<std::size_t>(ToolbarCommand::set);
  unread_.erase(0, whole);
  if (is_press && control <= static_cast<std::size_t>(ToolbarControl::step)) {
    pressed(static_cast<ToolbarControl>(control));
  }
  return true;
}

void Toolbar::show_status(std::string_view text) const {
  if (!out_.is_open()) return;
  const std::size_t length = text.size() + kLengthCovers_bytes;
  std::string message{'T',
                      static_cast<char>(length >> 16U),
                      static_cast<char>(length >> 8U),
                      static_cast<char>(length),
                      '\0',
                      static_cast<char>(ToolbarCommand::status_bar)};
  message += text;
  // A status that nobody reads in time is left out.
  static_cast<void>(retried([&] { return ::write(out_.get(), message.data(), message.size()); }));
}

}  // namespace labreel
