#include "disk_shim.h"

#include <atomic>
#include <stdexcept>

namespace labreel {
namespace {

// A file of ours; the real one's memory follows.
struct ShimFile {
  sqlite3_file base;
  bool is_journal;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
ShimFile* shim(sqlite3_file* file) { return reinterpret_cast<ShimFile*>(file); }
sqlite3_file* real(sqlite3_file* file) { return shim(file)->real(); }

sqlite3_vfs* g_real = nullptr;
DiskWatcher* g_watcher = nullptr;
std::atomic<int> g_os_error = 0;

// Asks the watcher. The errno of a refused call stays, as errno does, for SQLite to ask for: it does so only after it
// rolled back.
int ask(const DiskCall& call) {
  const DiskVerdict verdict = g_watcher->before(call);
  if (verdict.code != SQLITE_OK) g_os_error = verdict.os_error;
  return verdict.code;
}

int close_file(sqlite3_file* file) {
  sqlite3_file* const inner = real(file);
  return inner->pMethods == nullptr ? SQLITE_OK : inner->pMethods->xClose(inner);
}
int read_file(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
  const int code = ask({.op = DiskOp::read, .is_journal = shim(file)->is_journal, .at = at, .bytes = {}});
  return code != SQLITE_OK ? code : real(file)->pMethods->xRead(real(file), to, bytes, at);
}
int write_file(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
  const std::string_view what{static_cast<const char*>(from), static_cast<std::size_t>(bytes)};
  const int code = ask({.op = DiskOp::write, .is_journal = shim(file)->is_journal, .at = at, .bytes = what});
  return code != SQLITE_OK ? code : real(file)->pMethods->xWrite(real(file), from, bytes, at);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const int code = ask({.op = DiskOp::truncate, .is_journal = shim(file)->is_journal, .at = size, .bytes = {}});
  return code != SQLITE_OK ? code : real(file)->pMethods->xTruncate(real(file), size);
}
int sync_file(sqlite3_file* file, int /*flags*/) {
  return ask({.op = DiskOp::sync, .is_journal = shim(file)->is_journal, .bytes = {}});
}
int file_size(sqlite3_file* file, sqlite3_int64* size) { return real(file)->pMethods->xFileSize(real(file), size); }
int lock_file(sqlite3_file* file, int level) { return real(file)->pMethods->xLock(real(file), level); }
int unlock_file(sqlite3_file* file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
int check_lock(sqlite3_file* file, int* held) { return real(file)->pMethods->xCheckReservedLock(real(file), held); }
// Nothing that writes behind the watcher's back (SIZE_HINT and CHUNK_SIZE would).
int control(sqlite3_file* file, int op, void* argument) {
  if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE) return SQLITE_NOTFOUND;
  return real(file)->pMethods->xFileControl(real(file), op, argument);
}
int sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int characteristics(sqlite3_file* file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }

// Version 1: no shared memory and no memory-mapped reads.
const sqlite3_io_methods kMethods{1,         close_file, read_file,   write_file, truncate_file, sync_file,
                                  file_size, lock_file,  unlock_file, check_lock, control,       sector_size,
                                  characteristics, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  ShimFile* const mine = shim(file);
  mine->base.pMethods = nullptr;
  mine->is_journal = (flags & SQLITE_OPEN_MAIN_JOURNAL) != 0;
  const int refused = ask({.op = DiskOp::open, .is_journal = mine->is_journal, .bytes = {}});
  if (refused != SQLITE_OK) return refused;
  mine->real()->pMethods = nullptr;
  const int code = g_real->xOpen(g_real, name, mine->real(), flags, out_flags);
  if (code == SQLITE_OK || mine->real()->pMethods != nullptr) mine->base.pMethods = &kMethods;
  return code;
}
int remove_file(sqlite3_vfs*, const char* name, int sync_folder) {
  const int code = ask({.op = DiskOp::remove, .is_journal = true, .bytes = {}});
  return code != SQLITE_OK ? code : g_real->xDelete(g_real, name, sync_folder);
}
int last_error(sqlite3_vfs*, int bytes, char* text) {
  const int os_error = g_os_error;
  return os_error != 0 ? os_error : g_real->xGetLastError(g_real, bytes, text);
}

sqlite3_vfs g_vfs{};

}  // namespace

DiskShim::DiskShim(DiskWatcher& watcher) {
  if (g_watcher != nullptr) throw std::logic_error("two disk shims at a time");
  g_watcher = &watcher;
  g_os_error = 0;
  g_real = sqlite3_vfs_find("unix");
  // What is not replaced is called with our sqlite3_vfs: the unix VFS needs only pAppData and mxPathname of it.
  g_vfs = *g_real;
  g_vfs.iVersion = 2;  // without the system-call table
  g_vfs.pNext = nullptr;
  g_vfs.zName = "watched";
  g_vfs.szOsFile = static_cast<int>(sizeof(ShimFile)) + g_real->szOsFile;
  g_vfs.xOpen = open_file;
  g_vfs.xDelete = remove_file;
  g_vfs.xGetLastError = last_error;
  if (sqlite3_vfs_register(&g_vfs, 1) != SQLITE_OK) throw std::runtime_error("SQLite takes no VFS");
}

DiskShim::~DiskShim() {
  sqlite3_vfs_unregister(&g_vfs);
  sqlite3_vfs_register(g_real, 1);
  g_watcher = nullptr;
}

}  // namespace labreel
