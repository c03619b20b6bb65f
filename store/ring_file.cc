#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "engine/os/system_call.h"
#include "store/ring.h"
#include "store/ring_layout.h"

namespace labreel {
namespace {

Error damaged(const std::string& path, const std::string& what, std::uint64_t byte) {
  return {ErrorKind::input, what, path + ": byte " + std::to_string(byte),
          "what is in the reel itself can still be read: set the ring aside"};
}

// Reads a whole range, or says how far the file goes.
bool read_at(int fd, std::uint64_t at, void* out, std::uint64_t bytes) {
  auto* to = static_cast<char*>(out);
  while (bytes > 0) {
    const ssize_t got = retried([&] { return ::pread(fd, to, bytes, static_cast<off_t>(at)); });
    if (got <= 0) return false;
    to += got;
    at += static_cast<std::uint64_t>(got);
    bytes -= static_cast<std::uint64_t>(got);
  }
  return true;
}

template <std::size_t Size>
std::string text_of(const char (&text)[Size]) {
  return {text, std::find(text, text + Size, '\0')};
}

std::optional<RingHead> read_head(int fd) {
  RingHead head{};
  if (!read_at(fd, 0, &head, sizeof(head))) return std::nullopt;
  if (std::memcmp(head.magic, kRingMagic, sizeof(head.magic)) != 0 || head.hash != hash_of(head)) return std::nullopt;
  return head;
}

}  // namespace

std::optional<std::string> RingFile::live_owner(const std::string& ring_path) {
  const OwnedFd fd{::open(ring_path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  return fd.is_open() ? live_owner(fd.get()) : std::nullopt;
}

std::optional<std::string> RingFile::live_owner(int ring) {
  if (::flock(ring, LOCK_SH | LOCK_NB) == 0) {
    ::flock(ring, LOCK_UN);
    return std::nullopt;
  }
  if (errno != EWOULDBLOCK) return std::nullopt;
  const std::optional<RingHead> head = read_head(ring);
  return head ? text_of(head->control_socket) : std::string{};
}

Result<std::optional<RingFile>> RingFile::read(const std::string& ring_path) {
  const OwnedFd fd{::open(ring_path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!fd.is_open() && errno == ENOENT) return std::optional<RingFile>{};
  Result<RingFile> ring = read(fd.get(), ring_path);
  if (!ring) return ring.error();
  return std::optional<RingFile>{std::move(*ring)};
}

Result<RingFile> RingFile::read(int fd, const std::string& ring_path) {
  struct stat about {};
  if (fd < 0 || ::fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
    return Error{ErrorKind::input, "the ring beside the reel cannot be read", ring_path};
  }
  const std::optional<RingHead> head = read_head(fd);
  if (!head) return damaged(ring_path, "the head of the ring is damaged", 0);
  if (head->version > kFormatVersion) {
    return Error{ErrorKind::input, "the ring has format version " + std::to_string(head->version), ring_path,
                 "a newer labreel wrote it: use that one"};
  }
  if (head->data_bytes == 0 || head->data_bytes > kRingBytesMax ||
      static_cast<std::uint64_t>(about.st_size) < kRingDataAt + head->data_bytes) {
    return damaged(ring_path, "the ring is cut short", static_cast<std::uint64_t>(about.st_size));
  }
  RingFile ring;
  ring.owner_ = {head->lab_id, head->pid, text_of(head->boot_id), text_of(head->control_socket),
                 static_cast<std::uint16_t>(head->version)};
  Ring::Live live;
  std::vector<std::byte> notes(kRingNotes_bytes);
  if (!read_at(fd, kRingLiveAt, static_cast<void*>(&live), sizeof(live)) ||
      !read_at(fd, kRingNotesAt, notes.data(), notes.size())) {
    return damaged(ring_path, "the ring cannot be read", kRingLiveAt);
  }
  ring.start_ = live.points[live.turn.load() % 2];
  // From where the oldest entry lies, once around.
  ring.data_.resize(head->data_bytes);
  const std::uint64_t start = ring.start_.position % head->data_bytes;
  if (!read_at(fd, kRingDataAt + start, ring.data_.data(), head->data_bytes - start) ||
      !read_at(fd, kRingDataAt, ring.data_.data() + (head->data_bytes - start), start)) {
    return damaged(ring_path, "the ring cannot be read", kRingDataAt);
  }
  ring.find_entries(live.published.load());
  ring.find_notes(notes, live.notes_bytes.load());
  ring.refused_ = live.refused.load() & kRefusedMax;
  if (live.refused.load() != refused_word(ring.refused_)) {
    ring.set_damage("the number of events that were refused is damaged", kRingLiveAt + offsetof(Ring::Live, refused));
  }
  if (ring.damage_) ring.damage_->place = ring_path + ": " + ring.damage_->place;
  return ring;
}

// The checks alone tell how far the entries go: `published` is one word, and nothing guards it.
void RingFile::find_entries(std::uint64_t published) {
  std::uint64_t at = 0;
  std::uint64_t seq = start_.seq;
  while (data_.size() - at >= sizeof(Record)) {
    Record record;
    std::memcpy(&record, data_.data() + at, sizeof(record));
    const std::uint64_t bytes = sizeof(Record) + padded(record.payload_length);
    if (record.kind == 0 || bytes > data_.size() - at) break;
    const std::uint32_t key = entry_key(owner_.lab_id, seq);
    std::byte* const field = data_.data() + at + offsetof(Record, payload_offset);
    std::memcpy(field, &key, sizeof(key));
    if (entry_check(data_.data() + at, bytes) != record.payload_offset) break;
    at += bytes;
    ++seq;
  }
  whole_bytes_ = at;
  count_ = seq - start_.seq;
  // An entry that is complete but was not yet published may be there; fewer than were published is damage.
  const std::uint64_t promised = published - start_.position;
  if (promised > at) {
    set_damage("event " + std::to_string(seq) + " in the ring is damaged",
               kRingDataAt + (start_.position + at) % data_.size());
  }
}

// As with entries: each note's hash tells whether it is one. Behind those that count may lie some that were committed.
void RingFile::find_notes(Bytes area, std::uint64_t promised) {
  std::uint64_t at = 0;
  while (area.size() - at >= sizeof(RingNote)) {
    RingNote head{};
    std::memcpy(&head, area.data() + at, sizeof(head));
    const std::uint64_t bytes = padded(sizeof(head) + std::uint64_t{head.kind_bytes} + head.detail_bytes);
    if (bytes > area.size() - at) break;
    if (xxh3_64(area.data() + at + sizeof(head.hash), bytes - sizeof(head.hash)) != head.hash) break;
    const char* const text = reinterpret_cast<const char*>(area.data() + at + sizeof(head));
    notes_.push_back({head.number, HostNote{.after = Seq{head.after},
                                            .kind = {text, head.kind_bytes},
                                            .detail = {text + head.kind_bytes, head.detail_bytes}}});
    at += bytes;
  }
  if (promised > at) set_damage("a host note in the ring is damaged", kRingNotesAt + at);
}

void RingFile::set_damage(const std::string& what, std::uint64_t byte) {
  if (damage_) return;
  damage_ = Error{ErrorKind::input, what, "byte " + std::to_string(byte), "labreel check --repair keeps everything before it"};
}

bool RingFile::machine_stopped() const {
  std::string now;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> now;
  return now != owner_.boot_id;
}

}  // namespace labreel
