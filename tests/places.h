#pragma once

#include <string>

namespace labreel::test {

/// The folder of the sources that these tests were built from.
std::string source_dir();

/// The folder that they were built in: `recorder/labreel` and the tests' own helpers lie in it.
std::string build_dir();

/// The program that is tested: the one built beside the tests, or what LABREEL_TESTED names, to show that a test can fail.
std::string labreel_binary();

}  // namespace labreel::test
