// Images: roots for uml nodes that are the same on every host: squashfs files made of Debian packages.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace labreel {

// A guest looks its image up by name, in its host's folder. Longer names than this would be kept elsewhere in its
// memory, so that another name could give another run.
inline constexpr std::size_t kImageName_bytes_max = 31;

// Says why a file cannot be an image; empty if it can.
std::string image_fault(const std::string& path);

// Builds an image into a file that is not there yet, from Debian's packages and what they depend on.
//
// Shape:  same packages in the same versions, same bytes. Fetches them from the host's own Debian sources.
// Errors: Error{usage} for a name that no package has; Error{host} with what is missing, or what the tools said.
Status build_image(const std::string& path, const std::vector<std::string>& packages,
                   const std::function<void(std::string_view)>& on_progress);

}  // namespace labreel
