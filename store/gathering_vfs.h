// The recorder's SQLite VFS: a reel's pages go to the disk and come back a megabyte and more at a time, past the page cache.
#pragma once

#include <sqlite3.h>

#include <memory>

#include "store/page_memory.h"

namespace labreel {

// Shape:  a VFS over the process's default one; what it writes is the same bytes at the same places. Pages that follow each
//         other both in the file and in a PageMemory wait there, and are written before anything that could tell (a read of
//         them, a sync, a truncation, the file's size); where pages are read one behind the other, the next ones are read
//         with them. Where the file system has O_DIRECT and the default VFS is SQLite's own, both go past the page cache: to
//         bring fresh memory into it costs more than all else that is done for a long frame. Journals pass through. No
//         other file is opened, seen or removed by a name, be it one that a hostile journal holds.
// Errors: of the disk, as SQLite's codes: SQLITE_FULL, SQLITE_IOERR_WRITE. A write that fails late fails the call that
//         needed it, at the latest the sync.
//
// Registers it, once, and returns its name.
const char* gathering_vfs();

// Tells the VFS where a connection's pages lie; until then, or with null, none wait.
void gather_from(sqlite3* connection, std::shared_ptr<PageMemory> memory);

}  // namespace labreel
