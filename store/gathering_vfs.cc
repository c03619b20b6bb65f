#include "store/gathering_vfs.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "engine/core/check.h"
#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "store/own_vfs.h"

namespace labreel {
namespace {

constexpr int kGathered_bytes = PageMemory::kHeld_pages * kDatabasePage_bytes;
constexpr int kReadAhead_bytes = 1 << 20;
constexpr int kAlignment = 4096;     // of memory, place and length: what O_DIRECT asks for on any disk
constexpr int kInner_bytes = 1024;   // room for the default VFS's own file
constexpr int kGatherFrom = 1'000;   // a file control of our own: a std::shared_ptr<PageMemory>; SQLite's are smaller

sqlite3_vfs* default_vfs() { return sqlite3_vfs_find(nullptr); }

// The errno of a write that failed here, for SQLite to ask for once it has rolled back; 0 where the default VFS knows it.
std::atomic<int> g_os_error = 0;

// Passes on what the default VFS says of a call.
int told(int code) {
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) g_os_error = 0;
  return code;
}

// What a file asks us to do to another one.
int refused(int code) {
  g_os_error = EACCES;
  return code;
}

struct FreeAligned {
  void operator()(std::byte* bytes) const { std::free(bytes); }
};

using Room = std::unique_ptr<std::byte, FreeAligned>;
Room make_room() { return Room{static_cast<std::byte*>(std::aligned_alloc(kAlignment, kReadAhead_bytes))}; }

struct Range {
  sqlite3_int64 at = 0;
  int bytes = 0;
  sqlite3_int64 end() const { return at + bytes; }
  bool is_aligned() const { return bytes % kAlignment == 0 && at % kAlignment == 0; }
  bool meets(const Range& other) const { return at < other.end() && other.at < end(); }
  bool contains(const Range& other) const { return at <= other.at && other.end() <= end(); }
};

// What is gathered of one file, and what was read ahead of it.
class Gatherer {
 public:
  Gatherer(sqlite3_file* inner, OwnedFd direct)
      : inner_(inner), direct_(std::move(direct)), was_read_(direct_.is_open() ? make_room() : nullptr) {}

  void gather_from(std::shared_ptr<PageMemory> memory) { memory_ = std::move(memory); }

  int write(const void* from, const Range& what) {
    if (what.meets(read_)) read_ = {};
    const auto* const bytes = static_cast<const std::byte*>(from);
    const bool is_held = memory_ && memory_->contains(from) && what.bytes == kDatabasePage_bytes;
    const bool goes_on = is_held && what.at == gathered_.end() && bytes == from_ + gathered_.bytes;
    if (!goes_on || gathered_.bytes == kGathered_bytes) {
      if (const int code = flush(); code != SQLITE_OK) return code;
    }
    if (!is_held) return told(inner_->pMethods->xWrite(inner_, from, what.bytes, what.at));
    if (gathered_.bytes == 0) {
      gathered_.at = what.at;
      from_ = bytes;
    }
    gathered_.bytes += what.bytes;
    memory_->hold(from_, static_cast<std::size_t>(gathered_.bytes / kDatabasePage_bytes));
    return SQLITE_OK;
  }

  int read(void* to, const Range& what) {
    if (what.meets(gathered_)) {
      if (const int code = flush(); code != SQLITE_OK) return code;
    }
    const bool goes_on = what.at == last_read_end_;
    last_read_end_ = what.end();
    if (goes_on && was_read_ && what.is_aligned() && what.bytes < kReadAhead_bytes && !read_.contains(what)) read_ahead(what.at);
    if (!read_.contains(what)) return told(inner_->pMethods->xRead(inner_, to, what.bytes, what.at));
    std::memcpy(to, was_read_.get() + (what.at - read_.at), static_cast<std::size_t>(what.bytes));
    return SQLITE_OK;
  }

  // What cannot be written is given up: it belongs to a transaction that will be rolled back.
  int flush() {
    if (gathered_.bytes == 0) return SQLITE_OK;
    const Range what = std::exchange(gathered_, {});
    const int code = direct_.is_open() && writes_direct_ ? write_direct(what) : write_inner(what, 0);
    memory_->hold(from_, 0);
    return code;
  }
  void forget_read() { read_ = {}; }

