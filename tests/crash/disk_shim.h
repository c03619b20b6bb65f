// DiskShim: a SQLite VFS over the real one that lets a watcher see and refuse every call that changes a file.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string_view>

namespace labreel {

enum class DiskOp { open, read, write, truncate, sync, remove };

// One call, before it happens.
struct DiskCall {
  DiskOp op;
  bool is_journal;         // of the reel's two files that SQLite writes
  std::int64_t at = 0;     // of read and write: offset; of truncate: the new size
  std::string_view bytes;  // of write
};

// What a watcher says of a call: it happens, or it fails so.
struct DiskVerdict {
  int code = SQLITE_OK;
  int os_error = 0;
};

class DiskWatcher {
 public:
  DiskWatcher() = default;
  DiskWatcher(const DiskWatcher&) = delete;
  DiskWatcher& operator=(const DiskWatcher&) = delete;
  virtual ~DiskWatcher() = default;
  // Called by whichever thread uses SQLite.
  virtual DiskVerdict before(const DiskCall& call) = 0;
};

// Nothing fails.
class WellDisk final : public DiskWatcher {
 public:
  DiskVerdict before(const DiskCall&) override { return {}; }
};

// Shape: as long as it lives, new connections of this process go through it; one at a time. Syncs are not passed on: what
//        would survive a power cut is the watcher's to say, and the tests end sooner.
class DiskShim {
 public:
  explicit DiskShim(DiskWatcher& watcher);
  ~DiskShim();
  DiskShim(const DiskShim&) = delete;
  DiskShim& operator=(const DiskShim&) = delete;
};

}  // namespace labreel
