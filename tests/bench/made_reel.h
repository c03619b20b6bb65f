// A large reel, made as the loop records: a lan's traffic in batches, with the checkpoints of a session.
#pragma once

#include <cstdint>
#include <string>

#include "tests/bench/bench_lab.h"

namespace labreel::bench {

inline constexpr std::uint64_t kBatchFrames = 64;

// Writes a sealed reel of `frames` frames between 25 nodes, each batch `batch_ns` of lab time after the one before.
void make_reel(const std::string& path, const Mix& mix, std::uint64_t frames, std::uint64_t batch_ns);

}  // namespace labreel::bench
