#include "replay/byte_sink.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "engine/os/system_call.h"

namespace labreel {

bool FileSink::write(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = retried([&] { return ::write(fd_, bytes.data(), bytes.size()); });
    if (written < 0 && errno == EPIPE) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(checked("write " + name_, written)));
  }
  return true;
}

void OutputBuffer::put_across(Bytes bytes) {
  while (!bytes.empty()) {
    if (used_ == kBytes) flush();
    const std::size_t count = std::min(bytes.size(), kBytes - used_);
    std::memcpy(buffer_.get() + used_, bytes.data(), count);
    used_ += count;
    bytes = bytes.subspan(count);
  }
}

void OutputBuffer::put_zeros(std::size_t count) {
  for (; count > 0; --count) put(std::uint8_t{0});
}

void OutputBuffer::flush() {
  if (used_ > 0 && !closed_) closed_ = !sink_.write(Bytes(buffer_.get(), used_));
  used_ = 0;
}

}  // namespace labreel
