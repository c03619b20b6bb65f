#include "recorder/control/registry.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "engine/os/system_call.h"
#include "recorder/control/lab_socket.h"
#include "tests/recorder/control/run_folder.h"

using namespace labreel;
namespace fs = std::filesystem;

namespace {

// A process that has claimed a lab's name, and is killed when this is destroyed.
class OtherRecorder {
 public:
  explicit OtherRecorder(const std::string& lab) {
    int ready[2];
    checked("make a pipe", ::pipe(ready));
    pid_ = checked("fork", ::fork());
    if (pid_ == 0) {
      const auto claimed = claim_lab(lab);
      const char answer = claimed ? 'y' : 'n';
      if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    ::close(ready[1]);
    char answer = 0;
    CHECK(::read(ready[0], &answer, 1) == 1);
    ::close(ready[0]);
    CHECK(answer == 'y');
  }
  ~OtherRecorder() { kill(); }
  OtherRecorder(const OtherRecorder&) = delete;
  OtherRecorder& operator=(const OtherRecorder&) = delete;

  void kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = 0;
};

}  // namespace

TEST_CASE("a lab's name is claimed once, and free again afterwards", "[control]") {
  RunFolder folder;
  std::string path;
  {
    const auto first = claim_lab("ospf");
    REQUIRE(first);
    path = first->path();
    CHECK(path == folder.path() + "/ospf.sock");
    const auto second = claim_lab("ospf");
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == ErrorKind::usage);
    CHECK(second.error().what == "a lab named ospf is already running (pid " + std::to_string(::getpid()) + ")");
    CHECK(claim_lab("ospf2"));
    CHECK(fs::exists(path));
  }
  CHECK_FALSE(fs::exists(path));
  CHECK(claim_lab("ospf"));
}

TEST_CASE("a second lab of a running name is refused with the pid of the first", "[control]") {
  RunFolder folder;
  const OtherRecorder other("ospf");
  const auto refused = claim_lab("ospf");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what == "a lab named ospf is already running (pid " + std::to_string(other.pid()) + ")");
}

TEST_CASE("a killed recorder's socket is noticed, removed, and its name can be claimed", "[control]") {
  RunFolder folder;
  OtherRecorder gone("gone"), again("again"), alive("alive");
  gone.kill();
  again.kill();
  REQUIRE(fs::exists(folder.path() + "/gone.sock"));
  const auto claimed = claim_lab("again");
  REQUIRE(claimed);
  const auto labs = running_labs();
  REQUIRE(labs);
  REQUIRE(labs->size() == 2);
  CHECK((*labs)[0].lab == "again");
  CHECK((*labs)[0].pid == ::getpid());
  CHECK((*labs)[1].lab == "alive");
  CHECK((*labs)[1].pid == alive.pid());
  CHECK((*labs)[1].socket == folder.path() + "/alive.sock");
  CHECK_FALSE(fs::exists(folder.path() + "/gone.sock"));
  CHECK(fs::exists(claimed->path()));
}

TEST_CASE("a stopped recorder is still running", "[control]") {
  RunFolder folder;
  const OtherRecorder other("frozen");
  ::kill(other.pid(), SIGSTOP);
  const auto labs = running_labs();
  REQUIRE(labs);
  REQUIRE(labs->size() == 1);
  CHECK_FALSE(claim_lab("frozen"));
}

TEST_CASE("find_lab finds the only lab, asks which of several, and suggests names", "[control]") {
  RunFolder folder;
  const auto none = find_lab();
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::usage);
  CHECK(none.error().what == "no lab is running");
  CHECK_FALSE(find_lab("ospf"));

  const auto ospf = claim_lab("ospf-triangle");
  REQUIRE(ospf);
  const auto only = find_lab();
  REQUIRE(only);
  CHECK(only->lab == "ospf-triangle");
  CHECK(only->socket == ospf->path());

  const auto hosts = claim_lab("two-hosts");
  REQUIRE(hosts);
  const auto which = find_lab();
  REQUIRE_FALSE(which);
  CHECK(which.error().what == "several labs are running: ospf-triangle, two-hosts");
  CHECK(which.error().hint == "choose one with --lab NAME, or for all commands with LABREEL_LAB=NAME");
  const auto named = find_lab("two-hosts");
  REQUIRE(named);
  CHECK(named->socket == hosts->path());
  const auto typo = find_lab("two-hots");
  REQUIRE_FALSE(typo);
  CHECK(typo.error().what == "no lab named two-hots is running (did you mean two-hosts?)");
  CHECK(typo.error().hint == "running: ospf-triangle, two-hosts");
}

