#include "tests/places.h"

namespace labreel::test {

// The only object that knows a checkout's paths: every other one is the same in each checkout.
std::string source_dir() { return LABREEL_SOURCE_DIR; }

std::string build_dir() { return LABREEL_BINARY_DIR; }

}  // namespace labreel::test
