// How NodeStopped::why tells a node that died from one that somebody stopped. Stored: FORMAT.md, "Kinds".
#pragma once

#include <string_view>

namespace labreel {

// Begins the reason of a node that ended though nobody asked it to; behind it stands what ended it.
inline constexpr std::string_view kDied = "died: ";
// The reason of a node that was ended as a power cut would end it.
inline constexpr std::string_view kCrashed = "crashed";
// The verb of the command that ends a node as a power cut would.
inline constexpr std::string_view kCrashVerb = "node.crash";

}  // namespace labreel
