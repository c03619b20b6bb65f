#include "replay/web/built_page.h"

// The file's bytes, between two labels: a compiler takes far longer for a literal of that length.
__asm__(
    ".section .rodata\n"
    ".global labreel_built_page\n"
    ".global labreel_built_page_end\n"
    "labreel_built_page:\n"
    ".incbin \"" LABREEL_BUILT_PAGE "\"\n"
    "labreel_built_page_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char labreel_built_page[];
extern const char labreel_built_page_end[];
}

namespace labreel {

std::string_view built_page() { return {labreel_built_page, static_cast<std::size_t>(labreel_built_page_end - labreel_built_page)}; }

}  // namespace labreel
