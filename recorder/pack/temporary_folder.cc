#include "recorder/pack/temporary_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "engine/os/system_call.h"

namespace labreel {
namespace {

// Nothing of the terminal, of the pipes that the person's shell made, or of the current folder stays with it.
[[noreturn]] void clean_up_after(const std::string& path, int pipe) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGPIPE}) ::signal(signal, SIG_IGN);
  ::setsid();
  ::dup2(pipe, 0);
  ::close_range(1, ~0U, 0);
  std::error_code ignored;
  std::filesystem::current_path("/", ignored);
  char byte = 0;
  retried([&] { return ::read(0, &byte, 1); });
  std::filesystem::remove_all(path, ignored);
  ::_exit(0);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name =
      (std::filesystem::absolute(std::filesystem::temp_directory_path()) / "labreel-demo-XXXXXX").string();
  std::array<int, 2> ends{};
  checked("make a pipe", ::pipe2(ends.data(), O_CLOEXEC));
  const OwnedFd from_us{ends[0]};
  pipe_ = OwnedFd{ends[1]};
  if (::mkdtemp(name.data()) == nullptr) checked("make the folder " + name, -1);
  path_ = name;
  cleaner_ = ::fork();
  if (cleaner_ == 0) {
    pipe_.reset();
    clean_up_after(path_, from_us.get());
  }
  if (cleaner_ > 0) return;
  const int error = errno;
  ::rmdir(path_.c_str());
  throw std::system_error(error, std::generic_category(), "fork");
}

TemporaryFolder::~TemporaryFolder() {
  if (!pipe_.is_open()) return;
  const char byte = 'x';
  retried([&] { return ::write(pipe_.get(), &byte, 1); });
  retried([&] { return ::waitpid(cleaner_, nullptr, 0); });
}

}  // namespace labreel
