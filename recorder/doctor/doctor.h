// What this host can do for labs: every check tries it, none guesses.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace labreel {

struct Finding {
  std::string check;  // "tap"
  bool ok = false;
  std::string detail;  // what was seen
  std::string fix;     // a command or an advice; empty if ok
};

using HostCheck = std::function<Finding()>;

// Runs all checks, those of the kinds of nodes first, each with a time limit, and tells of each as it ends; nothing of them stays. False if Ctrl-C,
// SIGTERM or SIGHUP ended it before.
//
// Shape: "namespace labs" starts a real node: only that one decides whether labs can run. Call it before
//        any thread is there, in a process without children: what the checks leave behind is found as its children.
bool examine_host(std::vector<HostCheck> checks_of_kinds, const std::function<void(const Finding&)>& tell);

}  // namespace labreel
