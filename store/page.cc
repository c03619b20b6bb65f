#include "store/page.h"

#include <cstring>
#include <string>

#include "store/codec.h"
#include "store/xxh3.h"

namespace labreel {
namespace {

// A page, byte by byte:
//      0  stream header: 0 (one segment), its size in words
//      8  root pointer: a struct with 12 words of data and 2 pointers
//     16  PageHead; the hash covers all from byte 32 on
//    112  pointer to the records: a list of structs
//    120  pointer to the payload: a list of bytes
//    128  the records' tag: how many, of 4 words each
//    136  the records, then the payload
constexpr std::size_t kRootAt = 8;
constexpr std::size_t kHeadAt = 16;
constexpr std::size_t kHashedFrom = kHeadAt + sizeof(Word128);
constexpr std::size_t kPointersAt = kHeadAt + sizeof(PageHead);
static_assert(kPointersAt + 24 == kPageOverhead);

constexpr std::uint64_t kRootPointer = (std::uint64_t{sizeof(PageHead) / 8} << 32U) | (std::uint64_t{2} << 48U);

// The words that follow from a page's counts alone.
struct Pointers {
  std::uint64_t records;
  std::uint64_t payload;
  std::uint64_t tag;
  bool operator==(const Pointers&) const = default;
};

constexpr std::uint64_t list_pointer(std::uint64_t offset_words, std::uint64_t element_size, std::uint64_t size) {
  return 1U | (offset_words << 2U) | ((element_size | (size << 3U)) << 32U);
}
constexpr std::uint64_t kListOfBytes = 2;
constexpr std::uint64_t kListOfStructs = 7;

constexpr Pointers pointers_for(std::uint64_t count, std::uint64_t payload_bytes) {
  const std::uint64_t record_words = count * (sizeof(Record) / 8);
  return {.records = list_pointer(1, kListOfStructs, record_words),
          .payload = list_pointer(1 + record_words, kListOfBytes, payload_bytes),
          .tag = (count << 2U) | (std::uint64_t{sizeof(Record) / 8} << 32U)};
}

constexpr std::uint64_t stream_header(std::uint64_t page_bytes) { return (page_bytes / 8 - 1) << 32U; }

Word128 hash_of(Bytes image) {
  const XXH128_hash_t hash = xxh3_128(image.data() + kHashedFrom, image.size() - kHashedFrom);
  return {hash.low64, hash.high64};
}

// Whether a page of that version may hold such an event.
bool is_kind_of(std::uint8_t kind, std::uint16_t version) {
  if (kind >= static_cast<std::uint8_t>(kFirstNote)) return version >= kNotesSinceVersion;
  return kind != 0 && kind <= static_cast<std::uint8_t>(EventKind::divergence);
}

Error damaged(const std::string& what, std::size_t byte) {
  return {ErrorKind::input, what, "byte " + std::to_string(byte)};
}

}  // namespace

std::byte* PageBuffer::resize(std::size_t bytes) {
  const std::size_t words = (bytes + 7) / 8;
  if (words > capacity_words_) {
    // Some more: the next page is about as long.
    const std::size_t capacity_words = words + words / 8;
    words_ = std::make_unique_for_overwrite<std::uint64_t[]>(capacity_words);
    capacity_words_ = capacity_words;
  }
  size_ = bytes;
  return reinterpret_cast<std::byte*>(words_.get());
}

void compose_page(PageHead& head, const std::byte* entries, std::uint64_t payload_bytes, PageBuffer& out) {
  const std::uint64_t bytes = page_size_of(head.count, payload_bytes);
  std::byte* const image = out.resize(bytes);
  const std::uint64_t header = stream_header(bytes);
  std::memcpy(image, &header, sizeof(header));
  std::memcpy(image + kRootAt, &kRootPointer, sizeof(kRootPointer));
  const Pointers pointers = pointers_for(head.count, payload_bytes);
  std::memcpy(image + kPointersAt, &pointers, sizeof(pointers));

  std::byte* const records = image + kPageOverhead;
  std::byte* const payload = records + head.count * sizeof(Record);
  std::uint32_t offset = 0;
  for (std::uint32_t i = 0; i < head.count; ++i) {
    Record record;
    std::memcpy(&record, entries, sizeof(record));
    record.payload_offset = offset;
    if (i == 0) head.first_time_ns = record.time_ns;
    head.last_time_ns = record.time_ns;
    std::memcpy(records + i * sizeof(Record), &record, sizeof(record));
    const std::uint64_t length = padded(record.payload_length);
    std::memcpy(payload + offset, entries + sizeof(Record), length);
    offset += static_cast<std::uint32_t>(length);
    entries += sizeof(Record) + length;
  }
  std::memcpy(image + kHeadAt, &head, sizeof(head));
  head.hash = hash_of(out.bytes());
  std::memcpy(image + kHeadAt, &head.hash, sizeof(head.hash));
}

void mark_open(PageBuffer& page) {
  std::byte* const image = page.data();
  image[kHeadAt + offsetof(PageHead, flags)] |= std::byte{kPageOpen};
  const Word128 hash = hash_of(page.bytes());
  std::memcpy(image + kHeadAt, &hash, sizeof(hash));
}

Result<PageView> PageView::check(Bytes image) {
  if (image.size() < kPageOverhead + sizeof(Record) || image.size() % 8 != 0) {
    return damaged("a page of " + std::to_string(image.size()) + " bytes", image.size());
  }
  const auto* const head = reinterpret_cast<const PageHead*>(image.data() + kHeadAt);
  std::uint64_t header = 0;
  std::uint64_t root = 0;
  Pointers pointers{};
  std::memcpy(&header, image.data(), sizeof(header));
  std::memcpy(&root, image.data() + kRootAt, sizeof(root));
  std::memcpy(&pointers, image.data() + kPointersAt, sizeof(pointers));
  if (header != stream_header(image.size())) return damaged("the page's stream header is damaged", 0);
  if (root != kRootPointer) return damaged("the page's root pointer is damaged", kRootAt);
  if (hash_of(image) != head->hash) return damaged("the page's hash does not fit its bytes", kHeadAt);
  if (head->format_version > kFormatVersion || head->codec != 0) {
    return Error{ErrorKind::input,
                 "the page has format version " + std::to_string(head->format_version) + ", codec " +
                     std::to_string(head->codec) + "; this labreel reads version " + std::to_string(kFormatVersion) +
                     ", codec 0",
                 "byte " + std::to_string(kHeadAt + offsetof(PageHead, format_version)),
                 "a newer labreel wrote it: use that one"};
  }
  if (head->count == 0 || head->count > (image.size() - kPageOverhead) / sizeof(Record)) {
    return damaged("the page claims " + std::to_string(head->count) + " records", kHeadAt + offsetof(PageHead, count));
  }
  const std::uint64_t payload_bytes = image.size() - page_size_of(head->count, 0);
  if (pointers != pointers_for(head->count, payload_bytes)) {
    return damaged("the page's list pointers are damaged", kPointersAt);
  }
  const auto* const records = reinterpret_cast<const Record*>(image.data() + kPageOverhead);
  const PageView page{head, {records, head->count}, image.last(payload_bytes)};
  const Status sound = page.check_records();
  if (!sound) return sound.error();
  return page;
}

PageView PageView::of_own(Bytes image) {
  const auto* const head = reinterpret_cast<const PageHead*>(image.data() + kHeadAt);
  const auto* const records = reinterpret_cast<const Record*>(image.data() + kPageOverhead);
  return {head, {records, head->count}, image.subspan(page_size_of(head->count, 0))};
}

Status PageView::check_records() const {
  if (head_->first_seq == 0 || head_->last_seq() < head_->first_seq) {
    return damaged("the page's seq is out of range", kHeadAt + offsetof(PageHead, first_seq));
  }
  std::uint64_t offset = 0;
  std::uint64_t time_ns = head_->first_time_ns;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const Record& record = records_[i];
    const std::size_t at = kPageOverhead + i * sizeof(Record);
    if (record.time_ns < time_ns) return damaged("lab time goes back", at);
    if (record.payload_offset != offset || padded(record.payload_length) > payload_.size() - offset) {
      return damaged("a record's payload is not where it should be", at);
    }
    if (!is_kind_of(record.kind, head_->format_version)) {
      return damaged("there is no event of kind " + std::to_string(record.kind), at);
    }
    if (const char* const what = fault_of(record, head_->first_seq + i)) return damaged(what, at);
    const std::uint64_t end = offset + padded(record.payload_length);
    for (std::uint64_t pad = offset + record.payload_length; pad < end; ++pad) {
      if (payload_[pad] != std::byte{0}) return damaged("padding is not zero", at);
    }
    offset = end;
    time_ns = record.time_ns;
  }
  if (offset != payload_.size()) return damaged("the payload is longer than its records", kPageOverhead);
  if (records_.front().time_ns != head_->first_time_ns || time_ns != head_->last_time_ns) {
    return damaged("the page's times are not its records'", kHeadAt + offsetof(PageHead, first_time_ns));
  }
  return ok_status();
}

