// check_says: how a command ended, and a piece of what it said.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "tests/cli/program.h"

namespace labreel::test {

// Checks the exit code, and that the words stand in what was printed, on stdout or stderr.
inline void check_says(const ProgramResult& result, int status, const std::string& words) {
  INFO(result.out << result.err);
  CHECK(result.status == status);
  CHECK((result.out + result.err).find(words) != std::string::npos);
}

}  // namespace labreel::test
