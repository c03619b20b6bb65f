// What a node's processes may not do to the host, and whom the host's kernel ends first when memory runs out.
#pragma once

namespace labreel {

// The out-of-memory scores: a node goes before the programs of the host, and those before the recorder, which has the reel.
inline constexpr int kNodeOomScore = 500;
inline constexpr int kRecorderOomScore = -500;

// Sets this process's out-of-memory score, which its children inherit; where the host does not allow it, the score stays.
void set_oom_score(int score) noexcept;

// Leaves this process, and whatever it starts from now on, the capabilities that daemons of a network need (kKept of the source
// says which and why), and takes all others out of every set, the bounding set included: none comes back by exec.
//
// Errors: std::system_error naming the attempt.
void drop_host_capabilities();

}  // namespace labreel
