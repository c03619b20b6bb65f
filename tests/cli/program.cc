#include "tests/cli/program.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <thread>

#include "engine/os/system_call.h"
#include "tests/determinism/reel_oracle.h"
#include "tests/temp_folder.h"

namespace labreel::test {
namespace {

using std::chrono::steady_clock;

std::string temporary_file() {
  std::string path = (std::filesystem::temp_directory_path() / "labreel-test-XXXXXX").string();
  const int fd = checked("mkstemp", ::mkstemp(path.data()));
  ::close(fd);
  return path;
}

bool wait_for_text(const std::string& path, const std::string& text, int timeout_s) {
  const auto deadline = steady_clock::now() + std::chrono::seconds{timeout_s};
  while (read_file(path).find(text) == std::string::npos) {
    if (steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return true;
}

std::vector<char*> as_arguments(const std::vector<std::string>& argv) {
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  return arguments;
}

// Polls for a process's end; kills it after the timeout. Its exit code, or 128 + signal.
int wait_for_end(pid_t pid, int timeout_s) {
  const auto deadline = steady_clock::now() + std::chrono::seconds{timeout_s};
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    if (steady_clock::now() > deadline) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, &status, 0);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void become(const std::vector<std::string>& argv, const std::string& directory, const std::string& out,
            const std::string& err) {
  const int null = ::open("/dev/null", O_RDONLY);
  const int out_fd = ::open(out.c_str(), O_WRONLY | O_TRUNC);
  const int err_fd = ::open(err.c_str(), O_WRONLY | O_TRUNC);
  ::dup2(null, 0);
  ::dup2(out_fd, 1);
  ::dup2(err_fd, 2);
  for (const int fd : {null, out_fd, err_fd}) ::close(fd);
  if (::chdir(directory.c_str()) != 0) ::_exit(126);
  ::setpgid(0, 0);
  const auto arguments = as_arguments(argv);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

BackgroundProgram::BackgroundProgram(const std::vector<std::string>& argv, const std::string& directory)
    : out_path_(temporary_file()), err_path_(temporary_file()) {
  pid_ = checked("fork", ::fork());
  if (pid_ == 0) become(argv, directory, out_path_, err_path_);
}

BackgroundProgram::~BackgroundProgram() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  std::filesystem::remove(out_path_);
  std::filesystem::remove(err_path_);
}

void BackgroundProgram::signal(int number) const { ::kill(pid_, number); }

ProgramResult BackgroundProgram::wait(int timeout_s) {
  ProgramResult result;
  result.status = wait_for_end(pid_, timeout_s);
  pid_ = -1;
  result.out = read_file(out_path_);
  result.err = read_file(err_path_);
  return result;
}

std::string BackgroundProgram::out_so_far() const { return read_file(out_path_); }
std::string BackgroundProgram::err_so_far() const { return read_file(err_path_); }

bool BackgroundProgram::wait_for_out(const std::string& text, int timeout_s) const {
  return wait_for_text(out_path_, text, timeout_s);
}
bool BackgroundProgram::wait_for_err(const std::string& text, int timeout_s) const {
  return wait_for_text(err_path_, text, timeout_s);
}

TerminalProgram::TerminalProgram(const std::vector<std::string>& argv, const std::string& directory) {
  const winsize size{24, 80, 0, 0};
  pid_ = checked("forkpty", ::forkpty(&terminal_, nullptr, nullptr, &size));
  if (pid_ != 0) return;
  const auto arguments = as_arguments(argv);
  if (::chdir(directory.c_str()) == 0) ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

TerminalProgram::~TerminalProgram() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(terminal_);
}

void TerminalProgram::type(const std::string& keys) const {
  const ssize_t written = ::write(terminal_, keys.data(), keys.size());
  if (written != static_cast<ssize_t>(keys.size())) throw std::system_error(errno, std::generic_category(), "type");
}

void TerminalProgram::resize(unsigned short rows, unsigned short columns) const {
  const winsize size{rows, columns, 0, 0};
  checked("resize the terminal", ::ioctl(terminal_, TIOCSWINSZ, &size));
}

bool TerminalProgram::read_more() {
  pollfd output{terminal_, POLLIN, 0};
  if (::poll(&output, 1, 20) <= 0) return false;
  char buffer[4096];
  const ssize_t got = ::read(terminal_, buffer, sizeof buffer);
  if (got > 0) screen_.append(buffer, static_cast<std::size_t>(got));
  return got > 0;
}

bool TerminalProgram::shows(const std::string& text, int timeout_s) {
  const auto deadline = steady_clock::now() + std::chrono::seconds{timeout_s};
  for (;;) {
    const std::size_t at = screen_.find(text, seen_);
    if (at != screen_.npos) {
      seen_ = at + text.size();
      return true;
    }
    if (steady_clock::now() > deadline) return false;
    read_more();
  }
}

bool TerminalProgram::is_raw() const {
  termios settings{};
  checked("tcgetattr", ::tcgetattr(terminal_, &settings));
  return (settings.c_lflag & static_cast<tcflag_t>(ICANON)) == 0;
}

int TerminalProgram::wait(int timeout_s) {
  while (read_more()) {
  }
  const int status = wait_for_end(pid_, timeout_s);
  while (read_more()) {
  }
  pid_ = -1;
  return status;
}

ProgramResult run_program(const std::vector<std::string>& argv, const std::string& directory, int timeout_s) {
  return BackgroundProgram{argv, directory}.wait(timeout_s);
}

ProgramResult labreel(std::vector<std::string> arguments, const std::string& directory) {
  arguments.insert(arguments.begin(), labreel_binary());
  return run_program(arguments, directory);
}

TestFolder::TestFolder() : path_(make_temp_folder()) {
  ::setenv("LABREEL_RUN_DIR", (path_ + "/run").c_str(), 1);
}

TestFolder::~TestFolder() {
  // A test that failed half way may leave a detached lab behind.
  if (std::filesystem::exists(path_ + "/run")) {
    for (const std::string& line : lines_of(labreel({"ps"}).out)) {
      const std::size_t at = line.find("  pid ");
      if (at != line.npos) ::kill(std::atoi(line.c_str() + at + 6), SIGKILL);
    }
  }
  const std::string fault = holds_made_up_reels_ ? std::string{} : fault_of_reels_in(path_);
  if (!fault.empty()) {
    // A destructor may not throw, and the last test may be over.
    std::cerr << "FAILED: " << fault << std::endl;
    std::_Exit(1);
  }
  std::filesystem::remove_all(path_);
}

void TestFolder::write(const std::string& name, const std::string& text) const {
  std::ofstream{path_ + "/" + name, std::ios::binary} << text;
}

std::string TestFolder::read(const std::string& name) const { return read_file(path_ + "/" + name); }

std::string read_file(const std::string& path) {
  std::ifstream stream{path, std::ios::binary};
  return std::string{std::istreambuf_iterator<char>{stream}, {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace labreel::test
