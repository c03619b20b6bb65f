// What the store would do without its guard of journals: SQLite plays a hot journal itself, and acts on the name in it.
//
// The library `labreel_without_journal_guard` puts it in the guard's place, into any program that links it before
// labreel_store: so that what stands behind the guard can be shown to hold alone. It needs nothing but what ReelFiles took:
// SQLite's writes stay in memory. Only a file that the journal names is looked at, and removed, by name.
#pragma once

namespace labreel::unguarded {

// Keeps the two files for the next database that is opened.
void take(int reel, int journal);
// Registers the VFS, and returns its name.
const char* vfs();

}  // namespace labreel::unguarded
