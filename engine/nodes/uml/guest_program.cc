#include "engine/nodes/uml/guest_program.h"

#include <cstddef>

// The assembler reads the program's file; CMake builds that first and says where it is.
asm(".section .rodata\n"
    ".balign 16\n"
    ".global labreel_guest_init_begin\n"
    "labreel_guest_init_begin:\n"
    ".incbin \"" LABREEL_GUEST_INIT_FILE
    "\"\n"
    ".global labreel_guest_init_end\n"
    "labreel_guest_init_end:\n"
    ".byte 0\n"
    ".previous\n");
extern "C" const char labreel_guest_init_begin[];
extern "C" const char labreel_guest_init_end[];

namespace labreel {

std::string_view guest_init_program() {
  return {labreel_guest_init_begin, static_cast<std::size_t>(labreel_guest_init_end - labreel_guest_init_begin)};
}

}  // namespace labreel
