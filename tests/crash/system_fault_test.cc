// The system refuses the Nth of the calls that the store makes itself, N = 1, 2, 3 … (the linker puts these in between).
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdarg>
#include <fstream>
#include <string>
#include <system_error>

#include "prefix.h"
#include "store/reel_writer.h"

namespace labreel {
namespace {

enum class SystemCall { none, open, flock, posix_fallocate, mmap, getrandom, pread };

struct {
  std::atomic<SystemCall> failing = SystemCall::none;
  std::atomic<std::uint64_t> nth = 0;
  std::atomic<bool> for_good = false;
  std::atomic<std::uint64_t> calls = 0;
} g_fault;

bool fails(SystemCall call) {
  if (g_fault.failing != call) return false;
  const std::uint64_t number = ++g_fault.calls;
  return g_fault.for_good ? number >= g_fault.nth : number == g_fault.nth;
}

// While it lives, the Nth call of one kind fails.
class FailingCall {
 public:
  FailingCall(SystemCall call, std::uint64_t nth, bool for_good) {
    g_fault.calls = 0;
    g_fault.nth = nth;
    g_fault.for_good = for_good;
    g_fault.failing = call;
  }
  ~FailingCall() { g_fault.failing = SystemCall::none; }
  FailingCall(const FailingCall&) = delete;
  FailingCall& operator=(const FailingCall&) = delete;
  bool was_hit() const { return g_fault.calls >= g_fault.nth; }
};

}  // namespace
}  // namespace labreel

extern "C" {
int __real_open(const char* path, int flags, ...);
int __real_flock(int fd, int operation);
int __real_posix_fallocate(int fd, off_t at, off_t bytes);
void* __real_mmap(void* at, size_t bytes, int protection, int flags, int fd, off_t offset);
ssize_t __real_getrandom(void* to, size_t bytes, unsigned flags);
ssize_t __real_pread(int fd, void* to, size_t bytes, off_t at);

int __wrap_open(const char* path, int flags, ...);
int __wrap_open(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : mode_t{0};
  va_end(rest);
  if (!labreel::fails(labreel::SystemCall::open)) return __real_open(path, flags, mode);
  errno = EMFILE;
  return -1;
}
int __wrap_flock(int fd, int operation);
int __wrap_flock(int fd, int operation) {
  if (!labreel::fails(labreel::SystemCall::flock)) return __real_flock(fd, operation);
  errno = ENOLCK;
  return -1;
}
int __wrap_posix_fallocate(int fd, off_t at, off_t bytes);
int __wrap_posix_fallocate(int fd, off_t at, off_t bytes) {
  return labreel::fails(labreel::SystemCall::posix_fallocate) ? ENOSPC : __real_posix_fallocate(fd, at, bytes);
}
void* __wrap_mmap(void* at, size_t bytes, int protection, int flags, int fd, off_t offset);
void* __wrap_mmap(void* at, size_t bytes, int protection, int flags, int fd, off_t offset) {
  if (!labreel::fails(labreel::SystemCall::mmap)) return __real_mmap(at, bytes, protection, flags, fd, offset);
  errno = ENOMEM;
  return MAP_FAILED;
}
ssize_t __wrap_getrandom(void* to, size_t bytes, unsigned flags);
ssize_t __wrap_getrandom(void* to, size_t bytes, unsigned flags) {
  if (!labreel::fails(labreel::SystemCall::getrandom)) return __real_getrandom(to, bytes, flags);
  errno = ENOSYS;
  return -1;
}
ssize_t __wrap_pread(int fd, void* to, size_t bytes, off_t at);
ssize_t __wrap_pread(int fd, void* to, size_t bytes, off_t at) {
  if (!labreel::fails(labreel::SystemCall::pread)) return __real_pread(fd, to, bytes, at);
  errno = EIO;
  return -1;
}
}

namespace labreel {
namespace {

constexpr std::uint64_t kEvents = 60;

ReelOptions options_of_small_pages() {
  ReelOptions options;
  options.page_bytes = 4096;
  return options;
}

std::uint64_t open_files() {
  std::uint64_t count = 0;
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

bool maps_a_ring() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find("a.reel-ring") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("whichever call fails while a reel is begun, it says so, and leaves no files, descriptors or memory", "[faults]") {
  const Load load{7};
  for (const SystemCall call : {SystemCall::open, SystemCall::flock, SystemCall::posix_fallocate, SystemCall::mmap,
                                SystemCall::getrandom}) {
    for (const bool for_good : {false, true}) {
      bool was_hit = true;
      std::uint64_t nth = 0;
      while (was_hit) {
        INFO("call " << static_cast<int>(call) << ", number " << ++nth);
        const ScratchFolder folder;
        const std::uint64_t files_before = open_files();
        bool began = true;
        {
          const FailingCall failing{call, nth, for_good};
          try {
            const auto writer = ReelWriter::create(folder.file("a.reel"), options_of_small_pages());
            for (std::uint64_t seq = 1; seq <= kEvents; ++seq) load.append(*writer, seq);
            writer->seal();
          } catch (const std::system_error&) {
            began = false;
          }
          was_hit = failing.was_hit();
        }
        REQUIRE(began == !was_hit);
        REQUIRE(open_files() == files_before);
        REQUIRE_FALSE(maps_a_ring());
        if (!began) REQUIRE(folder.is_empty());
        else REQUIRE(read_prefix(folder.file("a.reel"), load).events == kEvents);
      }
      CHECK(nth > 1);
    }
  }
}

TEST_CASE("whichever call fails while a cut-off reel is read, the reader says so or gives every event", "[faults]") {
  const Load load{8};
  const ScratchFolder folder;
  const std::string path = folder.file("a.reel");
  {
    const auto writer = ReelWriter::create(path, options_of_small_pages());
    for (std::uint64_t seq = 1; seq <= kEvents; ++seq) load.append(*writer, seq);
  }
  for (const SystemCall call : {SystemCall::open, SystemCall::flock, SystemCall::pread}) {
    for (const bool for_good : {false, true}) {
      bool was_hit = true;
      std::uint64_t nth = 0;
      while (was_hit) {
        INFO("call " << static_cast<int>(call) << ", number " << ++nth);
        const FailingCall failing{call, nth, for_good};
        const Prefix prefix = read_prefix(path, load);
        was_hit = failing.was_hit();
        INFO(prefix.complaint);
        const bool was_refused = prefix.complaint.find("cannot be opened") != std::string::npos;
        REQUIRE((was_refused || prefix.complaint.empty()));
        if (!was_refused && !prefix.end.damage) REQUIRE(prefix.events == kEvents);
      }
      CHECK(nth > 1);
    }
  }
}

}  // namespace labreel
