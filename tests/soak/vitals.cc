#include "tests/soak/vitals.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "tests/cli/program.h"

namespace labreel::test {
namespace {

namespace fs = std::filesystem;

// A number of /proc/PID/status; 0 if the process has none (a zombie has no memory).
std::uint64_t status_number(const std::string& status, const std::string& key) {
  const std::size_t at = status.find("\n" + key + ":");
  return at == status.npos ? 0 : std::strtoull(status.c_str() + at + key.size() + 2, nullptr, 10);
}

std::set<pid_t> family_of(pid_t ancestor) {
  std::multimap<pid_t, pid_t> children;
  for (const auto& entry : fs::directory_iterator{"/proc"}) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    if (pid <= 0) continue;
    const auto parent = static_cast<pid_t>(status_number(read_file(entry.path() / "status"), "PPid"));
    children.emplace(parent, pid);
  }
  std::set<pid_t> family;
  std::set<pid_t> next{ancestor};
  while (!next.empty()) {
    const pid_t pid = *next.begin();
    next.erase(next.begin());
    if (!family.insert(pid).second) continue;
    const auto [first, last] = children.equal_range(pid);
    for (auto child = first; child != last; ++child) next.insert(child->second);
  }
  return family;
}

}  // namespace

Vitals vitals_of(pid_t recorder) {
  Vitals vitals;
  for (const pid_t pid : family_of(recorder)) {
    const fs::path process = fs::path{"/proc"} / std::to_string(pid);
    const std::uint64_t memory_kib = status_number(read_file(process / "status"), "RssAnon");
    std::error_code error;
    for (fs::directory_iterator fd{process / "fd", error}, end; !error && fd != end; fd.increment(error)) {
      ++vitals.descriptors;
    }
    ++vitals.processes;
    vitals.memory_kib += memory_kib;
    if (pid == recorder) vitals.recorder_memory_kib = memory_kib;
  }
  return vitals;
}

}  // namespace labreel::test