 private:
  int write_direct(const Range& what) {
    for (int done = 0; done < what.bytes;) {
      const ssize_t wrote = retried([&] {
        return ::pwrite(direct_.get(), from_ + done, static_cast<std::size_t>(what.bytes - done), what.at + done);
      });
      if (wrote < 0 && errno == EINVAL) {
        // A file system that lets a file be opened so and then asks for more than we align.
        writes_direct_ = false;
        return write_inner(what, done);
      }
      if (wrote <= 0) {
        g_os_error = wrote < 0 ? errno : ENOSPC;
        return g_os_error == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
      }
      done += static_cast<int>(wrote);
    }
    return SQLITE_OK;
  }
  // Other VFSs take no more than a page at a time.
  int write_inner(const Range& what, int done) {
    int code = SQLITE_OK;
    for (; code == SQLITE_OK && done < what.bytes; done += kDatabasePage_bytes) {
      const int bytes = std::min(kDatabasePage_bytes, what.bytes - done);
      code = told(inner_->pMethods->xWrite(inner_, from_ + done, bytes, what.at + done));
    }
    return code;
  }
  // Where it fails nothing is there, and the default VFS says why.
  void read_ahead(sqlite3_int64 at) {
    read_ = {};
    const ssize_t got = retried([&] { return ::pread(direct_.get(), was_read_.get(), kReadAhead_bytes, at); });
    if (got > 0) read_ = {at, static_cast<int>(got)};
  }

  sqlite3_file* inner_;
  OwnedFd direct_;
  bool writes_direct_ = true;
  std::shared_ptr<PageMemory> memory_;  // null: nothing is gathered
  Room was_read_;                       // null: nothing is read ahead
  Range gathered_;
  const std::byte* from_ = nullptr;  // where what is gathered lies
  Range read_;
  sqlite3_int64 last_read_end_ = -1;
};

// The databases that are open, by SQLite's names for them: beside each lies its journal, and no other file concerns us.
class OpenNames {
 public:
  void add(const char* name) {
    const std::lock_guard lock{mutex_};
    names_.insert(name);
  }
  void drop(const char* name) {
    const std::lock_guard lock{mutex_};
    if (const auto found = names_.find(name); found != names_.end()) names_.erase(found);
  }
  bool has_beside(std::string_view name, std::string_view ending) const {
    if (!name.ends_with(ending)) return false;
    const std::lock_guard lock{mutex_};
    return names_.contains(name.substr(0, name.size() - ending.size()));
  }

 private:
  mutable std::mutex mutex_;
  std::multiset<std::string, std::less<>> names_;
};
OpenNames& open_names() {
  static OpenNames names;
  return names;
}
constexpr std::string_view kJournalEnding = "-journal";

// SQLite gives the memory for it, and knows its first member.
struct GatheringFile {
  sqlite3_file base;
  const char* name;    // of the database itself only; SQLite's, as long as it is open
  Gatherer* gatherer;  // of the database itself only
  alignas(8) std::byte inner_room[kInner_bytes];
  sqlite3_file* inner() { return reinterpret_cast<sqlite3_file*>(inner_room); }
};
GatheringFile* mine(sqlite3_file* file) { return reinterpret_cast<GatheringFile*>(file); }
sqlite3_file* inner(sqlite3_file* file) { return mine(file)->inner(); }
int flush(sqlite3_file* file) { return mine(file)->gatherer == nullptr ? SQLITE_OK : mine(file)->gatherer->flush(); }

int close_file(sqlite3_file* file) {
  const int flushed = flush(file);
  const int closed = inner(file)->pMethods->xClose(inner(file));
  // Last: to close any descriptor of a file ends the locks that SQLite holds on it.
  delete mine(file)->gatherer;
  if (mine(file)->name != nullptr) open_names().drop(mine(file)->name);
  return flushed != SQLITE_OK ? flushed : closed;
}
int read_file(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
  if (Gatherer* const gatherer = mine(file)->gatherer; gatherer != nullptr) return gatherer->read(to, {at, bytes});
  return told(inner(file)->pMethods->xRead(inner(file), to, bytes, at));
}
int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
  if (Gatherer* const gatherer = mine(file)->gatherer; gatherer != nullptr) return gatherer->write(from, {at, bytes});
  return told(inner(file)->pMethods->xWrite(inner(file), from, bytes, at));
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const int code = flush(file);
  if (mine(file)->gatherer != nullptr) mine(file)->gatherer->forget_read();
  return code != SQLITE_OK ? code : told(inner(file)->pMethods->xTruncate(inner(file), size));
}
int sync_file(sqlite3_file* file, int flags) {
  const int code = flush(file);
  return code != SQLITE_OK ? code : told(inner(file)->pMethods->xSync(inner(file), flags));
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  const int code = flush(file);
  return code != SQLITE_OK ? code : told(inner(file)->pMethods->xFileSize(inner(file), size));
}
int lock_file(sqlite3_file* file, int level) { return inner(file)->pMethods->xLock(inner(file), level); }
int unlock_file(sqlite3_file* file, int level) {
  const int code = flush(file);
  return code != SQLITE_OK ? code : told(inner(file)->pMethods->xUnlock(inner(file), level));
}
int check_lock(sqlite3_file* file, int* held) { return inner(file)->pMethods->xCheckReservedLock(inner(file), held); }
int control(sqlite3_file* file, int op, void* argument) {
  if (op != kGatherFrom) return inner(file)->pMethods->xFileControl(inner(file), op, argument);
  if (mine(file)->gatherer != nullptr) mine(file)->gatherer->gather_from(*static_cast<std::shared_ptr<PageMemory>*>(argument));
  return SQLITE_OK;
}
int sector_size(sqlite3_file* file) { return inner(file)->pMethods->xSectorSize(inner(file)); }
int characteristics(sqlite3_file* file) { return inner(file)->pMethods->xDeviceCharacteristics(inner(file)); }

