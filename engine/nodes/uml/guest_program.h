// The guest's init program, built beside labreel and carried inside it.
#pragma once

#include <string_view>

namespace labreel {

std::string_view guest_init_program();

}  // namespace labreel
