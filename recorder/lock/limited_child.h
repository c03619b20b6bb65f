// A child that reads for us: what a hostile file costs, it costs the child.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "engine/core/result.h"

namespace labreel {

struct ChildLimits {
  std::chrono::milliseconds time{5000};
  std::uint64_t memory_bytes = 1U << 30U;  // of its own, not of files that it maps
  std::size_t answer_bytes = 16U << 20U;
};

// Runs `read` in a child of this process and returns what it returned. The child locks itself down when `read` calls lock_reader(),
// or when it is through.
//
// Shape: to be called while no other thread runs. The child ends with us, and Ctrl-C ends both. Its answer is a stranger's words: it
//        may have been taken over by what it read.
// Errors: what `read` returned or threw; Error{input} if a limit ended it, or if it ended otherwise.
Result<std::string> in_limited_child(const std::function<Result<std::string>()>& read, const ChildLimits& limits = {});

}  // namespace labreel
