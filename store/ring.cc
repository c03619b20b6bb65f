#include "store/ring.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <system_error>

#include "engine/core/check.h"
#include "engine/os/system_call.h"
#include "store/ring_layout.h"

namespace labreel {
namespace {

constexpr std::uint64_t kPreparedAhead_bytes = 16 << 20;  // what may come while the committing thread waits for a disk
constexpr std::uint64_t kMemoryPageMask = 4095;
constexpr std::uint64_t kCacheLine_bytes = 64;
constexpr std::uint64_t kFetched_bytes = 2048;  // the longest frame and what stands before it

template <std::size_t Size>
void put_text(char (&out)[Size], const std::string& text) {
  LABREEL_CHECK(text.size() < Size);
  std::copy(text.begin(), text.end(), out);
}

[[noreturn]] void refuse(int error, const std::string& attempt) {
  throw std::system_error(error, std::generic_category(), attempt);
}

void* map_shared(void* at, std::uint64_t bytes, int flags, int fd, std::uint64_t offset) {
  void* const mapped = ::mmap(at, bytes, PROT_READ | PROT_WRITE, flags, fd, static_cast<off_t>(offset));
  if (mapped == MAP_FAILED) refuse(errno, "map the ring");
  return mapped;
}

}  // namespace

Ring::Ring(const std::string& path, std::uint64_t bytes, const RingOwner& owner, std::uint64_t first_seq)
    : path_(path), bytes_((bytes + 4095) & ~std::uint64_t{4095}), key_(entry_key(owner.lab_id, 0)) {
  if (bytes_ == 0 || bytes_ > kRingBytesMax) refuse(EINVAL, "make a ring of " + std::to_string(bytes) + " bytes");
  if (owner.control_socket.size() >= sizeof(RingHead::control_socket)) refuse(ENAMETOOLONG, owner.control_socket);
  fd_ = OwnedFd{::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!fd_.is_open()) refuse(errno, "create " + path);
  try {
    checked("keep " + path + " for its owner", ::fchmod(fd_.get(), 0600));
    checked("lock " + path, ::flock(fd_.get(), LOCK_EX | LOCK_NB));
    // All of it now: a disk that fills up later must not take a mapped page away.
    if (const int error = ::posix_fallocate(fd_.get(), 0, static_cast<off_t>(kRingDataAt + bytes_)); error != 0) {
      refuse(error, "reserve " + std::to_string(kRingDataAt + bytes_) + " bytes for " + path);
    }
    map(fd_.get());
    write_head(owner, first_seq);
  } catch (...) {
    unmap();
    ::unlink(path.c_str());
    throw;
  }
}

void Ring::write_head(const RingOwner& owner, std::uint64_t first_seq) {
  live_->points[0] = RingPoint{.position = 0, .seq = first_seq};
  RingHead head{};
  std::memcpy(head.magic, kRingMagic, sizeof(head.magic));
  head.version = kFormatVersion;
  head.pid = owner.pid;
  head.lab_id = owner.lab_id;
  head.data_bytes = bytes_;
  put_text(head.boot_id, owner.boot_id.substr(0, sizeof(head.boot_id) - 1));
  put_text(head.control_socket, owner.control_socket);
  head.hash = hash_of(head);
  std::memcpy(file_head_, &head, sizeof(head));
}

void Ring::map(int fd) {
  file_head_ = static_cast<std::byte*>(map_shared(nullptr, kRingDataAt, MAP_SHARED, fd, 0));
  live_ = reinterpret_cast<Live*>(file_head_ + kRingLiveAt);
  static_assert(sizeof(Live) <= kRingNotesAt - kRingLiveAt);
  void* const room = ::mmap(nullptr, 2 * bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) refuse(errno, "map the ring");
  data_ = static_cast<std::byte*>(room);
  map_shared(data_, bytes_, MAP_SHARED | MAP_FIXED, fd, kRingDataAt);
  map_shared(data_ + bytes_, bytes_, MAP_SHARED | MAP_FIXED, fd, kRingDataAt);
}

Ring::~Ring() { unmap(); }

void Ring::unmap() {
  if (data_ != nullptr) ::munmap(data_, 2 * bytes_);
  if (file_head_ != nullptr) ::munmap(file_head_, kRingDataAt);
}

void Ring::publish(std::byte* entry, std::uint64_t bytes, std::uint64_t seq) {
  const auto key = key_ ^ static_cast<std::uint32_t>(seq);
  std::byte* const field = entry + offsetof(Record, payload_offset);
  std::memcpy(field, &key, sizeof(key));
  const std::uint32_t check = entry_check(entry, bytes);
  std::memcpy(field, &check, sizeof(check));
  head_ += bytes;
  live_->published.store(head_, std::memory_order_release);
  fetch_room(std::min(bytes, kFetched_bytes));
}

// The next entry is about as long, and its room was last used once around: until it is written there is other work to do.
void Ring::fetch_room(std::uint64_t bytes) const {
  const std::byte* const room = data_ + head_ % bytes_;
  for (std::uint64_t at = 0; at < bytes; at += kCacheLine_bytes) __builtin_prefetch(room + at, 1);
}

void Ring::release(const RingPoint& point) {
  const std::uint64_t turn = live_->turn.load(std::memory_order_relaxed) + 1;
  live_->points[turn % 2] = point;
  live_->turn.store(turn, std::memory_order_release);
  tail_.store(point.position, std::memory_order_release);
}

void Ring::prepare() {
#ifdef MADV_POPULATE_WRITE
  const std::uint64_t published = this->published();
  // Once around: memory that is written again within the half minute that the kernel lets it stay dirty is still there.
  const std::uint64_t until = std::min(bytes_, (published + kPreparedAhead_bytes) & ~kMemoryPageMask);
  prepared_ = std::max(prepared_, published & ~kMemoryPageMask);
  if (prepared_ >= until) return;
  // It changes no byte, so that the writing thread may be there already.
  ::madvise(data_ + prepared_, until - prepared_, MADV_POPULATE_WRITE);
  prepared_ = until;
#endif
}

bool Ring::keep_note(std::uint64_t number, const HostNote& note) {
  const std::uint64_t used = live_->notes_bytes.load(std::memory_order_relaxed);
  const std::uint64_t bytes = padded(sizeof(RingNote) + note.kind.size() + note.detail.size());
  if (bytes > kRingNotes_bytes - used) return false;
  std::byte* const at = file_head_ + kRingNotesAt + used;
  RingNote head{.hash = 0,
                .number = number,
                .after = note.after.value,
                .kind_bytes = static_cast<std::uint32_t>(note.kind.size()),
                .detail_bytes = static_cast<std::uint32_t>(note.detail.size())};
  std::memset(at, 0, bytes);
  std::memcpy(at, &head, sizeof(head));
  std::memcpy(at + sizeof(head), note.kind.data(), note.kind.size());
  std::memcpy(at + sizeof(head) + note.kind.size(), note.detail.data(), note.detail.size());
  head.hash = xxh3_64(at + sizeof(head.hash), bytes - sizeof(head.hash));
  std::memcpy(at, &head.hash, sizeof(head.hash));
  live_->notes_bytes.store(used + bytes, std::memory_order_release);
  return true;
}

void Ring::set_refused(std::uint64_t events) { live_->refused.store(refused_word(events), std::memory_order_release); }

void Ring::drop_notes() { live_->notes_bytes.store(0, std::memory_order_release); }

void Ring::rename_file(const std::string& path) {
  checked("rename " + path_ + " to " + path, ::rename(path_.c_str(), path.c_str()));
  path_ = path;
}

void Ring::remove_file() { ::unlink(path_.c_str()); }

}  // namespace labreel
