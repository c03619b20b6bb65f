#include "store/reader_vfs.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "store/own_vfs.h"
#include "store/scratch.h"

namespace labreel {
namespace {

thread_local std::shared_ptr<const ReelBytes> t_next;
// Of the last call that failed, for SQLite to ask for.
thread_local int t_os_error = 0;

int failed(int os_error, int code) {
  t_os_error = os_error;
  return os_error == ENOSPC ? SQLITE_FULL : code;
}

// One of both: the reel, or a file that SQLite wants for a while. SQLite gives the memory for it, and knows its first member.
struct ReaderFile {
  sqlite3_file base;
  const std::shared_ptr<const ReelBytes>* reel;
  ScratchFile* scratch;
};
ReaderFile& of(sqlite3_file* file) { return *reinterpret_cast<ReaderFile*>(file); }

int close_file(sqlite3_file* file) {
  delete std::exchange(of(file).reel, nullptr);
  delete std::exchange(of(file).scratch, nullptr);
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
  const auto wanted = static_cast<std::uint64_t>(bytes);
  const auto from = static_cast<std::uint64_t>(at);
  if (const ScratchFile* const scratch = of(file).scratch; scratch != nullptr) {
    if (const int os_error = scratch->read(from, to, wanted); os_error != 0) return failed(os_error, SQLITE_IOERR_READ);
    return from + wanted <= scratch->size() ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }
  const std::int64_t got = (*of(file).reel)->read(from, to, wanted);
  if (got < 0) return failed(errno, SQLITE_IOERR_READ);
  return static_cast<std::uint64_t>(got) == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
  ScratchFile* const scratch = of(file).scratch;
  if (scratch == nullptr) return SQLITE_READONLY;
  try {
    const int os_error = scratch->write(static_cast<std::uint64_t>(at), from, static_cast<std::uint64_t>(bytes));
    return os_error == 0 ? SQLITE_OK : failed(os_error, SQLITE_IOERR_WRITE);
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (of(file).scratch == nullptr) return SQLITE_READONLY;
  of(file).scratch->truncate(static_cast<std::uint64_t>(size));
  return SQLITE_OK;
}

int sync_file(sqlite3_file*, int) { return SQLITE_OK; }

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  const ScratchFile* const scratch = of(file).scratch;
  *size = static_cast<sqlite3_int64>(scratch != nullptr ? scratch->size() : (*of(file).reel)->size());
  return SQLITE_OK;
}

int lock_file(sqlite3_file*, int) { return SQLITE_OK; }
int check_lock(sqlite3_file*, int* held) {
  *held = 0;
  return SQLITE_OK;
}
int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 0; }
int characteristics(sqlite3_file* file) { return of(file).scratch == nullptr ? SQLITE_IOCAP_IMMUTABLE : 0; }

// Version 1: no shared memory, so no log, and no memory-mapped reads.
const sqlite3_io_methods kMethods{1,         close_file, read_file, write_file, truncate_file, sync_file,
                                  file_size, lock_file,  lock_file, check_lock, control,       sector_size,
                                  characteristics, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  of(file) = {};
  const bool is_reel = (flags & SQLITE_OPEN_MAIN_DB) != 0 && (flags & SQLITE_OPEN_READONLY) != 0 && t_next != nullptr;
  try {
    if (is_reel) {
      of(file).reel = new std::shared_ptr<const ReelBytes>(std::exchange(t_next, nullptr));
    } else if (name == nullptr && (flags & SQLITE_OPEN_MAIN_DB) == 0) {
      of(file).scratch = ScratchFile::make().release();
      if (of(file).scratch == nullptr) return failed(errno, SQLITE_CANTOPEN);
    } else {
      return failed(EACCES, SQLITE_CANTOPEN);
    }
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
  file->pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int remove_file(sqlite3_vfs*, const char*, int) { return failed(EACCES, SQLITE_IOERR_DELETE); }
int access_file(sqlite3_vfs*, const char*, int, int* result) {
  *result = 0;
  return SQLITE_OK;
}
int full_path(sqlite3_vfs*, const char* name, int bytes, char* path) {
  if (std::strlen(name) >= static_cast<std::size_t>(bytes)) return failed(ENAMETOOLONG, SQLITE_CANTOPEN);
  std::strcpy(path, name);
  return SQLITE_OK;
}
void* open_library(sqlite3_vfs*, const char*) { return nullptr; }
void library_error(sqlite3_vfs*, int bytes, char* text) { sqlite3_snprintf(bytes, text, "libraries are not opened"); }
int last_error(sqlite3_vfs*, int, char*) { return t_os_error; }

}  // namespace

ForNextOpen::ForNextOpen(std::shared_ptr<const ReelBytes> bytes) { t_next = std::move(bytes); }
ForNextOpen::~ForNextOpen() { t_next.reset(); }

const char* reader_vfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs made = vfs_from(*sqlite3_vfs_find("unix"), {"labreel-reader", sizeof(ReaderFile), open_file, remove_file,
                                                           access_file, full_path, last_error});
    made.xDlOpen = open_library;
    made.xDlError = library_error;
    return made;
  }();
  static const char* const kName = registered_name(vfs);
  return kName;
}

}  // namespace labreel
