// Pages: many events as one Cap'n Proto message, laid out by hand so that writing one costs a memcpy.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "store/format.h"

namespace labreel {

inline constexpr std::uint8_t kPageOpen = 1;  // flags of a page that will be sent again, longer

// How what lies behind a page's head is compressed.
inline constexpr std::uint8_t kPlainPage = 0;
inline constexpr std::uint8_t kZstdPage = 1;

// The head of a page: the data section of struct Page, as it lies in the file.
struct PageHead {
  Word128 hash;
  Word128 previous_hash;
  Word128 lab_id;
  std::uint64_t number = 0;
  std::uint64_t first_seq = 0;
  std::uint64_t first_time_ns = 0;
  std::uint64_t last_time_ns = 0;
  std::uint32_t count = 0;
  std::uint16_t format_version = static_cast<std::uint16_t>(kFormatVersion);
  std::uint8_t codec = kPlainPage;
  std::uint8_t flags = 0;
  std::uint64_t plain_bytes = 0;

  std::uint64_t last_seq() const { return first_seq + count - 1; }
};
static_assert(sizeof(PageHead) == 96);

// Bytes of a page before its records: the stream header, the root pointer, the head, two list pointers and a tag.
inline constexpr std::size_t kPageOverhead = 8 + 8 + sizeof(PageHead) + 16 + 8;
constexpr std::uint64_t page_size_of(std::uint64_t count, std::uint64_t payload_bytes) {
  return kPageOverhead + count * sizeof(Record) + payload_bytes;
}

// Memory for one page's bytes, aligned for its words and used again for the next.
class PageBuffer {
 public:
  std::byte* resize(std::size_t bytes);
  std::byte* data() { return reinterpret_cast<std::byte*>(words_.get()); }
  Bytes bytes() const { return {reinterpret_cast<const std::byte*>(words_.get()), size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(words_.get()), size_}; }
  std::size_t capacity_bytes() const { return capacity_words_ * 8; }

 private:
  std::unique_ptr<std::uint64_t[]> words_;
  std::size_t capacity_words_ = 0;
  std::size_t size_ = 0;
};

// Writes a page of entries that lie one behind the other, each a Record and its padded payload (as in the ring).
//
// Shape: `head` gives all but hash, times and count's records; it is completed.
void compose_page(PageHead& head, const std::byte* entries, std::uint64_t payload_bytes, PageBuffer& out);

// Marks a composed page as one that will be sent again, longer.
void mark_open(PageBuffer& page);

// A page whose every byte was checked; it borrows them.
class PageView {
 public:
  // A compressed page is unpacked: `image` has it plain then, under its own head.
  //
  // Errors: anything but what compose_page() and PageCompressor write. The place is a byte of the page.
  static Result<PageView> check(PageBuffer& image);

  // Of a page that this process composed itself.
  static PageView of_own(Bytes image);

  const PageHead& head() const { return *head_; }
  std::span<const Record> records() const { return records_; }
  const Record& record(std::uint64_t seq) const { return records_[seq - head_->first_seq]; }
  Bytes payload(const Record& record) const { return payload_.subspan(record.payload_offset, record.payload_length); }

 private:
  PageView(const PageHead* head, std::span<const Record> records, Bytes payload)
      : head_(head), records_(records), payload_(payload) {}
  static Result<PageView> view_of(Bytes image);
  Status check_records() const;
  // What is wrong with a record of a known kind; null if nothing is.
  const char* fault_of(const Record& record, std::uint64_t seq) const;

  const PageHead* head_;
  std::span<const Record> records_;
  Bytes payload_;
};

// Reads an event out of a page; a Frame borrows from the page.
//
// Errors: a body that does not decode, or that is about another thing than the record says.
Result<Event> event_of(const PageView& page, std::uint64_t seq);
// As event_of, into `event`: without a copy for frames.
Status read_event(const PageView& page, std::uint64_t seq, Event& event);

}  // namespace labreel
