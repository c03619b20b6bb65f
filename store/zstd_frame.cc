#include "store/zstd_frame.h"

#include <zstd.h>

#include <new>

namespace labreel {
namespace {

// In the middle of zstd's levels: tests/bench/RESULTS.md has what the others would save and cost.
constexpr int kLevel = 6;

struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// One a thread: each has 160 KiB that need not be made anew for every piece.
ZSTD_DCtx* decompressor() {
  thread_local std::unique_ptr<ZSTD_DCtx, FreeDecompressor> t_context;
  if (!t_context) t_context.reset(ZSTD_createDCtx());
  if (!t_context) throw std::bad_alloc{};
  return t_context.get();
}

}  // namespace

void FrameMaker::Free::operator()(ZSTD_CCtx_s* context) const { ZSTD_freeCCtx(context); }

FrameMaker::FrameMaker() : context_(ZSTD_createCCtx()) {
  if (!context_) throw std::bad_alloc{};
}
FrameMaker::~FrameMaker() = default;

std::size_t FrameMaker::room_for(std::size_t content_bytes) { return ZSTD_compressBound(content_bytes); }

std::size_t FrameMaker::make(Bytes content, std::byte* to, std::size_t room) {
  const std::size_t bytes = ZSTD_compressCCtx(context_.get(), to, room, content.data(), content.size(), kLevel);
  // There is room enough: only memory can be wanting.
  if (ZSTD_isError(bytes) != 0) throw std::bad_alloc{};
  return bytes;
}

bool is_frame_of(Bytes frame, std::uint64_t content_bytes) {
  return ZSTD_getFrameContentSize(frame.data(), frame.size()) == content_bytes &&
         ZSTD_findFrameCompressedSize(frame.data(), frame.size()) == frame.size();
}

bool unpack_frame(Bytes frame, std::byte* to, std::uint64_t content_bytes) {
  return ZSTD_decompressDCtx(decompressor(), to, content_bytes, frame.data(), frame.size()) == content_bytes;
}

}  // namespace labreel
