// The readers' SQLite VFS: it knows one file, by its descriptor, and no name.
#pragma once

#include <memory>

#include "store/reel_bytes.h"

namespace labreel {

// Shape:  a VFS whose one file is a ReelBytes that the opening thread has put into a ForNextOpen. SQLite is told that it can
//         be read only and never changes: so it looks for no journal, log or lock beside it. Whatever else SQLite may ask
//         for by a name, be it out of a hostile file, is not there, cannot be made and cannot be removed. A database in
//         memory may use it too: what it sorts goes to an unnamed scratch file (store/scratch.h).
// Errors: of the disk, as SQLite's codes.
//
// Registers it, once, and returns its name.
const char* reader_vfs();

// While it lives, the next database that this thread opens with the VFS is this one.
class ForNextOpen {
 public:
  explicit ForNextOpen(std::shared_ptr<const ReelBytes> bytes);
  ~ForNextOpen();
  ForNextOpen(const ForNextOpen&) = delete;
  ForNextOpen& operator=(const ForNextOpen&) = delete;
};

}  // namespace labreel