TEST_CASE("names that cannot be a file's, and paths too long for a socket, are refused clearly", "[control]") {
  RunFolder folder;
  for (const std::string name : {"", ".hidden", "a/b", ".."}) CHECK_FALSE(claim_lab(name));
  CHECK_FALSE(claim_lab(std::string("a\0b", 3)));
  const std::size_t room = 107 - folder.path().size() - std::string("/.sock").size();
  CHECK(claim_lab(std::string(room, 'x')));
  const auto refused = claim_lab(std::string(room + 1, 'x'));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what == "the path of the lab's socket has 108 bytes; Linux allows 107");
  CHECK(refused.error().hint.find("LABREEL_RUN_DIR") != std::string::npos);
}

TEST_CASE("the folder of the sockets is made for the owner alone", "[control]") {
  RunFolder folder;
  RunFolder::use(folder.path() + "/run/");
  CHECK(running_labs()->empty());
  CHECK_FALSE(fs::exists(folder.path() + "/run"));  // looking makes nothing
  const mode_t before = ::umask(0);
  const auto made = make_run_directory();
  ::umask(before);
  REQUIRE(made);
  CHECK(*made == folder.path() + "/run");
  CHECK(fs::status(*made).permissions() == fs::perms::owner_all);
}

TEST_CASE("a folder that others could have laid out for us is refused", "[control]") {
  RunFolder folder;
  const auto refused_because = [](const std::string& path) -> std::string {
    RunFolder::use(path);
    const auto made = make_run_directory();
    const auto labs = running_labs();
    const auto claimed = claim_lab("ospf");
    CHECK_FALSE(made);
    CHECK_FALSE(labs);
    CHECK_FALSE(claimed);
    if (made) return "accepted";
    CHECK(made.error().kind == ErrorKind::host);
    CHECK(made.error().place == absolute(fs::path(path)).parent_path() / fs::path(path).filename());
    return made.error().what;
  };
  fs::create_directory(folder.path() + "/real");
  fs::permissions(folder.path() + "/real", fs::perms::owner_all);
  fs::create_directory_symlink(folder.path() + "/real", folder.path() + "/link");
  CHECK(refused_because(folder.path() + "/link") == "the folder of the labs' sockets is a symbolic link");
  fs::permissions(folder.path() + "/real", fs::perms::owner_all | fs::perms::group_read);
  CHECK(refused_because(folder.path() + "/real") == "the folder of the labs' sockets is open to other users");
  if (::geteuid() == 0) {
    fs::permissions(folder.path() + "/real", fs::perms::owner_all);
    REQUIRE(::chown((folder.path() + "/real").c_str(), 65534, 65534) == 0);
    CHECK(refused_because(folder.path() + "/real") ==
          "the folder of the labs' sockets belongs to user 65534, not to user 0");
  }
}

TEST_CASE("the folder is chosen by LABREEL_RUN_DIR, then XDG_RUNTIME_DIR if it is ours, then by user", "[control]") {
  RunFolder folder;
  const char* before = std::getenv("XDG_RUNTIME_DIR");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1);
  CHECK(run_directory() == folder.path());
  ::unsetenv("LABREEL_RUN_DIR");
  CHECK(run_directory() == folder.path() + "/labreel");
  const std::string by_user = ::geteuid() == 0 ? "/run/labreel" : "/tmp/labreel-" + std::to_string(::geteuid());
  ::setenv("XDG_RUNTIME_DIR", "/nowhere", 1);
  CHECK(run_directory() == by_user);
  if (::geteuid() == 0) {
    REQUIRE(::chown(folder.path().c_str(), 65534, 65534) == 0);
    ::setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1);
    CHECK(run_directory() == by_user);
  }
  ::unsetenv("XDG_RUNTIME_DIR");
  CHECK(run_directory() == by_user);
  if (!kept.empty()) ::setenv("XDG_RUNTIME_DIR", kept.c_str(), 1);
}

TEST_CASE("a socket is a recorder's of ours only where ours are, in a folder that nobody else can open", "[control]") {
  RunFolder folder;
  const std::string path = run_directory();
  CHECK_FALSE(is_in_run_directory("/run/user/0/bus"));
  CHECK_FALSE(is_in_run_directory("relative.sock"));
  CHECK_FALSE(is_in_run_directory(""));
  REQUIRE(make_run_directory().ok());
  CHECK(is_in_run_directory(path + "/lab.sock"));
  CHECK_FALSE(is_in_run_directory(path + "/../lab.sock"));
  CHECK_FALSE(is_in_run_directory(path + "/deeper/lab.sock"));
  REQUIRE(::chmod(path.c_str(), 0755) == 0);
  CHECK_FALSE(is_in_run_directory(path + "/lab.sock"));
  REQUIRE(::chmod(path.c_str(), 0700) == 0);
}
