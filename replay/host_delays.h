// HostDelays: how far a real lab was from its own decisions, because the host was busy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/text/host_notes.h"

namespace labreel {

struct HostDelays {
  std::vector<LatenessNote> lateness;
  std::vector<StallNote> stalls;

  std::uint64_t late_copies() const;
  const LatenessNote* worst() const;  // the report with the latest copy; null if none was late
  // What the reports' medians come to, each counting as its copies; none if one says none.
  std::optional<std::uint64_t> median_ns() const;
  std::uint64_t stalled_ns() const;
  const StallNote* longest_stall() const;
};

// Shape: a note that is not as labreel writes it is passed over.
// Source: FORMAT.md, "Host notes".
HostDelays host_delays_of(const std::vector<HostNote>& notes);

// What is known of when a delivered copy was really given to its node: ", given at 1.2 s, 41.0 ms late", ", or up to
// 41.0 ms later" if only others near it are known, or nothing if the host kept up.
std::string given_text(const HostDelays& delays, Seq frame, std::uint32_t copy, LabTime due);

// Returns one sentence about both, for people; nothing if the host kept up.
std::string delays_text(const HostDelays& delays);
// "44 copies were given to their nodes after the due time, half of them 2.1 ms or more, …": nothing if none was.
std::string lateness_text(const HostDelays& delays);
// "3 stalls, 0.5 s in all, the longest 0.2 s from 3.2 s": "0 stalls" if there was none.
std::string stalls_text(const HostDelays& delays);

}  // namespace labreel
