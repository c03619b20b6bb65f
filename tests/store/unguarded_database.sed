1i #include "tests/store/unguarded.h"
s/{"file:reel", SQLITE_OPEN_READONLY, reader_vfs()}/{"file:reel", SQLITE_OPEN_READWRITE, unguarded::vfs()}/
