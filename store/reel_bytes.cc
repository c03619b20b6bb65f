#include "store/reel_bytes.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/os/system_call.h"
#include "store/format.h"
#include "store/reel_files.h"
#include "store/sqlite_layout.h"

namespace labreel {
namespace {

constexpr std::uint64_t kPage_bytes = kDatabasePage_bytes;
constexpr std::string_view kJournalMagic{"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8};
constexpr std::uint64_t kHead_bytes = 28;
constexpr std::uint64_t kFirstSector_bytes = 512;     // what SQLite takes a sector for until the first head says it
constexpr std::uint64_t kSectorBytes_max = 65'536;
constexpr std::uint64_t kRecord_bytes = 4 + kPage_bytes + 4;  // a page's number, the page, its check
constexpr std::uint64_t kPendingPage = 0x40000000 / kPage_bytes + 1;  // where locks are: never in a journal
// Each page is there at most once, behind a head of at most a page.
constexpr std::uint64_t kJournalSlack_bytes = 1 << 20;

std::uint32_t big_endian(const char* bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

// As many as there are, or -1.
std::int64_t read_at(int fd, std::uint64_t at, void* to, std::uint64_t bytes) {
  std::uint64_t done = 0;
  while (done < bytes) {
    const ssize_t got = retried(
        [&] { return ::pread(fd, static_cast<char*>(to) + done, bytes - done, static_cast<off_t>(at + done)); });
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<std::uint64_t>(got);
  }
  return static_cast<std::int64_t>(done);
}

Error not_ours(const std::string& path, std::uint64_t byte, const std::string& what) {
  return {ErrorKind::input, "is not the journal of a recorder of labreel: " + what, path + ": byte " + std::to_string(byte),
          "look where it comes from; without it, what is whole in the reel is read"};
}

Error unreadable(const std::string& path) {
  return {ErrorKind::input, std::string("the journal beside the reel cannot be read: ") + std::strerror(errno), path};
}

// A journal, read from its front as SQLite plays it.
class Journal {
 public:
  struct Head {
    std::uint64_t records = 0;
    std::uint32_t check = 0;
    std::uint64_t pages = 0;  // of the database before the transaction
  };
  Journal(int fd, std::uint64_t size, const std::string& path) : fd_(fd), size_(size), path_(path) {}

  // A transaction over several databases, which labreel has none of, ends in the name of a file; SQLite deletes it.
  Status refuse_super_journal() const {
    std::array<char, kJournalMagic.size()> end{};
    if (size_ < end.size()) return ok_status();
    const std::uint64_t at = size_ - end.size();
    if (read_at(fd_, at, end.data(), end.size()) < 0) return unreadable(path_);
    if (std::string_view(end.data(), end.size()) != kJournalMagic) return ok_status();
    return not_ours(path_, at, "it names another file, which SQLite would delete");
  }

  // The next head; nothing at the end.
  Result<std::optional<Head>> next_head() {
    const bool is_first = at_ == 0;
    const std::uint64_t at = is_first ? 0 : ((at_ - 1) / sector_bytes_ + 1) * sector_bytes_;
    if (at + sector_bytes_ > size_) return std::optional<Head>{};
    std::array<char, kHead_bytes> bytes{};
    const std::int64_t got = read_at(fd_, at, bytes.data(), bytes.size());
    if (got < 0) return unreadable(path_);
    if (std::string_view(bytes.data(), kJournalMagic.size()) != kJournalMagic) return std::optional<Head>{};
    if (is_first) {
      const std::uint64_t sector = big_endian(&bytes[20]);
      const bool is_sector = sector >= kFirstSector_bytes && sector <= kSectorBytes_max && (sector & (sector - 1)) == 0;
      if (!is_sector) return not_ours(path_, at + 20, "it is for a disk with sectors of " + std::to_string(sector) + " bytes");
      if (big_endian(&bytes[24]) != kPage_bytes) return not_ours(path_, at + 24, "its pages have another size than a reel's");
      sector_bytes_ = sector;
    }
    at_ = at + sector_bytes_;
    Head head{big_endian(&bytes[8]), big_endian(&bytes[12]), big_endian(&bytes[16])};
    if (head.records == 0xFFFFFFFF) head.records = (size_ - std::min(size_, sector_bytes_)) / kRecord_bytes;
    return std::optional{head};
  }

  struct Record {
    std::uint64_t page = 0;
    std::uint64_t bytes_at = 0;
    bool counts = false;  // no: it is of a page behind the end
  };
  // The next record; nothing where the records end, or go wrong, as those of a torn journal do.
  Result<std::optional<Record>> next_record(const Head& head, std::uint64_t pages) {
    if (bytes_.empty()) bytes_.resize(kRecord_bytes);
    const std::int64_t got = read_at(fd_, at_, bytes_.data(), kRecord_bytes);
    if (got < 0) return unreadable(path_);
    const auto whole = static_cast<std::uint64_t>(got);
    const std::uint64_t page = big_endian(bytes_.data());
    if (whole < 4 + kPage_bytes || page == 0 || page == kPendingPage) return std::optional<Record>{};
    const Record record{page, at_ + 4, page <= pages};
    if (record.counts) {
      if (whole < kRecord_bytes || big_endian(&bytes_[4 + kPage_bytes]) != check_of(head)) return std::optional<Record>{};
    }
    at_ += kRecord_bytes;
    return std::optional{record};
  }

 private:
  std::uint32_t check_of(const Head& head) const {
    std::uint32_t check = head.check;
    for (int i = static_cast<int>(kPage_bytes) - 200; i > 0; i -= 200) {
      check += static_cast<unsigned char>(bytes_[4 + static_cast<std::size_t>(i)]);
    }
    return check;
  }

  int fd_;
  std::uint64_t size_;
  const std::string& path_;
  std::uint64_t at_ = 0;
  std::uint64_t sector_bytes_ = kFirstSector_bytes;
  std::string bytes_;
};

Result<std::uint64_t> length_of(const OwnedFd& fd, const std::string& path) {
  struct stat about {};
  if (::fstat(fd.get(), &about) != 0) return unreadable(path);
  if (!S_ISREG(about.st_mode)) return Error{ErrorKind::input, "is not a file", path};
  return static_cast<std::uint64_t>(about.st_size);
}

}  // namespace

Result<std::shared_ptr<const ReelBytes>> ReelBytes::of(OwnedFd reel, const std::string& path) {
  return of(std::move(reel), OwnedFd{}, path);
}

Result<std::shared_ptr<const ReelBytes>> ReelBytes::of(OwnedFd reel, OwnedFd journal, const std::string& path) {
  const Result<std::uint64_t> size = length_of(reel, path);
  if (!size) return size.error();
  const std::shared_ptr<ReelBytes> bytes{new ReelBytes(std::move(reel), *size)};
  if (journal.is_open()) {
    // Such a reel is never written in place.
    std::array<unsigned char, 2> size_told{};
    if (read_at(bytes->reel_.get(), kPageSizeAt, size_told.data(), size_told.size()) < 0) return unreadable(path);
    const auto page_bytes = page_size_in(size_told[0], size_told[1]);
    if (page_bytes && *page_bytes != kPage_bytes) return not_ours(journal_path_of(path), 0, "no transaction was open in this reel");
    const Status rolled_back = bytes->roll_back(std::move(journal), journal_path_of(path));
    if (!rolled_back) return rolled_back.error();
  }
  return std::shared_ptr<const ReelBytes>{bytes};
}

Status ReelBytes::roll_back(OwnedFd journal_file, const std::string& journal_path) {
  const Result<std::uint64_t> length = length_of(journal_file, journal_path);
  if (!length) return length.error();
  if (*length > 2 * size_ + kJournalSlack_bytes) {
    return not_ours(journal_path, 0, "its " + std::to_string(*length) + " bytes are more than the reel's " +
                                         std::to_string(size_) + " can need");
  }
  Journal journal{journal_file.get(), *length, journal_path};
  if (Status fine = journal.refuse_super_journal(); !fine) return fine;
  std::optional<std::uint64_t> pages;
  for (bool goes_on = true; goes_on;) {
    const Result<std::optional<Journal::Head>> head = journal.next_head();
    if (!head) return head.error();
    if (!*head) break;
    if (!pages) pages = (*head)->pages;
    for (std::uint64_t i = 0; goes_on && i < (*head)->records; ++i) {
      const Result<std::optional<Journal::Record>> record = journal.next_record(**head, *pages);
      if (!record) return record.error();
      // Nothing behind a record that is not whole was synced, and so the database was not touched for it.
      goes_on = record->has_value();
      if (goes_on && (*record)->counts) old_pages_[((*record)->page - 1) * kPage_bytes] = (*record)->bytes_at;
    }
  }
  if (pages) size_ = *pages * kPage_bytes;
  journal_ = std::move(journal_file);
  return ok_status();
}

std::int64_t ReelBytes::read(std::uint64_t at, void* to, std::uint64_t bytes) const {
  auto* out = static_cast<char*>(to);
  const std::uint64_t there = at >= size_ ? 0 : std::min(bytes, size_ - at);
  std::memset(out + there, 0, bytes - there);
  for (std::uint64_t done = 0; done < there;) {
    const std::uint64_t place = at + done;
    std::uint64_t part = there - done;
    int fd = reel_.get();
    std::uint64_t from = place;
    if (!old_pages_.empty()) {
      const std::uint64_t page_at = place / kPage_bytes * kPage_bytes;
      part = std::min(part, page_at + kPage_bytes - place);
      if (const auto old = old_pages_.find(page_at); old != old_pages_.end()) {
        fd = journal_.get();
        from = old->second + (place - page_at);
      }
    }
    const std::int64_t got = read_at(fd, from, out + done, part);
    if (got < 0) return -1;
    // What the reel lost since, its journal knew of.
    std::memset(out + done + got, 0, part - static_cast<std::uint64_t>(got));
    done += part;
  }
  return static_cast<std::int64_t>(there);
}

Result<std::shared_ptr<const ReelBytes>> bytes_of(const ReelFiles& files) {
  return ReelBytes::of(files.reel_again(), files.journal_again(), files.path());
}

}  // namespace labreel
