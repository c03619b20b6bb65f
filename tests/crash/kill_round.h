// One round of the kill harness: a child records under load and is killed; the parent reads what it left, and goes on with it.
#pragma once

#include <cstdint>

#include "prefix.h"

namespace labreel {

struct KillRound {
  std::uint64_t returned = 0;         // events whose append had returned when the kill came
  std::uint64_t readable = 0;         // events that a reader finds
  std::uint64_t committed = 0;        // of these, in the reel's pages
  std::uint64_t uncommitted_pages = 0;  // full pages of the events whose COMMIT had not returned
  bool journal_was_hot = false;       // the kill came inside a COMMIT
  Complaint complaint;
};

// The least number of full uncommitted pages that makes a round count.
inline constexpr std::uint64_t kUncommittedPagesMin = 2;

// Shape: the seed fixes the load, the commit groups, the pace and when the kill is sent; where it lands is up to the machine.
//        A round whose kill landed too early has uncommitted_pages < kUncommittedPagesMin and is checked all the same.
KillRound run_kill_round(std::uint64_t seed);

struct KillTally {
  std::uint64_t rounds = 0;  // those that count
  std::uint64_t too_early = 0;
  std::uint64_t in_commit = 0;
  std::uint64_t events = 0;
  std::uint64_t pages_min = ~std::uint64_t{0};
  std::uint64_t pages_max = 0;
  std::uint64_t failed_seed = 0;
  Complaint complaint;  // of the first round that failed
};

// Runs rounds from a seed on until `rounds` of them counted or one failed.
KillTally run_kill_rounds(std::uint64_t rounds, std::uint64_t seed);
std::string words_of(const KillTally& tally);

}  // namespace labreel
