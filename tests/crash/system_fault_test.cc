// The system refuses the Nth of the calls that the store makes itself, N = 1, 2, 3 … (the linker puts these in between).
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>

#include "prefix.h"
#include "specimen.h"
#include "store/reel_check.h"
#include "store/reel_start.h"
#include "store/reel_writer.h"

namespace labreel {
namespace {

enum class SystemCall { none, open, open_direct, pwrite, flock, posix_fallocate, mmap, getrandom, pread, fstat };

struct {
  std::atomic<SystemCall> failing = SystemCall::none;
  std::atomic<std::uint64_t> nth = 0;
  std::atomic<bool> for_good = false;
  std::atomic<int> error = 0;  // of flock, open_direct and pwrite
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
  FailingCall(SystemCall call, std::uint64_t nth, bool for_good, int error = ENOLCK) {
    g_fault.error = error;
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
ssize_t __real_pwrite(int fd, const void* from, size_t bytes, off_t at);
int __real_flock(int fd, int operation);
int __real_posix_fallocate(int fd, off_t at, off_t bytes);
void* __real_mmap(void* at, size_t bytes, int protection, int flags, int fd, off_t offset);
ssize_t __real_getrandom(void* to, size_t bytes, unsigned flags);
ssize_t __real_pread(int fd, void* to, size_t bytes, off_t at);
int __real_fstat(int fd, struct stat* about);

int __wrap_open(const char* path, int flags, ...);
int __wrap_open(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : mode_t{0};
  va_end(rest);
  // Where the page cache cannot be passed by, a reel is written through it: no failure of its own.
  const bool is_direct = (flags & O_DIRECT) != 0;
  if (!labreel::fails(is_direct ? labreel::SystemCall::open_direct : labreel::SystemCall::open)) {
    return __real_open(path, flags, mode);
  }
  errno = is_direct ? labreel::g_fault.error.load() : EMFILE;
  return -1;
}
ssize_t __wrap_pwrite(int fd, const void* from, size_t bytes, off_t at);
ssize_t __wrap_pwrite(int fd, const void* from, size_t bytes, off_t at) {
  if (!labreel::fails(labreel::SystemCall::pwrite)) return __real_pwrite(fd, from, bytes, at);
  errno = labreel::g_fault.error;
  return -1;
}
int __wrap_flock(int fd, int operation);
int __wrap_flock(int fd, int operation) {
  if (!labreel::fails(labreel::SystemCall::flock)) return __real_flock(fd, operation);
  errno = labreel::g_fault.error;
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
int __wrap_fstat(int fd, struct stat* about);
int __wrap_fstat(int fd, struct stat* about) {
  if (!labreel::fails(labreel::SystemCall::fstat)) return __real_fstat(fd, about);
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
  for (const SystemCall call : {SystemCall::open, SystemCall::flock, SystemCall::pread, SystemCall::fstat}) {
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

TEST_CASE("whichever call fails while a reel that lost its head is searched, it says so or gives an exact prefix", "[faults]") {
  Specimen specimen{SpecimenState::sealed, 31, 300};
  specimen.blank(SpecimenFile::reel, 0, 4096);
  for (const SystemCall call : {SystemCall::open, SystemCall::pread, SystemCall::fstat}) {
    std::uint64_t nth = 0;
    for (bool was_hit = true; was_hit;) {
      INFO("call " << static_cast<int>(call) << ", number " << ++nth);
      const FailingCall failing{call, nth, false};
      const Prefix prefix = read_prefix(specimen.path(), specimen.load());
      was_hit = failing.was_hit();
      INFO(prefix.complaint);
      // A page that was found and then cannot be read again is an error of the reading.
      const auto complains_of = [&](const char* words) { return prefix.complaint.find(words) != std::string::npos; };
      const bool was_refused = complains_of("cannot be opened") || complains_of("the reader promised") ||
                               complains_of("cannot be computed");
      REQUIRE((prefix.complaint.empty() || (was_hit && was_refused)));
      REQUIRE((was_hit || prefix.events == specimen.events()));
    }
    CHECK(nth > 1);
  }
}

TEST_CASE("whichever call fails while a cut-off reel is repaired or gone on with, the reel and its ring are as before", "[faults]") {
  Specimen specimen{SpecimenState::cut_off, 32, 300};
  const ScratchFolder folder;
  for (const SystemCall call : {SystemCall::open, SystemCall::flock, SystemCall::pread, SystemCall::fstat}) {
    for (const bool repairs : {true, false}) {
      std::uint64_t nth = 0;
      for (bool was_hit = true; was_hit;) {
        INFO("call " << static_cast<int>(call) << ", number " << ++nth << (repairs ? ", repair" : ", continue"));
        const std::string output = folder.file("b.reel");
        std::string refusal;
        {
          const FailingCall failing{call, nth, false};
          try {
            if (repairs) {
              const auto report = repair_reel(specimen.path(), output);
              if (!report) refusal = report.error().what;
            } else {
              const auto reopened = reopen_reel(specimen.path());
              if (!reopened) refusal = reopened.error().what;
            }
          } catch (const std::system_error& error) {
            refusal = error.what();
          }
          was_hit = failing.was_hit();
        }
        INFO(refusal);
        if (!was_hit) REQUIRE(refusal.empty());
        const Prefix prefix = read_prefix(specimen.path(), specimen.load());
        REQUIRE(prefix.complaint == "");
        REQUIRE(prefix.events == specimen.events());
        std::filesystem::remove(output);
        specimen.restore(SpecimenFile::reel);
        specimen.restore(SpecimenFile::journal);
        specimen.restore(SpecimenFile::ring);
      }
      CHECK(nth > 1);
    }
  }
}

TEST_CASE("a reel that cannot be written past the page cache is written through it", "[faults]") {
  const Load load{9};
  for (const SystemCall call : {SystemCall::open_direct, SystemCall::pwrite, SystemCall::pread}) {
    for (std::uint64_t nth = 1; nth <= 4; ++nth) {
      INFO("call " << static_cast<int>(call) << " from number " << nth << " on");
      const ScratchFolder folder;
      {
        const FailingCall failing{call, nth, true, EINVAL};
        const auto writer = ReelWriter::create(folder.file("a.reel"), options_of_small_pages());
        for (std::uint64_t seq = 1; seq <= kEvents; ++seq) load.append(*writer, seq);
        writer->seal();
        REQUIRE(writer->state().failure.empty());
      }
      REQUIRE(read_prefix(folder.file("a.reel"), load).events == kEvents);
    }
  }
}

TEST_CASE("whichever write past the page cache the disk refuses, the writer says so, and what it promised is there", "[faults]") {
  const Load load{10};
  for (const int error : {EIO, ENOSPC}) {
    for (const bool for_good : {false, true}) {
      std::uint64_t nth = 0;
      for (bool was_hit = true; was_hit;) {
        INFO("error " << error << ", number " << ++nth << (for_good ? " and all after it" : ""));
        const ScratchFolder folder;
        const std::string path = folder.file("a.reel");
        WriterState state;
        bool began = true;
        {
          const FailingCall failing{SystemCall::pwrite, nth, for_good, error};
          try {
            const auto writer = ReelWriter::create(path, options_of_small_pages());
            for (std::uint64_t seq = 1; seq <= kEvents; ++seq) load.append(*writer, seq);
            writer->seal();
            state = writer->state();
          } catch (const std::system_error&) {
            began = false;
          }
          was_hit = failing.was_hit();
        }
        INFO(state.failure);
        // What failed once is written again, with all of its transaction.
        if (was_hit && began && for_good) REQUIRE_FALSE(state.failure.empty());
        if (!was_hit) REQUIRE(state.failure.empty());
        if (!began) REQUIRE(folder.is_empty());
        else REQUIRE(read_prefix(path, load).events == kEvents);
      }
      CHECK(nth > 3);
    }
  }
}

TEST_CASE("another program that locks the ring just before it is gone on with has it", "[faults]") {
  Specimen specimen{SpecimenState::cut_off, 33, 300};
  const auto refused_at = [&](std::uint64_t nth) {
    const FailingCall failing{SystemCall::flock, nth, false, EWOULDBLOCK};
    const auto reopened = reopen_reel(specimen.path());
    return !reopened && reopened.error().kind == ErrorKind::usage;
  };
  std::uint64_t refusals = 0;
  for (std::uint64_t nth = 1; nth <= 8; ++nth) refusals += refused_at(nth) ? 1 : 0;
  CHECK(refusals >= 3);  // the ring's owner, the reel, and the ring itself
}

TEST_CASE("a hot journal is rolled back without room for anything", "[faults]") {
  const Specimen specimen{SpecimenState::in_commit, 34, 300};
  const char* const before = std::getenv("TMPDIR");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TMPDIR", "/proc", 1);
  const auto reader = ReelReader::open(specimen.path());
  if (before == nullptr) ::unsetenv("TMPDIR");
  else ::setenv("TMPDIR", kept.c_str(), 1);
  REQUIRE(reader.ok());
  CHECK_FALSE(reader->end().damage);
  CHECK(reader->end().last.value == specimen.events());
}

}  // namespace labreel
