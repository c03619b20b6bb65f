#include "store/page.h"

#include <cstring>
#include <string>
#include <utility>

#include "store/codec.h"
#include "store/page_codec.h"
#include "store/page_layout.h"

namespace labreel {
namespace {

// Whether a page of that version may hold such an event.
bool is_kind_of(std::uint8_t kind, std::uint16_t version) {
  if (kind >= static_cast<std::uint8_t>(kFirstNote)) return version >= kNotesSinceVersion;
  return kind != 0 && kind <= static_cast<std::uint8_t>(EventKind::divergence);
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
  std::memcpy(image + kPageRootAt, &kPageRoot, sizeof(kPageRoot));
  const PagePointers pointers = pointers_for(head.count, payload_bytes);
  std::memcpy(image + kPagePointersAt, &pointers, sizeof(pointers));

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
  std::memcpy(image + kPageHeadAt, &head, sizeof(head));
  head.hash = hash_of_page(out.bytes());
  std::memcpy(image + kPageHeadAt, &head.hash, sizeof(head.hash));
}

void mark_open(PageBuffer& page) {
  std::byte* const image = page.data();
  image[kPageHeadAt + offsetof(PageHead, flags)] |= std::byte{kPageOpen};
  const Word128 hash = hash_of_page(page.bytes());
  std::memcpy(image + kPageHeadAt, &hash, sizeof(hash));
}

namespace {

// All of a page that is the same in plain and compressed ones.
Result<const PageHead*> check_envelope(Bytes image) {
  if (image.size() < kPageOverhead + sizeof(Record) || image.size() % 8 != 0) {
    return damaged_page("a page of " + std::to_string(image.size()) + " bytes", image.size());
  }
  const auto* const head = reinterpret_cast<const PageHead*>(image.data() + kPageHeadAt);
  std::uint64_t header = 0;
  std::uint64_t root = 0;
  std::memcpy(&header, image.data(), sizeof(header));
  std::memcpy(&root, image.data() + kPageRootAt, sizeof(root));
  if (header != stream_header(image.size())) return damaged_page("the page's stream header is damaged", 0);
  if (root != kPageRoot) return damaged_page("the page's root pointer is damaged", kPageRootAt);
  if (hash_of_page(image) != head->hash) return damaged_page("the page's hash does not fit its bytes", kPageHeadAt);
  const bool is_codec = head->codec == kPlainPage || (head->codec == kZstdPage && head->format_version >= kCodecsSinceVersion);
  if (head->format_version > kFormatVersion || !is_codec) {
    return Error{ErrorKind::input,
                 "the page has format version " + std::to_string(head->format_version) + ", codec " +
                     std::to_string(head->codec) + "; this labreel reads up to version " + std::to_string(kFormatVersion) +
                     ", codec " + std::to_string(kZstdPage),
                 "byte " + std::to_string(kPageHeadAt + offsetof(PageHead, format_version)),
                 "a newer labreel wrote it: use that one"};
  }
  return head;
}

}  // namespace

Result<PageView> PageView::check(PageBuffer& image) {
  const Result<const PageHead*> head = check_envelope(image.bytes());
  if (!head) return head.error();
  if ((*head)->codec != kPlainPage) {
    PageBuffer plain;
    if (const Status unpacked = unpack_page(image.bytes(), plain); !unpacked) return unpacked.error();
    image = std::move(plain);
  }
  return view_of(image.bytes());
}

Result<PageView> PageView::view_of(Bytes image) {
  const auto* const head = reinterpret_cast<const PageHead*>(image.data() + kPageHeadAt);
  PagePointers pointers{};
  std::memcpy(&pointers, image.data() + kPagePointersAt, sizeof(pointers));
  if (head->count == 0 || head->count > (image.size() - kPageOverhead) / sizeof(Record)) {
    return damaged_page("the page claims " + std::to_string(head->count) + " records", kPageHeadAt + offsetof(PageHead, count));
  }
  const std::uint64_t payload_bytes = image.size() - page_size_of(head->count, 0);
  if (pointers != pointers_for(head->count, payload_bytes)) {
    return damaged_page("the page's list pointers are damaged", kPagePointersAt);
  }
  const auto* const records = reinterpret_cast<const Record*>(image.data() + kPageOverhead);
  const PageView page{head, {records, head->count}, image.last(payload_bytes)};
  const Status sound = page.check_records();
  if (!sound) return sound.error();
  return page;
}

PageView PageView::of_own(Bytes image) {
  const auto* const head = reinterpret_cast<const PageHead*>(image.data() + kPageHeadAt);
  const auto* const records = reinterpret_cast<const Record*>(image.data() + kPageOverhead);
  return {head, {records, head->count}, image.subspan(page_size_of(head->count, 0))};
}

Status PageView::check_records() const {
  if (head_->first_seq == 0 || head_->last_seq() < head_->first_seq) {
    return damaged_page("the page's seq is out of range", kPageHeadAt + offsetof(PageHead, first_seq));
  }
  std::uint64_t offset = 0;
  std::uint64_t time_ns = head_->first_time_ns;
  for (std::size_t i = 0; i < records_.size(); ++i) {
    const Record& record = records_[i];
    const std::size_t at = kPageOverhead + i * sizeof(Record);
    if (record.time_ns < time_ns) return damaged_page("lab time goes back", at);
    if (record.payload_offset != offset || padded(record.payload_length) > payload_.size() - offset) {
      return damaged_page("a record's payload is not where it should be", at);
    }
    if (!is_kind_of(record.kind, head_->format_version)) {
      return damaged_page("there is no event of kind " + std::to_string(record.kind), at);
    }
    if (const char* const what = fault_of(record, head_->first_seq + i)) return damaged_page(what, at);
    const std::uint64_t end = offset + padded(record.payload_length);
    for (std::uint64_t pad = offset + record.payload_length; pad < end; ++pad) {
      if (payload_[pad] != std::byte{0}) return damaged_page("padding is not zero", at);
    }
    offset = end;
    time_ns = record.time_ns;
  }
  if (offset != payload_.size()) return damaged_page("the payload is longer than its records", kPageOverhead);
  if (records_.front().time_ns != head_->first_time_ns || time_ns != head_->last_time_ns) {
    return damaged_page("the page's times are not its records'", kPageHeadAt + offsetof(PageHead, first_time_ns));
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
