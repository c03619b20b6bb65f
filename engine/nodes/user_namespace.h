// Entering a user namespace as an ordinary user, with the user's subordinate ids where there are any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace labreel {

struct IdRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

// Finds a user's ranges in the text of /etc/subuid or /etc/subgid.
//
// Shape:  a line's owner is `user`, or `id` in digits; lines that are no ranges are skipped.
// Source: subuid(5).
std::vector<IdRange> subordinate_ids(std::string_view text, std::string_view user, std::uint32_t id);

// What the mapping lacks; `missing` and `hint` are empty if other users than root exist in the namespace.
struct IdMapping {
  std::string missing;  // "user anna has no subordinate ids"
  std::string hint;     // the command that helps
};

// Moves this process into a user namespace of its own, with a mount namespace, as its root.
//
// Shape:  the namespace's root is this user; the other ids follow from the subordinate ones, mapped by newuidmap and
// newgidmap.
//         Where that is not possible, root is the only user. Call it before any thread is there.
// Errors: std::system_error if the host allows no user namespace.
IdMapping enter_user_namespace();

}  // namespace labreel