const char* PageView::fault_of(const Record& record, std::uint64_t seq) const {
  if (record.cause >= seq) return "an event's cause is not before it";
  const bool is_frame = record.kind == static_cast<std::uint8_t>(EventKind::frame);
  if ((record.flags & ~(is_frame ? kCutShort : 0)) != 0) return "a record has unknown flags";
  if (!is_frame) return record.copies == 0 ? nullptr : "an event that is no frame has copies";

  const std::uint64_t copies_bytes = std::uint64_t{record.copies} * sizeof(Copy);
  const std::uint64_t head_bytes = copies_bytes + ((record.flags & kCutShort) != 0 ? sizeof(std::uint32_t) : 0);
  if (head_bytes > record.payload_length) return "a frame's copies are longer than its payload";
  const Bytes bytes = payload(record);
  for (std::uint64_t at = 0; at < copies_bytes; at += sizeof(Copy)) {
    if (static_cast<std::size_t>(bytes[at + offsetof(Copy, reason)]) >= kReasonCount) return "a copy has an unknown reason";
  }
  return nullptr;
}

// The copies of a frame lie in the page as engine/core lays them out.
static_assert(offsetof(Copy, port) == 0 && offsetof(Copy, reason) == 4 && offsetof(Copy, flags) == 5 &&
              offsetof(Copy, corrupt_byte) == 6 && offsetof(Copy, due) == 8 && sizeof(Copy) == 16);

