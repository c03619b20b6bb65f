// OwnVfs: a VFS of SQLite's that is ours wherever a file is named.
#pragma once

#include <sqlite3.h>

#include <cstddef>

namespace labreel {

// What one of ours does with names; the rest is as in the VFS that it is made from.
struct OwnVfs {
  const char* name;
  std::size_t file_bytes;  // of its sqlite3_file
  decltype(sqlite3_vfs::xOpen) open;
  decltype(sqlite3_vfs::xDelete) remove;
  decltype(sqlite3_vfs::xAccess) access;
  decltype(sqlite3_vfs::xFullPathname) full_path;
  decltype(sqlite3_vfs::xGetLastError) last_error;
};

// Source: https://www.sqlite.org/c3ref/vfs.html
inline sqlite3_vfs vfs_from(const sqlite3_vfs& base, const OwnVfs& own) {
  // What is not replaced (sleep, time, randomness) asks nothing of its sqlite3_vfs.
  sqlite3_vfs made = base;
  made.iVersion = 2;  // without the system-call table
  made.pNext = nullptr;
  made.zName = own.name;
  made.szOsFile = static_cast<int>(own.file_bytes);
  made.xOpen = own.open;
  made.xDelete = own.remove;
  made.xAccess = own.access;
  made.xFullPathname = own.full_path;
  made.xGetLastError = own.last_error;
  return made;
}

// Registers it, for as long as the process lives; returns its name, or null if SQLite refuses.
inline const char* registered_name(sqlite3_vfs& vfs) {
  return sqlite3_vfs_register(&vfs, 0) == SQLITE_OK ? vfs.zName : nullptr;
}

}  // namespace labreel
