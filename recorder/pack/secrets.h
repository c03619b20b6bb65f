// Secrets in text that is about to be shared: named by line, never shown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace labreel {

struct Secret {
  std::size_t line = 0;  // from 1
  std::string what;      // "a password", "a private key"
};

// Looks for lines that give a password, key or secret a value, as FRR, WireGuard, shells and YAML write them, and for
// private keys in PEM.
//
// Shape: comments are looked at for private keys only; bytes that are no text (they hold a NUL) for those, too.
std::vector<Secret> find_secrets(std::string_view text);

}  // namespace labreel
