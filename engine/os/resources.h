// Resources: files that come with the program, found from where the program itself lies.
#pragma once

#include <string>

namespace labreel {

// Returns the prefix that this program is installed under: PREFIX for PREFIX/bin/labreel that has PREFIX/share/labreel
// beside it. Empty for a program that still lies where it was built.
std::string installed_prefix();

// Returns where a file or folder that comes with the program is: PREFIX/`installed` if the program is installed, else
// `in_source` in the tree that it was built from. Whether it is there is not looked at.
std::string resource_path(const std::string& installed, const std::string& in_source);

}  // namespace labreel
