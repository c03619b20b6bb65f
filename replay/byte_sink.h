// ByteSink: where an export's bytes go, and OutputBuffer, which gathers them into large writes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "engine/core/event.h"

namespace labreel {

class ByteSink {
 public:
  ByteSink() = default;
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;
  virtual ~ByteSink() = default;
  // Takes all the bytes; false if nobody reads them any more, which is no error: stop.
  //
  // Errors: throws std::system_error that names the file.
  virtual bool write(Bytes bytes) = 0;
};

// Writes to a file descriptor that the caller owns.
//
// Shape: `name` is for the error message. A closed pipe is "nobody reads any more" if the program ignores SIGPIPE.
class FileSink : public ByteSink {
 public:
  FileSink(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  bool write(Bytes bytes) override;

 private:
  int fd_;
  std::string name_;
};

// Gathers bytes, little endian, and hands them on 256 KiB at a time: what a processor keeps near.
class OutputBuffer {
 public:
  explicit OutputBuffer(ByteSink& sink) : sink_(sink), buffer_(new std::byte[kBytes]) {}

  template <class Integer>
  void put(Integer value) {
    static_assert(std::is_unsigned_v<Integer> && std::endian::native == std::endian::little);
    if (kBytes - used_ < sizeof value) flush();
    std::memcpy(buffer_.get() + used_, &value, sizeof value);
    used_ += sizeof value;
  }
  void put(Bytes bytes) {
    if (bytes.size() > kBytes - used_) return put_across(bytes);
    if (!bytes.empty()) std::memcpy(buffer_.get() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
  }
  void put(std::string_view text) { put(std::as_bytes(std::span(text))); }
  void put_zeros(std::size_t count);
  // Hands on what is left.
  void flush();
  // Says whether nobody reads any more.
  bool closed() const { return closed_; }

 private:
  void put_across(Bytes bytes);
  static constexpr std::size_t kBytes = 256U << 10U;
  ByteSink& sink_;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t used_ = 0;
  bool closed_ = false;
};

}  // namespace labreel
