#include "store/scratch.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr std::uint64_t kPiece_bytes = 1 << 20;

// Nothing is left of it, however the process ends.
OwnedFd make_unnamed() {
  const char* const wanted = std::getenv("TMPDIR");
  const std::string folder = wanted != nullptr && *wanted != '\0' ? wanted : "/tmp";
  OwnedFd fd{::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
  if (!fd.is_open()) fd = OwnedFd{::memfd_create("labreel-scratch", MFD_CLOEXEC)};
  return fd;
}

}  // namespace

// The process's file, given out in pieces.
class ScratchFile::Store {
 public:
  explicit Store(OwnedFd fd) : fd_(std::move(fd)) {}

  // The process's own; a child's parent goes on to use the one that the child knows of.
  static std::shared_ptr<Store> ours() {
    static std::mutex mutex;
    static std::shared_ptr<Store> store;
    static pid_t owner = 0;
    const std::lock_guard lock{mutex};
    if (!store || owner != ::getpid()) {
      store.reset();
      if (OwnedFd fd = make_unnamed(); fd.is_open()) store = std::make_shared<Store>(std::move(fd));
      owner = ::getpid();
    }
    return store;
  }

  int fd() const { return fd_.get(); }
  std::uint64_t take_piece() {
    const std::lock_guard lock{mutex_};
    if (free_.empty()) {
      free_.reserve(pieces_ + 1);  // so that to give back needs no memory
      return pieces_++ * kPiece_bytes;
    }
    const std::uint64_t piece = free_.back();
    free_.pop_back();
    return piece;
  }
  void give_back(std::uint64_t piece) {
    // Zeros again, and the disk has its room back; a file system that cannot do it keeps what is this process's own anyway.
    (void)::fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(piece), static_cast<off_t>(kPiece_bytes));
    const std::lock_guard lock{mutex_};
    free_.push_back(piece);
  }

 private:
  OwnedFd fd_;
  std::mutex mutex_;
  std::uint64_t pieces_ = 0;
  std::vector<std::uint64_t> free_;
};

void prepare_scratch() { (void)ScratchFile::make(); }

std::unique_ptr<ScratchFile> ScratchFile::make() {
  std::shared_ptr<Store> store = Store::ours();
  return store ? std::unique_ptr<ScratchFile>(new ScratchFile(std::move(store))) : nullptr;
}

ScratchFile::~ScratchFile() { truncate(0); }

int ScratchFile::read(std::uint64_t at, void* to, std::uint64_t bytes) const {
  auto* out = static_cast<char*>(to);
  const std::uint64_t there = at >= size_ ? 0 : std::min(bytes, size_ - at);
  std::memset(out + there, 0, bytes - there);
  for (std::uint64_t done = 0; done < there;) {
    const std::uint64_t place = at + done;
    const std::uint64_t part = std::min(there - done, kPiece_bytes - place % kPiece_bytes);
    const std::uint64_t from = pieces_[place / kPiece_bytes] + place % kPiece_bytes;
    const ssize_t got = retried([&] { return ::pread(store_->fd(), out + done, part, static_cast<off_t>(from)); });
    if (got < 0) return errno;
    if (got == 0) {  // behind the file's end: nothing was written there
      std::memset(out + done, 0, part);
      done += part;
    }
    done += static_cast<std::uint64_t>(got);
  }
  return 0;
}

int ScratchFile::write(std::uint64_t at, const void* from, std::uint64_t bytes) {
  const auto* in = static_cast<const char*>(from);
  while (pieces_.size() * kPiece_bytes < at + bytes) {
    pieces_.reserve(pieces_.size() + 1);
    pieces_.push_back(store_->take_piece());
  }
  for (std::uint64_t done = 0; done < bytes;) {
    const std::uint64_t place = at + done;
    const std::uint64_t part = std::min(bytes - done, kPiece_bytes - place % kPiece_bytes);
    const std::uint64_t to = pieces_[place / kPiece_bytes] + place % kPiece_bytes;
    const ssize_t wrote = retried([&] { return ::pwrite(store_->fd(), in + done, part, static_cast<off_t>(to)); });
    if (wrote < 0) return errno;
    if (wrote == 0) return ENOSPC;
    done += static_cast<std::uint64_t>(wrote);
  }
  size_ = std::max(size_, at + bytes);
  return 0;
}

void ScratchFile::truncate(std::uint64_t size) {
  const std::uint64_t needed = (size + kPiece_bytes - 1) / kPiece_bytes;
  while (pieces_.size() > needed) {
    store_->give_back(pieces_.back());
    pieces_.pop_back();
  }
  size_ = std::min(size_, size);
}

}  // namespace labreel
