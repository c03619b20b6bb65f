#include "tests/places.h"

#include <cstdlib>

namespace labreel::test {

// The only object that knows a checkout's paths: every other one is the same in each checkout.
std::string source_dir() { return LABREEL_SOURCE_DIR; }

std::string build_dir() { return LABREEL_BINARY_DIR; }

std::string labreel_binary() {
  const char* const other = std::getenv("LABREEL_TESTED");
  return other != nullptr ? other : build_dir() + "/recorder/labreel";
}

}  // namespace labreel::test
