#include "store/reel_rewrite.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/os/system_call.h"
#include "store/blob_codec.h"
#include "store/open_reel.h"
#include "store/packed_codec.h"
#include "store/page_codec.h"
#include "store/reel_check.h"
#include "store/reel_lock.h"
#include "store/reel_tables.h"
#include "store/sqlite_layout.h"

namespace labreel {
namespace {

Error refused(const std::string& path, const std::string& what) {
  return {ErrorKind::host, "cannot be written anew, and is as it was: " + what, path};
}

// The file beside a reel; gone with this, unless it took the reel's place.
class NewFile {
 public:
  explicit NewFile(const std::string& reel) : reel_(reel), path_(reel + "-new") {
    ::unlink(path_.c_str());  // a killed one's
    fd_ = OwnedFd{checked("create " + path_, ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600))};
    checked("lock " + path_, ::flock(fd_.get(), LOCK_EX | LOCK_NB));
  }
  ~NewFile() {
    if (fd_.is_open()) ::unlink(path_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  const std::string& path() const { return path_; }
  void sync() const { checked("sync " + path_, ::fsync(fd_.get())); }
  // Another owner than the process's own only if it may.
  void belong_like(int fd) const {
    struct stat old {};
    struct stat now {};
    checked("look at " + reel_, ::fstat(fd, &old));
    checked("look at " + path_, ::fstat(fd_.get(), &now));
    if (old.st_uid != now.st_uid || old.st_gid != now.st_gid) {
      checked("give " + path_ + " its owner", ::fchown(fd_.get(), old.st_uid, old.st_gid));
    }
    checked("give " + path_ + " its mode", ::fchmod(fd_.get(), old.st_mode & 07777));
  }
  // Returns the lock. After the rename nothing is taken back: a folder that cannot be synced may have either of the two.
  OwnedFd take_place() {
    checked("rename " + path_, ::rename(path_.c_str(), reel_.c_str()));
    OwnedFd lock = std::move(fd_);
    const std::string folder = std::filesystem::path{reel_}.parent_path();
    const OwnedFd parent{checked("open " + folder, ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))};
    checked("sync " + folder, ::fsync(parent.get()));
    return lock;
  }

 private:
  std::string reel_;
  std::string path_;
  OwnedFd fd_;
};

// Rows of one table, as they are.
void copy_rows(Database& from, Database& to, const std::string& table) {
  Statement select{from, "SELECT * FROM " + table};
  std::string marks = "?";
  for (int i = 1; i < select.columns(); ++i) marks += ", ?";
  Statement insert{to, "INSERT INTO " + table + " VALUES (" + marks + ")"};
  while (select.step()) {
    for (int i = 0; i < select.columns(); ++i) {
      switch (select.type(i)) {
        case SQLITE_INTEGER: insert.bind(i + 1, select.number(i)); break;
        case SQLITE_TEXT: insert.bind(i + 1, select.bytes(i)); break;
        case SQLITE_NULL: insert.bind_null(i + 1); break;
        default: insert.bind_bytes(i + 1, select.bytes(i)); break;
      }
    }
    insert.execute();
  }
}

class Rewriting {
 public:
  Rewriting(OpenReel& from, const std::string& to, const RewriteOptions& options)
      : from_(from),
        has_packed_(has_packed_tables(*from.database())),
        has_blobs_(has_blob_tables(*from.database())),
        compresses_(options.compress),
        progress_(options.progress),
        to_(Database::create_unshared(to, page_bytes(options))) {}

  // Errors: a page that cannot be read; DatabaseError.
  Status run() {
    to_.run("BEGIN");
    for (const auto& [name, sql] : reel_tables()) to_.run(sql);
    if (has_packed_) {
      for (const SchemaRow& row : packed_schema()) {
        if (!row.sql.empty()) to_.run(std::string{row.sql});
      }
    }
    if (has_blobs_) {
      for (const SchemaRow& row : blob_schema()) to_.run(std::string{row.sql});
    }
    for (const auto& [name, sql] : reel_tables()) {
      if (!compresses_ || name != page_table().first) copy_rows(*from_.database(), to_, name);
    }
    if (compresses_) {
      if (const Status compressed = compress_pages(); !compressed) return compressed;
    }
    if (has_packed_) {
      copy_rows(*from_.database(), to_, "sqlar");
      copy_rows(*from_.database(), to_, "packed");
    }
    if (has_blobs_) {
      copy_rows(*from_.database(), to_, "blob");
      copy_rows(*from_.database(), to_, "blob_use");
    }
    const std::uint32_t version = compresses_ ? kFormatVersion : from_.format_version();
    to_.run("PRAGMA user_version=" + std::to_string(version));
    to_.run("COMMIT");
    return ok_status();
  }

