// What the lab file of a packed lab may name: what is packed with it.
#pragma once

#include "engine/core/result.h"
#include "engine/lab/lab_file.h"

namespace labreel {

// Errors: a node file or an image with an absolute path, or one that leads out of the lab's folder: `pack` makes no such reel, so
//         a forger did, to have a file of this host.
Status check_packed_paths(const LabFile& lab);

}  // namespace labreel
