// What a capture's comments say of a frame's copies: the one wording that export writes and import reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

inline constexpr std::string_view kInFlightComment = "in flight when the recording ends";

// Says what the fabric did to a copy, one comment for each thing: duplicated, corrupted, reordered.
std::vector<std::string> changes_of(const Copy& copy);
// Reads one of them back into the copy; false if it is none.
bool read_change(std::string_view comment, Copy& copy);

// What became of a copy that did not arrive, as the sender's packet says it: "dropped: loss (the duplicate to
// r2:eth1)".
struct LostCopy {
  Reason reason = Reason::none;  // none: in flight when the recording ends
  bool is_duplicate = false;
  std::string port;  // the receiver; empty if none was chosen
};

// Words the comment, behind what `comment` has: "delivered (to r2:eth1 at 2.500000000)". A port or a time may be missing.
void append_comment(std::string& comment, std::string_view fate, bool is_duplicate, std::string_view port,
                    const std::optional<LabTime>& at);
// The fate of a dropped copy, without its parentheses.
std::string drop_comment(Reason reason);
// Reads a comment of a copy that did not arrive; nothing if it is none.
std::optional<LostCopy> read_lost_copy(std::string_view comment);

}  // namespace labreel
