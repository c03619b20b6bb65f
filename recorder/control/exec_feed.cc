#include "recorder/control/exec_feed.h"

#include <utility>

namespace labreel {

bool ExecFeed::put(Stream stream, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (closed_ || bytes.empty()) return false;
  if (bytes_ + bytes.size() > bytes_max_) {
    lost_bytes_ += bytes.size();
    return false;  // full: the reader has enough to do
  }
  const bool was_empty = empty();
  bytes_ += bytes.size();
  while (!bytes.empty()) {
    const bool fits = !chunks_.empty() && lost_bytes_ == 0 && chunks_.back().stream == stream &&
                      chunks_.back().bytes.size() < kChunkBytesMax;
    if (!fits) chunks_.push_back(ExecChunk{stream, {}, std::exchange(lost_bytes_, 0)});
    std::string& chunk = chunks_.back().bytes;
    const std::string_view part = bytes.substr(0, kChunkBytesMax - chunk.size());
    chunk.append(part);
    bytes.remove_prefix(part.size());
  }
  return was_empty;
}

bool ExecFeed::finish(std::int32_t status, std::string error) {
  const std::lock_guard lock(mutex_);
  if (closed_ || end_) return false;
  const bool was_empty = empty();
  end_ = ExecEnd{status, std::move(error), std::exchange(lost_bytes_, 0)};
  return was_empty;
}

std::optional<ExecChunk> ExecFeed::take_chunk() {
  const std::lock_guard lock(mutex_);
  if (chunks_.empty()) return std::nullopt;
  ExecChunk chunk = std::move(chunks_.front());
  chunks_.pop_front();
  bytes_ -= chunk.bytes.size();
  return chunk;
}

std::optional<ExecEnd> ExecFeed::take_end() {
  const std::lock_guard lock(mutex_);
  if (!chunks_.empty()) return std::nullopt;
  return std::exchange(end_, std::nullopt);
}

void ExecFeed::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  chunks_.clear();
  bytes_ = 0;
  end_.reset();
}

}  // namespace labreel