Status read_event(const PageView& page, std::uint64_t seq, Event& event) {
  const Record& record = page.record(seq);
  const Bytes payload = page.payload(record);
  event.seq = Seq{seq};
  event.time = LabTime{record.time_ns};
  event.cause = Seq{record.cause};
  if (record.kind != static_cast<std::uint8_t>(EventKind::frame)) {
    Result<EventBody> body = decode(record.kind, payload);
    if (!body) return std::move(body).error();
    if (auto* const unknown = std::get_if<UnknownNote>(&*body)) unknown->subject = record.subject;
    if (subject_of(*body) != record.subject) return Error{ErrorKind::input, "an event is about another thing than its record"};
    event.body = std::move(*body);
    return ok_status();
  }
  // In place, field by field: a frame that is copied as a whole waits until its fields are stored.
  Frame* const known = std::get_if<Frame>(&event.body);
  Frame& frame = known != nullptr ? *known : event.body.emplace<Frame>();
  frame.port = PortId{record.subject};
  // The page was checked: payloads are aligned to 8 bytes, and the copies fit.
  frame.copies = {reinterpret_cast<const Copy*>(payload.data()), record.copies};
  frame.bytes = payload.subspan(record.copies * sizeof(Copy));
  frame.length = static_cast<std::uint32_t>(frame.bytes.size());
  if ((record.flags & kCutShort) != 0) {
    std::memcpy(&frame.length, frame.bytes.data(), sizeof(frame.length));
    frame.bytes = frame.bytes.subspan(sizeof(frame.length));
  }
  return ok_status();
}

Result<Event> event_of(const PageView& page, std::uint64_t seq) {
  Event event{};
  const Status read = read_event(page, seq, event);
  if (!read) return read.error();
  return event;
}

}  // namespace labreel
