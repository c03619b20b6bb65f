// Compressed pages: codec 1, zstd. Only what lies behind a page's head is compressed; the head is read as it is.
#pragma once

#include <cstdint>

#include "store/page.h"
#include "store/zstd_frame.h"

namespace labreel {

// A page is at most so many times as long as it is compressed: a stranger's reel cannot claim more memory than that.
inline constexpr std::uint64_t kPageRatio_max = 1024;
// No ring lets a longer one be written.
inline constexpr std::uint64_t kPlainPage_max = 512 << 20;

// Makes pages that lie one behind the other in a chain of their own; one after the other, as a reel is written anew.
class PageCompressor {
 public:
  // Returns the next page, compressed, or plain where that is no longer; `plain` is a page as PageView::check left it.
  //
  // Shape: the bytes live until the next call.
  const PageBuffer& compress(const PageBuffer& plain);
  PageHead head() const { return head_; }  // of that page

 private:
  FrameMaker frames_;
  PageHead head_;  // of the last one
  PageBuffer made_;
};

// The reverse: pages that anyone reads without zstd, in a chain of their own; one after the other, from a reel's first on.
class PageExpander {
 public:
  // Returns the next page, plain; `page` is one as PageView::check left it. A page of a reel that has no compressed one comes
  // out byte for byte as it lies in the reel.
  //
  // Shape: the bytes live until the next call.
  Bytes expand(const PageBuffer& page);

 private:
  Word128 previous_hash_{};
  PageBuffer made_;
};

// Unpacks a compressed page whose hash was found right, into a page as compose_page() lays it out; its head stays as it is,
// with its hash and codec.
//
// Shape:  `stored` is hostile. No more than its own head claims is allocated, and that is bounded by kPageRatio_max and
//         kPlainPage_max; it is unpacked in one go into room of that length, so that zstd allocates no window.
// Errors: anything but what compress() makes. The place is a byte of the page.
// Source: FORMAT.md, "Compressed pages".
Status unpack_page(Bytes stored, PageBuffer& out);

}  // namespace labreel
