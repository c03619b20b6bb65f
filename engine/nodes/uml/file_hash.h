// The SHA-256 of what a virtual lab depends on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace labreel {

// Shape: 64 hexadecimal digits.
std::string sha256_hex(std::string_view bytes);
// Nothing if the file cannot be read, or is no regular file.
std::optional<std::string> sha256_of_file(const std::string& path);

}  // namespace labreel
