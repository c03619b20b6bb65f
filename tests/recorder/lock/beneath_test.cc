// A reader that writes beneath one folder: what lies elsewhere is out of its reach.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "recorder/lock/name_keeper.h"
#include "recorder/lock/reader_lock.h"
#include "tests/temp_folder.h"

namespace labreel {
namespace {

namespace fs = std::filesystem;

class Folders : public TempFolder {
 public:
  Folders() {
    fs::create_directories(*this / "out");
    write("canary", "precious");
  }
};

// True if what a locked child did went well.
bool goes_well(const std::string& folder, const std::function<bool()>& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(STDERR_FILENO);
    lock_reader_beneath(folder);
    ::_exit(act() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("a reader that writes beneath a folder makes, writes, renames and removes files there and nowhere else", "[lock]") {
  const Folders folders;
  const std::string file = folders / "out/sub/file";
  CHECK(goes_well(folders / "out", [&] {
    fs::create_directories(folders / "out/sub");
    std::ofstream(file) << "text";
    const int fd = ::open(file.c_str(), O_RDWR | O_TRUNC);
    return fd >= 0 && ::rename(file.c_str(), (folders / "out/sub/renamed").c_str()) == 0 &&
           ::unlink((folders / "out/sub/renamed").c_str()) == 0 && ::rmdir((folders / "out/sub").c_str()) == 0;
  }));
  CHECK_FALSE(goes_well(folders / "out", [&] { return ::unlink((folders / "canary").c_str()) == 0; }));
  CHECK_FALSE(goes_well(folders / "out", [&] { return ::open((folders / "canary").c_str(), O_WRONLY) >= 0; }));
  CHECK_FALSE(goes_well(folders / "out", [&] { return ::rename((folders / "canary").c_str(), (folders / "out/c").c_str()) == 0; }));
  CHECK_FALSE(goes_well(folders / "out", [&] { return ::chmod((folders / "canary").c_str(), 0777) == 0; }));
  CHECK_FALSE(goes_well(folders / "out", [] { return ::execl("/bin/true", "true", nullptr) == 0; }));
  std::string text;
  std::ifstream(folders / "canary") >> text;
  CHECK(text == "precious");
}

TEST_CASE("a half-written file goes when its locked writer ends without keeping it, however it ends", "[lock]") {
  const Folders folders;
  const int ending = GENERATE(0, SIGKILL, SIGINT);
  const bool keeps = ending == 0 && GENERATE(true, false);
  CAPTURE(ending, keeps);
  const std::string file = folders / "half";
  const pid_t child = ::fork();
  if (child == 0) {
    std::ofstream(file) << "half";
    NameKeeper keeper{file};
    lock_reader();
    if (ending != 0) {
      std::signal(ending, SIG_DFL);
      ::raise(ending);
    }
    if (keeps) keeper.keep();
    keeper.~NameKeeper();
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  for (int i = 0; i < 500 && fs::exists(file) != keeps; ++i) ::usleep(10'000);
  CHECK(fs::exists(file) == keeps);
}

}  // namespace labreel
