#include "tests/cli/host_state.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <thread>

#include "tests/cli/program.h"

namespace labreel::test {
namespace {

namespace fs = std::filesystem;
constexpr std::array<const char*, 5> kNamespaces{"net", "mnt", "pid", "uts", "user"};

std::set<std::string> set_of(const std::string& text) {
  const auto lines = lines_of(text);
  return {lines.begin(), lines.end()};
}

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  std::string identity;  // a pid is used again, but not with the same start
  std::set<std::string> namespaces;
  std::string environment;
};

std::set<std::string> namespaces_of(const fs::path& process) {
  std::set<std::string> found;
  for (const char* const kind : kNamespaces) {
    std::error_code error;
    const auto target = fs::read_symlink(process / "ns" / kind, error);
    if (!error) found.insert(target.string());
  }
  return found;
}

// Of a process that may end meanwhile: nothing then.
std::string text_of(const fs::path& path) {
  try {
    return read_file(path);
  } catch (const std::ios_base::failure&) {
    return {};
  }
}

std::vector<Process> all_processes() {
  std::vector<Process> all;
  for (const auto& entry : fs::directory_iterator{"/proc"}) {
    Process process;
    process.pid = std::atoi(entry.path().filename().c_str());
    if (process.pid <= 0) continue;
    const std::string stat = text_of(entry.path() / "stat");
    const std::size_t name_end = stat.rfind(')');
    if (name_end == stat.npos) continue;  // it has ended meanwhile
    std::istringstream fields(stat.substr(name_end + 1));
    std::string state, field;
    fields >> state >> process.parent;
    if (state == "Z") continue;  // gone but for its parent's look
    for (int i = 5; i <= 22; ++i) fields >> field;
    process.identity = std::to_string(process.pid) + " started at " + field;
    process.namespaces = namespaces_of(entry.path());
    process.environment = text_of(entry.path() / "environ");
    all.push_back(std::move(process));
  }
  return all;
}

template <class Holds>
bool comes_true(const Holds& holds) {
  for (int i = 0; i < 200; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  return false;
}

}  // namespace

HostState host_state() {
  HostState state;
  state.mounts = set_of(read_file("/proc/self/mounts"));
  state.interfaces = set_of(run_program({"ls", "/sys/class/net"}).out);
  state.cgroups = run_program({"find", "/sys/fs/cgroup", "-name", "*labreel*"}).out;
  return state;
}

bool becomes(const HostState& expected) {
  return comes_true([&] { return host_state() == expected; });
}

void LabTraces::add(pid_t recorder, const std::string& run_folder) {
  run_folder_ = "LABREEL_RUN_DIR=" + run_folder;
  const auto all = all_processes();
  std::set<pid_t> family{recorder};
  for (bool grown = true; grown;) {
    grown = false;
    for (const Process& process : all) {
      if (family.contains(process.parent)) grown = family.insert(process.pid).second || grown;
    }
  }
  const auto ours = namespaces_of("/proc/self");
  for (const Process& process : all) {
    if (!family.contains(process.pid)) continue;
    processes_.insert(process.identity);
    for (const std::string& name : process.namespaces) {
      if (!ours.contains(name)) namespaces_.insert(name);
    }
  }
}

std::vector<std::string> LabTraces::left_now() const {
  std::vector<std::string> left;
  for (const Process& process : all_processes()) {
    if (process.pid == ::getpid()) continue;
    if (processes_.contains(process.identity)) left.push_back("process " + process.identity);
    if (process.environment.find(run_folder_) != std::string::npos) {
      left.push_back("process of the lab's folder " + process.identity);
    }
    for (const std::string& name : process.namespaces) {
      if (namespaces_.contains(name)) left.push_back("process " + process.identity + " in " + name);
    }
  }
  return left;
}

std::vector<std::string> LabTraces::left() const {
  std::vector<std::string> left;
  comes_true([&] {
    left = left_now();
    return left.empty();
  });
  return left;
}

}  // namespace labreel::test
