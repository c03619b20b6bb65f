#include "recorder/doctor/doctor.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <system_error>

#include "engine/nodes/spawner.h"
#include "engine/os/owned_fd.h"

namespace labreel {
namespace {

using Clock = std::chrono::steady_clock;

struct Ran {
  bool ended = false;  // within its time
  int status = 127;
  std::string output;
};

// Runs a program in a process group of its own, which is killed afterwards, whatever it left.
Ran run(const std::vector<std::string>& words, std::chrono::seconds limit) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  OwnedFd reader(ends[0]);
  OwnedFd writer(ends[1]);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setpgid(0, 0);
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(null, 0);
    ::dup2(writer.get(), 1);
    ::dup2(writer.get(), 2);
    std::vector<char*> argv;
    for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  writer.reset();
  Ran ran;
  const auto deadline = Clock::now() + limit;
  std::array<char, 4096> buffer;
  while (pid > 0 && Clock::now() < deadline) {
    pollfd wait{reader.get(), POLLIN, 0};
    if (::poll(&wait, 1, 200) <= 0) continue;
    const auto got = ::read(reader.get(), buffer.data(), buffer.size());
    if (got <= 0) {
      ran.ended = true;
      break;
    }
    if (ran.output.size() < 100'000) ran.output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  if (pid <= 0) return ran;
  int status = 0;
  if (!ran.ended) ::kill(-pid, SIGKILL);
  ::waitpid(pid, &status, 0);
  ::kill(-pid, SIGKILL);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return ran;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

Finding check_program(const std::string& name, const std::vector<std::string>& words, const std::string& fix) {
  const Ran ran = run(words, std::chrono::seconds(10));
  if (ran.ended && ran.status == 0) return {name, true, first_line(ran.output), {}};
  const bool missing = ran.status == 127;
  return {name, false, words[0] + (missing ? " is not installed" : " does not run: " + first_line(ran.output)), fix};
}

Finding check_namespace_labs() {
  const std::string name = "namespace labs";
  const std::string fix = "see the lines below";
  try {
    Spawner spawner = Spawner::fork_now();
    spawner.start(NodeSpec{NodeId{1}, "doctor", "namespace", {{PortId{1}, "eth0", {}, 1500, {"192.0.2.1/24"}}}, {}});
    const auto deadline = Clock::now() + std::chrono::seconds(20);
    while (Clock::now() < deadline) {
      pollfd wait{spawner.fd(), POLLIN, 0};
      ::poll(&wait, 1, 200);
      while (const auto event = spawner.receive()) {
        if (const auto* failed = std::get_if<NodeFailed>(&*event)) return {name, false, failed->error, fix};
        if (std::holds_alternative<NodeUp>(*event)) {
          return {
              name, true, ::geteuid() == 0 ? "a node with a port started, as root" : "a node with a port started", {}};
        }
      }
    }
    return {name, false, "a node did not start within 20 s", fix};
  } catch (const std::system_error& error) {
    return {name, false, error.what(), fix};
  }
}

// In a child, because a process cannot leave its new user namespace again.
Finding check_user_namespaces() {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(::unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) == 0 ? 0 : errno);
  int status = 0;
  ::waitpid(pid, &status, 0);
  const int error = WIFEXITED(status) ? WEXITSTATUS(status) : EINVAL;
  if (error == 0) return {"user namespaces", true, "made one", {}};
  return {"user namespaces", false, std::strerror(error),
          "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu), or user.max_user_namespaces=15000"};
}

Finding check_subordinate_ids() {
  const Ran ran = run({"unshare", "--user", "--map-auto", "--map-root-user", "cat", "/proc/self/uid_map"},
                      std::chrono::seconds(10));
  if (ran.status == 0) return {"subordinate ids", true, "mapped", {}};
  return {"subordinate ids", false, first_line(ran.output),
          "sudo apt install uidmap; sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER"};
}

Finding check_tap() {
  const OwnedFd tap(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
  if (tap.is_open()) return {"tap", true, "/dev/net/tun opens", {}};
  return {"tap", false, std::string("/dev/net/tun: ") + std::strerror(errno),
          "not needed: packet sockets are used instead; sudo chmod 666 /dev/net/tun makes ports somewhat faster"};
}

Finding check_uml() {
  const Ran ran = run({"linux.uml", "mem=64M", "con0=null,fd:1", "con=null", "root=/dev/none"}, std::chrono::seconds(20));
  if (ran.output.find("Linux version") != std::string::npos) return {"uml", true, "the kernel starts", {}};
  return {"uml", false, ran.status == 127 ? "linux.uml is not installed" : "the kernel does not start",
          "sudo apt install user-mode-linux"};
}

}  // namespace

void examine_host(const std::function<void(const Finding&)>& tell) {
  tell(check_namespace_labs());
  tell(check_user_namespaces());
  tell(check_subordinate_ids());
  tell(check_tap());
  tell(check_program("tshark", {"tshark", "--version"}, "sudo apt install tshark"));
  tell(check_program("frr", {"/usr/lib/frr/zebra", "--version"}, "sudo apt install frr"));
  tell(check_uml());
  tell(check_program("qemu", {"qemu-system-x86_64", "--version"}, "sudo apt install qemu-system-x86"));
  tell(check_program("npm", {"npm", "--version"}, "sudo apt install npm"));
}

}  // namespace labreel
