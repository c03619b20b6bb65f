// ExecFeed: one exec's output on its way from the lab's thread to the control thread; bounded.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/event.h"

namespace labreel {

// Some bytes of one stream, in order.
struct ExecChunk {
  Stream stream = Stream::stdout_stream;
  std::string bytes;
  std::uint64_t lost_bytes = 0;  // left out just before these
};
struct ExecEnd {
  std::int32_t status = 0;
  std::string error;
  std::uint64_t lost_bytes = 0;  // left out at the very end
};

// Shape: put() and finish() from the lab's thread, which must never wait; the rest from the control thread. When a client
//        is so slow that kFeedBytesMax are waiting, further bytes are left out and counted: they are in the reel.
class ExecFeed {
 public:
  static constexpr std::size_t kFeedBytesMax = 64 << 20;
  static constexpr std::size_t kChunkBytesMax = 64 << 10;

  explicit ExecFeed(std::size_t bytes_max = kFeedBytesMax) : bytes_max_(bytes_max) {}

  // Both say whether the reader has to be woken: it had nothing to read before.
  bool put(Stream stream, std::string_view bytes);
  bool finish(std::int32_t status, std::string error);

  std::optional<ExecChunk> take_chunk();
  // The end, once every chunk is taken.
  std::optional<ExecEnd> take_end();
  // Nobody reads any more: what comes is dropped.
  void close();

 private:
  bool empty() const { return chunks_.empty() && !end_; }

  std::mutex mutex_;
  const std::size_t bytes_max_;
  std::deque<ExecChunk> chunks_;
  std::size_t bytes_ = 0;
  std::uint64_t lost_bytes_ = 0;
  std::optional<ExecEnd> end_;
  bool closed_ = false;
};

}  // namespace labreel
