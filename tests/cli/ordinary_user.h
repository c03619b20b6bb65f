// An ordinary user for tests that root starts: the fixture `test_user` makes it. Who is no root already is one.
#pragma once

#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace labreel::test {

inline constexpr const char* kUserWithIds = "labreel-test";
inline constexpr const char* kUserWithoutIds = "nobody";  // has no subordinate ids

// Puts labreel into the folder and gives all of it to the user; returns the program's path. Throws if there is no user.
std::string lend_to_user(const TestFolder& folder, const std::string& user = kUserWithIds);

// The command as that user runs it, with the folder as home; the process becomes the command, so a signal reaches it.
std::vector<std::string> as_user(const TestFolder& folder, std::vector<std::string> command,
                                 const std::string& user = kUserWithIds);

}  // namespace labreel::test
