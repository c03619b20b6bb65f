// Writes a reel's packed files beneath a folder, and nowhere else.
#pragma once

#include <string>
#include <vector>

#include "engine/core/result.h"
#include "store/packed_files.h"

namespace labreel {

enum class ExistingFiles { refuse, replace };

// All packed files are read and checked before the first is written. The folder is made if it is not there. No symbolic
// link beneath it is followed.
//
// Errors: damage; a file that is there already, unless it may be replaced; a link or a file where a folder must be.
//         std::system_error if the disk refuses.
Status unpack_files(const PackedFiles& files, const std::string& folder, ExistingFiles existing);
// The same with some of them. A file that is there with the same content is left as it is, whatever `existing` says.
Status unpack_some_files(const PackedFiles& files, const std::vector<PackedEntry>& chosen, const std::string& folder,
                         ExistingFiles existing);

}  // namespace labreel
