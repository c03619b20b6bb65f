// Reads a pcapng file: any byte order, several sections, any resolution of time.
#pragma once

#include "replay/import/captured_file.h"

namespace labreel {

// Shape: as read_captured_file(), for a file that begins with a section header block.
Result<CapturedFile> read_pcapng_file(Bytes file);

}  // namespace labreel
