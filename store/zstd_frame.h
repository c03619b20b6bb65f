// Frames of zstd: one a piece of content, whose length is known from elsewhere.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/core/event.h"

struct ZSTD_CCtx_s;

namespace labreel {

class FrameMaker {
 public:
  // Errors: std::bad_alloc, from make() too.
  FrameMaker();
  ~FrameMaker();
  FrameMaker(const FrameMaker&) = delete;
  FrameMaker& operator=(const FrameMaker&) = delete;

  // How much room make() wants for that much content.
  static std::size_t room_for(std::size_t content_bytes);
  // Returns the frame's length.
  std::size_t make(Bytes content, std::byte* to, std::size_t room);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
};

// Says whether hostile bytes are one frame, all of them, and claim to hold that much.
bool is_frame_of(Bytes frame, std::uint64_t content_bytes);

// Unpacks such a frame. False if it holds anything else.
//
// Shape: in one go into room of exactly that length: zstd allocates no window, whatever the frame asks for.
bool unpack_frame(Bytes frame, std::byte* to, std::uint64_t content_bytes);

}  // namespace labreel
