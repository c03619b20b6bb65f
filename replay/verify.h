// Verify at the fabric level: the recorded inputs go through a fresh fabric, and every decision must come out the same.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/event_log.h"
#include "engine/core/fabric.h"
#include "engine/core/result.h"
#include "engine/core/topology.h"

namespace labreel {

// An event that owns its bytes and copies.
class KeptEvent {
 public:
  explicit KeptEvent(const Event& event);
  // Borrows from this object.
  Event event() const;

 private:
  Event event_;
  std::vector<std::byte> bytes_;
  std::vector<Copy> copies_;
};

// Where two lives of a lab part.
//
// Shape: `expected` is what the fabric decided now, `got` what the reel says; one of them may be missing.
struct Difference {
  Seq seq;
  std::optional<KeptEvent> expected;
  std::optional<KeptEvent> got;
  std::string why;      // one sentence for people
  Topology topology;    // for the names in both
};

struct VerifiedRange {
  Seq from;
  Seq to;
};

struct VerifyResult {
  std::uint64_t events = 0;  // read
  std::uint64_t frames = 0;  // decided again
  std::vector<VerifiedRange> ranges;
  std::optional<Difference> difference;
  bool identical() const { return !difference.has_value(); }
};

// The switch at the end of a recording, which it went through from the first event to the last.
struct FabricEnd {
  Fabric fabric;
  Seq last;
  LabTime time;
  std::vector<Event> awaited;  // outcomes that the last effect must still be followed by: the recording ends among them
  // Set if the recording ends in a gap of `--lossy`: the fabric has the lab's shape, with nothing in flight, and a checkpoint
  // must say so before anything can be proved again. These copies of recorded frames fly; the lab ends for them.
  std::optional<std::vector<Outcome>> unproved = {};
};

// Re-executes as verify_fabric() does, and gives the fabric itself.
//
// Errors: those of verify_fabric(), and Error{input} if anything differs, or if nothing is known of the lab at the end.
Result<FabricEnd> fabric_at_end(EventSource& source);

// Re-executes the switch from the reel's inputs alone; nothing leads from a stored decision into the fabric.
//
// Shape:  `complete` says whether the source ends where the lab did; a cut-off one may end in the middle of a batch.
// Errors: what the source says of damage; a reel of another fabric version (both are named); an imported one.
// Source: ARCHITECTURE.md, "Levels of replay".
Result<VerifyResult> verify_fabric(EventSource& source, bool complete);

}  // namespace labreel
