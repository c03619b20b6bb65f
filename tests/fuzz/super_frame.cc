// Fuzz target: a node's stack says anything of what it sends, and sends anything. What comes of it are frames that lie within
// it; and whatever goes on together to a node is cut again into the very same frames.
//
// The input is a frame with its OffloadHeader before it. corpus/super_frame.py writes such inputs.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "engine/core/check.h"
#include "engine/transports/arrival.h"
#include "engine/transports/super_frame.h"

namespace labreel {
namespace {

using Octets = std::vector<std::byte>;

std::vector<Octets> cut(Bytes input) {
  std::vector<Octets> frames;
  OffloadHeader header;
  if (input.size() < sizeof header) return frames;
  std::memcpy(&header, input.data(), sizeof header);
  const Bytes bytes = input.subspan(sizeof header);
  Arrival arrival;
  std::copy(bytes.begin(), bytes.end(), arrival.room().begin());
  if (!arrival.hold(0, bytes.size(), header)) return frames;
  for (Bytes frame; arrival.next(frame);) frames.emplace_back(frame.begin(), frame.end());
  return frames;
}

void send(const std::vector<Octets>& frames) {
  const std::vector<Bytes> train(frames.begin(), frames.end());
  SuperFrame joined;
  for (std::size_t at = 0; at < train.size();) {
    const std::size_t count = joined.join(std::span(train).subspan(at));
    LABREEL_CHECK(count >= 1 && count <= train.size() - at);
    Octets written;
    for (const iovec& part : joined.parts()) {
      const auto* const bytes = static_cast<const std::byte*>(part.iov_base);
      written.insert(written.end(), bytes, bytes + part.iov_len);
    }
    const auto first = frames.begin() + static_cast<std::ptrdiff_t>(at);
    LABREEL_CHECK(cut(written) == std::vector<Octets>(first, first + static_cast<std::ptrdiff_t>(count)));
    at += count;
  }
}

}  // namespace
}  // namespace labreel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace labreel;
  const Bytes input = std::as_bytes(std::span(data, std::min<std::size_t>(size, 70'000)));
  std::vector<Octets> frames = cut(input);
  std::erase_if(frames, [](const Octets& frame) { return frame.empty(); });
  send(frames);
  if (frames.size() > 2) {
    std::swap(frames[0], frames[1]);
    send(frames);
  }
  return 0;
}
