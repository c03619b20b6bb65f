// usage_error: what is wrong with what a person, or a lab file, asked for.
#pragma once

#include <string>
#include <utility>

#include "engine/core/result.h"

namespace labreel {

inline Error usage_error(std::string what, std::string hint = {}) {
  return Error{ErrorKind::usage, std::move(what), {}, std::move(hint)};
}

}  // namespace labreel
