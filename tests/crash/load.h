// The load that the crash tests record: event n is a function of (seed, n), so whoever knows both knows the event.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

class Load {
 public:
  explicit Load(std::uint64_t seed) : seed_(seed) {}

  // Appends event `seq`, which must be the sink's next, and returns what the sink said.
  Seq append(EventSink& sink, std::uint64_t seq) const;
  // Whether an event that was read is the one that was appended; frames by every byte and copy.
  bool is(const Event& event) const;

  // The event as the digest sees it: its record with payload offset 0, then its payload. Source: FORMAT.md, "The digest".
  std::string canonical(std::uint64_t seq) const;
  // Bytes of its payload in a page.
  std::uint64_t payload_bytes(std::uint64_t seq) const;
  // The digest at a seq, from its definition alone and without store/digest.h.
  std::string digest_at(std::uint64_t seq) const;

 private:
  struct Made {
    LabTime at;
    Seq cause;
    EventBody body;  // a Frame borrows from the two below
    std::string bytes;
    std::vector<Copy> copies;
  };
  void make(std::uint64_t seq, Made& made) const;

  std::uint64_t seed_;
};

}  // namespace labreel
