#include "store/page_codec.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "store/page_layout.h"

namespace labreel {
namespace {

// Puts a page's head and its hash, which covers all behind it, into its bytes.
void seal_page(PageHead& head, PageBuffer& page) {
  std::memcpy(page.data() + kPageHeadAt, &head, sizeof(head));
  head.hash = hash_of_page(page.bytes());
  std::memcpy(page.data() + kPageHeadAt, &head.hash, sizeof(head.hash));
}

}  // namespace

const PageBuffer& PageCompressor::compress(const PageBuffer& plain) {
  const Bytes bytes = plain.bytes();
  PageHead head;
  std::memcpy(&head, bytes.data() + kPageHeadAt, sizeof(head));
  head.previous_hash = head_.hash;
  head.format_version = static_cast<std::uint16_t>(kFormatVersion);
  const Bytes content = bytes.subspan(kPageOverhead);
  const std::size_t room = FrameMaker::room_for(content.size());
  std::byte* image = made_.resize(kPackedAt + padded(room));
  const std::size_t packed = frames_.make(content, image + kPackedAt, room);
  const std::uint64_t stored = std::max<std::uint64_t>(kPackedAt + padded(packed), kPageOverhead + sizeof(Record));
  const bool fits = stored < bytes.size() && bytes.size() <= kPlainPage_max && bytes.size() / kPageRatio_max <= stored;
  if (!fits) {
    std::memcpy(made_.resize(bytes.size()), bytes.data(), bytes.size());
    head.codec = kPlainPage;
    head.plain_bytes = 0;
  } else {
    image = made_.resize(stored);
    const std::uint64_t words[] = {0, list_pointer(0, kListOfBytes, packed)};
    const std::uint64_t header = stream_header(stored);
    std::memcpy(image, &header, sizeof(header));
    std::memcpy(image + kPageRootAt, &kPageRoot, sizeof(kPageRoot));
    std::memcpy(image + kPagePointersAt, words, sizeof(words));
    std::memset(image + kPackedAt + packed, 0, stored - kPackedAt - packed);
    head.codec = kZstdPage;
    head.plain_bytes = bytes.size();
  }
  seal_page(head, made_);
  head_ = head;
  return made_;
}

Bytes PageExpander::expand(const PageBuffer& page) {
  PageHead head;
  std::memcpy(&head, page.bytes().data() + kPageHeadAt, sizeof(head));
  const bool is_as_stored = head.codec == kPlainPage && head.previous_hash == previous_hash_;
  if (!is_as_stored) {
    std::memcpy(made_.resize(page.bytes().size()), page.bytes().data(), page.bytes().size());
    head.codec = kPlainPage;
    head.plain_bytes = 0;
    head.previous_hash = previous_hash_;
    seal_page(head, made_);
  }
  previous_hash_ = head.hash;
  return is_as_stored ? page.bytes() : made_.bytes();
}

Status unpack_page(Bytes stored, PageBuffer& out) {
  PageHead head;
  std::uint64_t words[2];
  std::memcpy(&head, stored.data() + kPageHeadAt, sizeof(head));
  std::memcpy(words, stored.data() + kPagePointersAt, sizeof(words));
  const std::uint64_t packed = words[1] >> 35U;
  const std::uint64_t room = stored.size() - kPackedAt;
  if (words[0] != 0 || words[1] != list_pointer(0, kListOfBytes, packed) || packed > room) {
    return damaged_page("the page's list pointers are damaged", kPagePointersAt);
  }
  const auto is_zero = [](std::byte byte) { return byte == std::byte{0}; };
  const Bytes padding = stored.subspan(kPackedAt + packed);
  if (room != std::max<std::uint64_t>(padded(packed), sizeof(Record) + 8) || !std::all_of(padding.begin(), padding.end(), is_zero)) {
    return damaged_page("padding is not zero", kPackedAt + packed);
  }
  const std::size_t told_at = kPageHeadAt + offsetof(PageHead, plain_bytes);
  if (head.plain_bytes % 8 != 0 || head.plain_bytes < kPageOverhead + sizeof(Record) || head.plain_bytes > kPlainPage_max ||
      head.plain_bytes / kPageRatio_max > stored.size()) {
    return damaged_page("the page claims to unpack to " + std::to_string(head.plain_bytes) + " bytes", told_at);
  }
  const std::uint64_t content = head.plain_bytes - kPageOverhead;
  const Bytes frame = stored.subspan(kPackedAt, packed);
  if (!is_frame_of(frame, content)) {
    return damaged_page("what is compressed in the page has another length than its head says", told_at);
  }
  if (head.count == 0 || head.count > content / sizeof(Record)) {
    return damaged_page("the page claims " + std::to_string(head.count) + " records", kPageHeadAt + offsetof(PageHead, count));
  }
  std::byte* const image = out.resize(head.plain_bytes);
  if (!unpack_frame(frame, image + kPageOverhead, content)) {
    return damaged_page("what is compressed in the page cannot be unpacked", kPackedAt);
  }
  const std::uint64_t header = stream_header(head.plain_bytes);
  const PagePointers pointers = pointers_for(head.count, head.plain_bytes - page_size_of(head.count, 0));
  std::memcpy(image, &header, sizeof(header));
  std::memcpy(image + kPageRootAt, &kPageRoot, sizeof(kPageRoot));
  std::memcpy(image + kPageHeadAt, &head, sizeof(head));
  std::memcpy(image + kPagePointersAt, &pointers, sizeof(pointers));
  return ok_status();
}

}  // namespace labreel
