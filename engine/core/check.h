// LABREEL_CHECK: the assertion for our own bugs. On in every build; never for bytes we did not write.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace labreel {

[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "labreel: %s:%d: internal error: %s does not hold\n", file, line, condition);
  std::fputs("hint: this is a bug of labreel's; please report it with the lab file\n", stderr);
  std::abort();
}

}  // namespace labreel

#define LABREEL_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::labreel::check_failed(#condition, __FILE__, __LINE__))