 private:
  Status compress_pages() {
    PageCompressor compressor;
    Statement insert{to_, "INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?)"};
    PagePtr page;
    for (Seq next{1}; next <= from_.end().last; next = Seq{page->head().last_seq()}.next()) {
      Result<PagePtr> loaded = from_.page_with(next, page.get());
      if (!loaded) return loaded.error();
      page = std::move(*loaded);
      const PageBuffer& image = compressor.compress(page->buffer);
      const PageHead head = compressor.head();
      const std::string hash = bytes_of(head.hash);
      insert.bind(1, head.first_seq).bind(2, head.number).bind(3, std::uint64_t{head.count}).bind(4, head.first_time_ns);
      insert.bind(5, head.last_time_ns).bind_bytes(6, hash).bind_bytes(7, image.text());
      insert.execute();
      if (progress_) progress_(page->head().last_seq(), 2 * from_.end().last.value);
    }
    return ok_status();
  }
  int page_bytes(const RewriteOptions& options) const {
    if (!options.small_pages) return kDatabasePage_bytes;
    return kSmallPage_bytes[has_packed_ || has_blobs_ ? 1 : 0];
  }
  OpenReel& from_;
  bool has_packed_;
  bool has_blobs_;
  bool compresses_;
  const EventsRewritten& progress_;
  Database to_;
};

Result<bool> has_small_pages(int fd, const std::string& path) {
  std::array<unsigned char, 2> told{};
  const ssize_t got = retried([&] { return ::pread(fd, told.data(), told.size(), kPageSizeAt); });
  if (got < 0) return refused(path, std::strerror(errno));
  const auto page_bytes = page_size_in(told[0], told[1]);
  return page_bytes && *page_bytes != kDatabasePage_bytes;
}

// That the new file is the old one's reel: whole, and with the same digest, which is computed of its events.
Status compare(const OpenReel& old, const std::string& new_path, const EventsRewritten& progress) {
  const Result<ReelReport> report = check_reel(new_path, [&](std::uint64_t done, std::uint64_t total) {
    if (progress) progress(total + done, 2 * total);
  });
  if (!report) return report.error();
  if (!report->findings.empty()) {
    const ReelFinding& first = report->findings.front();
    return Error{ErrorKind::input, "is damaged, and so is not written anew: " + first.what, old.path(),
                 "labreel check --repair makes a new reel of what can be read"};
  }
  if (report->complete && report->digest == old.meta()->digest) return ok_status();
  return refused(old.path(), "what was written is another recording");
}

}  // namespace

Result<OwnedFd> rewrite_reel(const std::string& path, const RewriteOptions& options) {
  const Result<std::shared_ptr<OpenReel>> opened = OpenReel::open(path);
  if (!opened) return opened.error();
  OpenReel& reel = **opened;
  if (!reel.end().complete || reel.database() == nullptr) {
    return Error{ErrorKind::input, "is not written anew: " + reel.end().why, path,
                 "labreel check --repair makes it one complete file"};
  }
  try {
    // Behind a symbolic link lies the file whose place it is.
    NewFile file{std::filesystem::canonical(path)};
    if (const Status written = Rewriting{reel, file.path(), options}.run(); !written) return written.error();
    if (const Status same = compare(reel, file.path(), options.progress); !same) return same.error();
    const OwnedFd old{checked("open " + path, ::open(path.c_str(), O_RDONLY | O_CLOEXEC))};
    file.belong_like(old.get());
    file.sync();
    return file.take_place();
  } catch (const DatabaseError& error) {
    return refused(path, error.what());
  } catch (const std::system_error& error) {
    return refused(path, error.what());
  }
}

Result<bool> open_up_reel(const std::string& path, OwnedFd& lock) {
  const Result<bool> is_small = has_small_pages(lock.get(), path);
  if (!is_small || !*is_small) return is_small;
  Result<OwnedFd> opened_up = rewrite_reel(path, {});
  if (!opened_up) return opened_up.error();
  lock = std::move(*opened_up);
  return true;
}

Status settle_locked_reel(const std::string& path, Pages pages, const EventsRewritten& progress) {
  const OwnedFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat about {};
  if (!fd.is_open() || ::fstat(fd.get(), &about) != 0) return refused(path, std::strerror(errno));
  const Result<bool> is_small = has_small_pages(fd.get(), path);
  if (!is_small) return is_small.error();
  RewriteOptions options;
  options.compress = pages == Pages::compressed;
  options.progress = progress;
  options.small_pages = *is_small || static_cast<std::uint64_t>(about.st_size) <= kSmallReel_bytes;
  if (!options.compress && options.small_pages == *is_small) return ok_status();
  const Result<OwnedFd> done = rewrite_reel(path, options);
  return done ? ok_status() : Status{done.error()};
}

Status settle_reel(const std::string& path, Pages pages, const EventsRewritten& progress) {
  try {
    const OwnedFd lock = lock_file(path, O_RDWR);
    return lock.is_open() ? settle_locked_reel(path, pages, progress) : Status{in_use(path)};
  } catch (const std::system_error& error) {
    return refused(path, error.what());
  }
}

}  // namespace labreel
