#include "engine/nodes/user_namespace.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr int kNoTool = 127;

std::string read_text(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

// newuidmap PROCESS, then triples: id inside, id outside, count.
std::vector<std::string> map_command(const char* tool, pid_t process, std::uint32_t own,
                                     const std::vector<IdRange>& ranges) {
  std::vector<std::string> words{tool, std::to_string(process), "0", std::to_string(own), "1"};
  std::uint32_t inside = 1;
  for (const auto& range : ranges) {
    for (const std::uint32_t number : {inside, range.first, range.count}) words.push_back(std::to_string(number));
    inside += range.count;
  }
  return words;
}

int run_tool(const std::vector<std::string>& words) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    std::vector<char*> argv;
    for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    ::_exit(kNoTool);
  }
  int status = 0;
  if (pid < 0 || retried([&] { return ::waitpid(pid, &status, 0); }) != pid) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    checked("make a pipe", ::pipe2(ends.data(), O_CLOEXEC));
    reader = OwnedFd(ends[0]);
    writer = OwnedFd(ends[1]);
  }
  OwnedFd reader;
  OwnedFd writer;
};

struct Outcome {
  int status = 0;
  std::string said;
};

// The ids can only be mapped from outside the namespace: a child that stays there waits until we are inside, and maps
// them.
class Mapper {
 public:
  Mapper(const std::vector<IdRange>& users, const std::vector<IdRange>& groups) {
    const pid_t target = ::getpid();
    const auto map_users = map_command("newuidmap", target, ::geteuid(), users);
    const auto map_groups = map_command("newgidmap", target, ::getegid(), groups);
    pid_ = checked("fork a helper that maps ids", ::fork());
    if (pid_ != 0) {
      go_.reader.reset();
      words_.writer.reset();
      return;
    }
    go_.writer.reset();
    char go = 0;
    if (::read(go_.reader.get(), &go, 1) != 1) ::_exit(0);  // we could not get inside
    ::dup2(words_.writer.get(), 2);
    ::signal(SIGCHLD, SIG_DFL);
    const int status = run_tool(map_users);
    ::_exit(status != 0 ? status : run_tool(map_groups));
  }
  ~Mapper() {
    go_.writer.reset();
    if (pid_ > 0) retried([this] { return ::waitpid(pid_, nullptr, 0); });
  }
  Mapper(const Mapper&) = delete;
  Mapper& operator=(const Mapper&) = delete;

  Outcome map() {
    Outcome outcome;
    if (::write(go_.writer.get(), "m", 1) != 1) outcome.status = 1;
    std::array<char, 512> buffer;
    for (ssize_t got = 0; (got = ::read(words_.reader.get(), buffer.data(), buffer.size())) > 0;) {
      outcome.said.append(buffer.data(), static_cast<std::size_t>(got));
    }
    int status = 0;
    retried([&] { return ::waitpid(pid_, &status, 0); });
    pid_ = -1;
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    while (!outcome.said.empty() && outcome.said.back() == '\n') outcome.said.pop_back();
    return outcome;
  }

 private:
  Pipe go_;
  Pipe words_;
  pid_t pid_ = -1;
};

void write_map(const std::string& path, const std::string& text) {
  OwnedFd file(checked("open " + path, ::open(path.c_str(), O_WRONLY | O_CLOEXEC)));
  checked("write " + path, ::write(file.get(), text.data(), text.size()));
}

// One id can be mapped without anybody's help.
void map_only_root(uid_t user, gid_t group) {
  write_map("/proc/self/setgroups", "deny");
  write_map("/proc/self/uid_map", "0 " + std::to_string(user) + " 1");
  write_map("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
}

void make_namespace() {
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0) return;
  const int error = errno;
  std::string attempt = "make a user namespace";
  if (error == ENOSPC) attempt += " (sysctl user.max_user_namespaces is too low)";
  if (error == EPERM || error == EACCES) {
    attempt +=
        " (the host forbids it: sysctl -w kernel.unprivileged_userns_clone=1, or on Ubuntu "
        "kernel.apparmor_restrict_unprivileged_userns=0)";
  }
  throw std::system_error(error, std::generic_category(), attempt);
}

std::string user_name(uid_t user) {
  const passwd* entry = ::getpwuid(user);
  return entry == nullptr ? std::to_string(user) : entry->pw_name;
}

}  // namespace

std::vector<IdRange> subordinate_ids(std::string_view text, std::string_view user, std::uint32_t id) {
  std::vector<IdRange> ranges;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const auto first_colon = line.find(':');
    const auto second_colon = first_colon == std::string::npos ? first_colon : line.find(':', first_colon + 1);
    if (second_colon == std::string::npos) continue;
    const std::string_view all = line;
    const std::string_view owner = all.substr(0, first_colon);
    if (owner != user && owner != std::to_string(id)) continue;
    const auto first = number_of(all.substr(first_colon + 1, second_colon - first_colon - 1));
    const auto count = number_of(all.substr(second_colon + 1));
    if (first && count && *count > 0) ranges.push_back({*first, *count});
  }
  return ranges;
}

IdMapping enter_user_namespace() {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  const std::string name = user_name(user);
  const auto users = subordinate_ids(read_text("/etc/subuid"), name, user);
  const auto groups = subordinate_ids(read_text("/etc/subgid"), name, user);
  IdMapping mapping;
  if (users.empty() || groups.empty()) {
    mapping.missing = "user " + name + " has no subordinate ids";
    mapping.hint = "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 " + name;
    make_namespace();
    map_only_root(user, group);
    return mapping;
  }
  Outcome mapped;
  {
    Mapper mapper(users, groups);
    make_namespace();
    mapped = mapper.map();
  }
  if (mapped.status == kNoTool) {
    mapping.missing = "newuidmap and newgidmap are not installed";
    mapping.hint = "sudo apt install uidmap";
  } else if (mapped.status != 0) {
    mapping.missing = "the subordinate ids of user " + name + " could not be mapped: " + mapped.said;
    mapping.hint = "look at /etc/subuid and /etc/subgid, and whether newuidmap is set-user-ID root";
  }
  if (!mapping.missing.empty()) {
    map_only_root(user, group);
    return mapping;
  }
  checked("leave the groups of outside", ::setgroups(0, nullptr));
  checked("become the namespace's root", ::setresgid(0, 0, 0));
  checked("become the namespace's root", ::setresuid(0, 0, 0));
  return mapping;
}

}  // namespace labreel