// Version 1: no shared memory and no memory-mapped reads.
const sqlite3_io_methods kMethods{1,         close_file, read_file,   write_file, truncate_file, sync_file,
                                  file_size, lock_file,  unlock_file, check_lock, control,       sector_size,
                                  characteristics, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* const base = default_vfs();
  LABREEL_CHECK(base->szOsFile <= kInner_bytes);
  file->pMethods = nullptr;
  mine(file)->name = nullptr;
  mine(file)->gatherer = nullptr;
  const bool is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0 && name != nullptr;
  const bool is_ours = is_database || name == nullptr ||
                       ((flags & SQLITE_OPEN_MAIN_JOURNAL) != 0 && open_names().has_beside(name, kJournalEnding));
  if (!is_ours) return refused(SQLITE_CANTOPEN);
  inner(file)->pMethods = nullptr;
  const int code = told(base->xOpen(base, name, inner(file), flags, out_flags));
  if (inner(file)->pMethods == nullptr) return code;
  file->pMethods = &kMethods;
  if (code != SQLITE_OK || !is_database) return code;
  try {
    open_names().add(name);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
  mine(file)->name = name;
  // Another VFS than SQLite's own would not see what we write beside it.
  const bool may_go_direct = std::string_view{base->zName} == "unix";
  OwnedFd direct{may_go_direct ? ::open(name, O_RDWR | O_DIRECT | O_CLOEXEC) : -1};
  mine(file)->gatherer = new (std::nothrow) Gatherer(inner(file), std::move(direct));
  return SQLITE_OK;
}
int remove_file(sqlite3_vfs*, const char* name, int sync_folder) {
  if (!open_names().has_beside(name, kJournalEnding)) return refused(SQLITE_IOERR_DELETE);
  return default_vfs()->xDelete(default_vfs(), name, sync_folder);
}
int access_file(sqlite3_vfs*, const char* name, int flags, int* result) {
  *result = 0;
  if (open_names().has_beside(name, "-wal")) return SQLITE_OK;  // a reel has no such log, whatever lies there
  if (!open_names().has_beside(name, kJournalEnding)) return refused(SQLITE_IOERR_ACCESS);
  return default_vfs()->xAccess(default_vfs(), name, flags, result);
}
int full_path(sqlite3_vfs*, const char* name, int bytes, char* path) {
  return default_vfs()->xFullPathname(default_vfs(), name, bytes, path);
}
int last_error(sqlite3_vfs*, int bytes, char* text) {
  const int os_error = g_os_error;
  return os_error != 0 ? os_error : default_vfs()->xGetLastError(default_vfs(), bytes, text);
}

}  // namespace

void gather_from(sqlite3* connection, std::shared_ptr<PageMemory> memory) {
  sqlite3_file_control(connection, "main", kGatherFrom, &memory);
}

const char* gathering_vfs() {
  static sqlite3_vfs vfs = vfs_from(*default_vfs(), {"labreel-gathering", sizeof(GatheringFile), open_file, remove_file,
                                                     access_file, full_path, last_error});
  static const char* const kName = registered_name(vfs);
  return kName;
}

}  // namespace labreel
