// Trials: a program, or a piece of this one, that is run with a time limit; whatever it started is gone afterwards.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace labreel {

// While it lives, Ctrl-C and its kin end trials instead of this process, and what trials leave behind becomes a child
// of this process, which ends it.
class TrialGuard {
 public:
  TrialGuard();
  ~TrialGuard();
  TrialGuard(const TrialGuard&) = delete;
  TrialGuard& operator=(const TrialGuard&) = delete;
  static bool interrupted();
};

struct Trial {
  bool ended = false;  // by itself, or by what it said, within its time
  int status = 127;    // exit code; 128 if a signal ended it
  std::string said;    // what it wrote to stdout and stderr; not more than 100 kB
  bool good() const { return ended && status == 0; }
};

// Runs a program; as soon as its output has `until`, if that is given, it has ended well.
Trial try_program(const std::vector<std::string>& words, std::chrono::seconds limit, const std::string& until = {});

// Runs a function in a child of its own; what it returns is what the trial says, and so is the error that it throws.
Trial try_here(const std::function<std::string()>& act, std::chrono::seconds limit);

// For what does not start a machine: nothing of it takes long.
inline constexpr std::chrono::seconds kTrialLimit{10};

std::string first_line(const std::string& text);

}  // namespace labreel
