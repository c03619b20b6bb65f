// What can be said of a reel before SQLite sees it, and the rolling back of a dead recorder's journal.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "store/open_reel.h"

namespace labreel {
namespace {

constexpr std::size_t kHead_bytes = 100;
constexpr std::size_t kPageCountAt = 28;
constexpr std::size_t kUserVersionAt = 60;  // https://www.sqlite.org/fileformat2.html, section 1.3
constexpr std::size_t kApplicationIdAt = 68;
constexpr std::string_view kSqliteMagic{"SQLite format 3\0", 16};
constexpr std::string_view kJournalMagic{"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8};

struct Head {
  std::array<char, kHead_bytes> bytes{};
  std::uint64_t file_bytes = 0;
};

std::uint32_t big_endian(const Head& head, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(head.bytes[at + i]);
  return value;
}

Error unreadable(const std::string& path) {
  return {ErrorKind::input, std::string("cannot be read: ") + std::strerror(errno), path};
}

Result<Head> read_head(const std::string& path) {
  const OwnedFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat about {};
  if (!fd.is_open() || ::fstat(fd.get(), &about) != 0) return unreadable(path);
  if (!S_ISREG(about.st_mode)) return Error{ErrorKind::input, "is not a file, and so no reel", path};
  if (about.st_size == 0) {
    return Error{ErrorKind::input, "is empty: no reel was ever written here", path, "delete it, and record again"};
  }
  Head head;
  head.file_bytes = static_cast<std::uint64_t>(about.st_size);
  const ssize_t read = retried([&] { return ::pread(fd.get(), head.bytes.data(), head.bytes.size(), 0); });
  if (read < 0) return unreadable(path);
  const auto got = static_cast<std::size_t>(read);
  if (std::string_view(head.bytes.data(), std::min(got, kSqliteMagic.size())) != kSqliteMagic.substr(0, got)) {
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

// Room for a copy of a reel and its journal; it goes away with them, also when there is no memory left.
class PrivateFolder {
 public:
  PrivateFolder() : path_((std::filesystem::temp_directory_path() / "labreel-XXXXXX").string()) {
    reel_.reserve(path_.size() + 16);
    journal_.reserve(path_.size() + 32);
    if (::mkdtemp(path_.data()) == nullptr) checked("make the folder " + path_, -1);
    reel_.append(path_).append("/copy.reel");
    journal_.append(reel_).append("-journal");
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder() {
    ::unlink(journal_.c_str());
    ::unlink(reel_.c_str());
    ::rmdir(path_.c_str());
  }
  const std::string& reel() const { return reel_; }
  const std::string& journal() const { return journal_; }

 private:
  std::string path_;
  std::string reel_;
  std::string journal_;
};

}  // namespace

bool has_hot_journal(const std::string& path) {
  const std::string journal = journal_path_of(path);
  const OwnedFd fd{::open(journal.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!fd.is_open() && errno == ENOENT) return false;
  checked("open " + journal, fd.get());
  std::array<char, kJournalMagic.size()> start{};
  const ssize_t got = checked("read " + journal, retried([&] { return ::pread(fd.get(), start.data(), start.size(), 0); }));
  return std::string_view(start.data(), static_cast<std::size_t>(got)) == kJournalMagic;
}

// SQLite would roll back in place, and readers never write: so a copy, which is gone from the folder once SQLite has
// both files open.
Database open_rolled_back(const std::string& path) {
  const PrivateFolder folder;
  std::filesystem::copy_file(path, folder.reel());
  std::filesystem::copy_file(journal_path_of(path), folder.journal());
  Database database = Database::open_copy(folder.reel());
  database.number("SELECT count(*) FROM sqlite_schema");
  return database;
}

Result<std::uint32_t> format_version_of(const std::string& path) {
  const Result<Head> head = read_head(path);
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

std::optional<Error> find_cut(const std::string& path) {
  const Result<Head> head = read_head(path);
  if (!head) return std::nullopt;
  const std::uint64_t promised = std::uint64_t{big_endian(*head, kPageCountAt)} * kDatabasePage_bytes;
  if (head->file_bytes >= promised) return std::nullopt;
  return Error{ErrorKind::input,
               "the file is cut short: of " + std::to_string(promised) + " bytes " + std::to_string(head->file_bytes) +
                   " are there",
               path + ": byte " + std::to_string(head->file_bytes), "labreel check --repair keeps what can be read"};
}

}  // namespace labreel
