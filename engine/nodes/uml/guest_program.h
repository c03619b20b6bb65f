// The guest's init program, built beside labreel and carried inside it.
#pragma once

#include <cstddef>
#include <string_view>

namespace labreel {

std::string_view guest_init_program();

// The length that the program has in the initramfs. The pages that it takes are gone from the guest's memory, and of
// what is left depends, now and then, a random number: so a program that became shorter is as long as those were whose
// guests are recorded. One that is longer than this may give labs another digest.
inline constexpr std::size_t kGuestInit_bytes = 1'501'608;

}  // namespace labreel
