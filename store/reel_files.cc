#include "store/reel_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/os/system_call.h"
#include "store/format.h"
#include "store/ring.h"
#include "store/sqlite_layout.h"

namespace labreel {
namespace {

constexpr std::size_t kHead_bytes = 100;
constexpr std::size_t kPageCountAt = 28;
constexpr std::size_t kUserVersionAt = 60;  // https://www.sqlite.org/fileformat2.html, section 1.3
constexpr std::size_t kApplicationIdAt = 68;
constexpr std::string_view kSqliteMagic{"SQLite format 3\0", 16};
constexpr std::string_view kJournalMagic{"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8};

// Without O_NONBLOCK a pipe of that name would stop us.
constexpr int kForReading = O_RDONLY | O_CLOEXEC | O_NONBLOCK;

using Head = std::array<char, kHead_bytes>;

std::uint32_t big_endian(const Head& head, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(head[at + i]);
  return value;
}

Error unreadable(const std::string& path) {
  return {ErrorKind::input, std::string("cannot be read: ") + std::strerror(errno), path};
}

struct Opened {
  OwnedFd fd;
  std::uint64_t size = 0;
};

Result<Opened> open_reel_file(const std::string& path) {
  Opened opened{OwnedFd{::open(path.c_str(), kForReading)}};
  struct stat about {};
  if (!opened.fd.is_open() || ::fstat(opened.fd.get(), &about) != 0) return unreadable(path);
  if (!S_ISREG(about.st_mode)) return Error{ErrorKind::input, "is not a file, and so no reel", path};
  if (about.st_size == 0) {
    return Error{ErrorKind::input, "is empty: no reel was ever written here", path, "delete it, and record again"};
  }
  opened.size = static_cast<std::uint64_t>(about.st_size);
  return opened;
}

Result<Head> read_head(int fd, const std::string& path) {
  Head head{};
  const ssize_t read = retried([&] { return ::pread(fd, head.data(), head.size(), 0); });
  if (read < 0) return unreadable(path);
  const auto got = static_cast<std::size_t>(read);
  if (std::string_view(head.data(), std::min(got, kSqliteMagic.size())) != kSqliteMagic.substr(0, got)) {
    return Error{ErrorKind::input, "is not a reel", path + ": byte 0", "a reel is what labreel run writes"};
  }
  if (got < kHead_bytes) {
    return Error{ErrorKind::input, "is cut off before its first page", path + ": byte " + std::to_string(got)};
  }
  if (big_endian(head, kApplicationIdAt) != kApplicationId) {
    return Error{ErrorKind::input, "is a database, but not a reel", path + ": byte " + std::to_string(kApplicationIdAt)};
  }
  return head;
}

// Not open if there is none, or none that must be rolled back.
OwnedFd open_hot_journal(const std::string& path) {
  const std::string journal = journal_path_of(path);
  OwnedFd fd{::open(journal.c_str(), kForReading)};
  if (!fd.is_open() && errno == ENOENT) return {};
  checked("open " + journal, fd.get());
  std::array<char, kJournalMagic.size()> start{};
  const ssize_t got = checked("read " + journal, retried([&] { return ::pread(fd.get(), start.data(), start.size(), 0); }));
  return std::string_view(start.data(), static_cast<std::size_t>(got)) == kJournalMagic ? std::move(fd) : OwnedFd{};
}

OwnedFd again(int fd) {
  if (fd < 0) return {};
  OwnedFd more{::fcntl(fd, F_DUPFD_CLOEXEC, 0)};
  if (!more.is_open()) checked("take a reel's descriptor", -1);
  return more;
}

}  // namespace

Result<ReelFiles> ReelFiles::take(const std::string& path) {
  const std::string ring_path = ring_path_of(path);
  OwnedFd ring{::open(ring_path.c_str(), kForReading)};
  const int ring_errno = ring.is_open() || errno == ENOENT ? 0 : errno;
  if (ring.is_open()) {
    if (const auto socket = RingFile::live_owner(ring.get())) return recorded_now(path, *socket);
  }
  Result<Opened> reel = open_reel_file(path);
  if (!reel) return reel.error();
  try {
    const auto held = std::make_shared<Held>();
    held->path = path;
    held->size = reel->size;
    held->reel = std::move(reel->fd);
    held->journal = open_hot_journal(path);
    held->ring = std::move(ring);
    held->ring_errno = ring_errno;
    return ReelFiles{held};
  } catch (const std::system_error& error) {
    return Error{ErrorKind::host, std::string("its journal cannot be looked at: ") + error.what(), path};
  }
}

OwnedFd ReelFiles::reel_again() const { return again(reel()); }
OwnedFd ReelFiles::journal_again() const { return again(journal()); }

bool has_hot_journal(const std::string& path) { return open_hot_journal(path).is_open(); }

Result<std::uint32_t> format_version_of(const std::string& path) {
  const Result<Opened> reel = open_reel_file(path);
  if (!reel) return reel.error();
  const Result<Head> head = read_head(reel->fd.get(), path);
  if (!head) return head.error();
  return big_endian(*head, kUserVersionAt);
}

Result<std::uint32_t> format_version_of(const ReelFiles& files) {
  const Result<Head> head = read_head(files.reel(), files.path());
  if (!head) return head.error();
  return big_endian(*head, kUserVersionAt);
}

Status check_version(const std::string& path, std::uint32_t version) {
  if (version > kFormatVersion || version == 0) {
    return Error{ErrorKind::input,
                 "has format version " + std::to_string(version) + "; this labreel reads up to version " +
                     std::to_string(kFormatVersion),
                 path, "a newer labreel wrote it: use that one"};
  }
  return ok_status();
}

std::optional<Error> find_cut(const ReelFiles& files) {
  const Result<Head> head = read_head(files.reel(), files.path());
  if (!head) return std::nullopt;
  const auto told = [&](std::size_t at) { return static_cast<unsigned char>((*head)[at]); };
  const std::optional<std::uint64_t> page_bytes = page_size_in(told(kPageSizeAt), told(kPageSizeAt + 1));
  if (!page_bytes) return std::nullopt;
  const std::uint64_t promised = std::uint64_t{big_endian(*head, kPageCountAt)} * *page_bytes;
  if (files.size() >= promised) return std::nullopt;
  return Error{ErrorKind::input,
               "the file is cut short: of " + std::to_string(promised) + " bytes " + std::to_string(files.size()) +
                   " are there",
               files.path() + ": byte " + std::to_string(files.size()), "labreel check --repair keeps what can be read"};
}

Error placed_in(const std::string& path, Error error) {
  error.place = path + (error.place.empty() ? "" : ": " + error.place);
  return error;
}

Error recorded_now(const std::string& path, const std::string& control_socket) {
  const std::string recorder = control_socket.empty() ? "" : ", by the recorder that answers at " + control_socket;
  return {ErrorKind::input, "is being recorded right now" + recorder, path, "ask its recorder, or stop the lab first"};
}

}  // namespace labreel
