// What a lab could leave behind on the host.
#pragma once

#include <sys/types.h>

#include <set>
#include <string>
#include <vector>

namespace labreel::test {

// What a lab could change outside of its own namespaces.
struct HostState {
  std::set<std::string> mounts;
  std::set<std::string> interfaces;
  std::string cgroups;  // that have labreel in their names
  bool operator==(const HostState&) const = default;
};
HostState host_state();
// Polls, at most 10 s: the kernel takes a moment to take things away.
bool becomes(const HostState& expected);

// What one lab has on the host, whoever else runs labs beside it: processes that descend from its recorder, that have
// its folder of sockets in their environment, or that are in a namespace of its nodes; and those namespaces.
class LabTraces {
 public:
  // Looks at a running recorder; `run_folder` is its LABREEL_RUN_DIR. May be called again as the lab changes.
  void add(pid_t recorder, const std::string& run_folder);
  // Polls, at most 10 s, until nothing of it is left; returns what is.
  std::vector<std::string> left() const;
  bool empty() const { return processes_.empty(); }

 private:
  std::vector<std::string> left_now() const;

  std::set<std::string> processes_;   // pid and time of its start
  std::set<std::string> namespaces_;  // of the lab, and not of this process
  std::string run_folder_;
};

}  // namespace labreel::test
