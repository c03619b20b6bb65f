#include "unguarded.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

namespace labreel::unguarded {
namespace {

int g_reel = -1;
int g_journal = -1;

sqlite3_vfs* real() { return sqlite3_vfs_find("unix"); }

// The reel or its journal. What is written to it is kept here; SQLite writes whole pages, or a journal's head.
struct File {
  sqlite3_file base;
  int fd;
  bool is_journal;
  sqlite3_int64 size;
  std::map<sqlite3_int64, std::string>* written;
};
File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

int close_file(sqlite3_file* file) {
  delete of(file).written;
  return SQLITE_OK;
}
int read_file(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
  auto* const out = static_cast<char*>(to);
  std::memset(out, 0, static_cast<std::size_t>(bytes));
  const ssize_t got = ::pread(of(file).fd, out, static_cast<std::size_t>(bytes), at);
  for (const auto& [from, what] : *of(file).written) {
    const sqlite3_int64 begin = std::max(from, at);
    const sqlite3_int64 end = std::min(from + static_cast<sqlite3_int64>(what.size()), at + bytes);
    if (begin < end) std::memcpy(out + (begin - at), what.data() + (begin - from), static_cast<std::size_t>(end - begin));
  }
  return got == bytes || at + bytes <= of(file).size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}
int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
  (*of(file).written)[at] = std::string(static_cast<const char*>(from), static_cast<std::size_t>(bytes));
  of(file).size = std::max(of(file).size, at + bytes);
  return SQLITE_OK;
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  of(file).size = size;
  return SQLITE_OK;
}
int sync_file(sqlite3_file*, int) { return SQLITE_OK; }
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = of(file).size;
  return SQLITE_OK;
}
int lock_file(sqlite3_file*, int) { return SQLITE_OK; }
int check_lock(sqlite3_file*, int* held) {
  *held = 0;
  return SQLITE_OK;
}
int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 512; }
int characteristics(sqlite3_file*) { return 0; }

const sqlite3_io_methods kMethods{1,         close_file, read_file, write_file, truncate_file, sync_file,
                                  file_size, lock_file,  lock_file, check_lock, control,       sector_size,
                                  characteristics, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const bool is_journal = (flags & SQLITE_OPEN_MAIN_JOURNAL) != 0;
  if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL)) == 0) return real()->xOpen(real(), name, file, flags, out_flags);
  struct stat about {};
  const int fd = is_journal ? g_journal : g_reel;
  if (::fstat(fd, &about) != 0) return SQLITE_CANTOPEN;
  of(file) = {{&kMethods}, fd, is_journal, about.st_size, new std::map<sqlite3_int64, std::string>};
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}
bool is_our_journal(const char* name) { return std::string_view{name} == "reel-journal"; }
int remove_file(sqlite3_vfs*, const char* name, int sync_folder) {
  if (!is_our_journal(name)) return real()->xDelete(real(), name, sync_folder);
  g_journal = -1;
  return SQLITE_OK;
}
int access_file(sqlite3_vfs*, const char* name, int flags, int* result) {
  if (!is_our_journal(name)) return real()->xAccess(real(), name, flags, result);
  *result = g_journal >= 0 ? 1 : 0;
  return SQLITE_OK;
}
int full_path(sqlite3_vfs*, const char* name, int bytes, char* path) {
  sqlite3_snprintf(bytes, path, "%s", name);
  return SQLITE_OK;
}

}  // namespace

void take(int reel, int journal) {
  g_reel = ::fcntl(reel, F_DUPFD_CLOEXEC, 0);
  g_journal = journal < 0 ? -1 : ::fcntl(journal, F_DUPFD_CLOEXEC, 0);
}

const char* vfs() {
  static sqlite3_vfs made = [] {
    sqlite3_vfs vfs = *real();
    vfs.iVersion = 2;
    vfs.pNext = nullptr;
    vfs.zName = "labreel-unguarded";
    vfs.szOsFile = std::max(vfs.szOsFile, static_cast<int>(sizeof(File)));
    vfs.xOpen = open_file;
    vfs.xDelete = remove_file;
    vfs.xAccess = access_file;
    vfs.xFullPathname = full_path;
    return vfs;
  }();
  static const int kRegistered = sqlite3_vfs_register(&made, 0);
  return kRegistered == SQLITE_OK ? made.zName : nullptr;
}

}  // namespace labreel::unguarded
