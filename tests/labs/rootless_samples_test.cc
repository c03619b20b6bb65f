// Every sample as an ordinary user: the same lab file, the same programs, no privilege.
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/labs/recording_checks.h"

namespace labreel::test {
namespace {

// The user is made by the fixture `test_user`; who is no root already is an ordinary user.
constexpr const char* kUser = "labreel-test";

// A copy of everything that the user needs to read, in a folder of the user's own.
std::string prepare(const std::string& sample, const TestFolder& folder) {
  namespace fs = std::filesystem;
  fs::copy(source_dir() + "/samples/" + sample, folder / sample, fs::copy_options::recursive);
  fs::copy(labreel_binary(), folder / "labreel");
  if (::geteuid() != 0) return folder / "labreel";
  const passwd* const user = ::getpwnam(kUser);
  REQUIRE(user != nullptr);
  REQUIRE(::chown(folder.path().c_str(), user->pw_uid, user->pw_gid) == 0);
  for (const auto& entry : fs::recursive_directory_iterator{folder.path()}) {
    REQUIRE(::chown(entry.path().c_str(), user->pw_uid, user->pw_gid) == 0);
  }
  return folder / "labreel";
}

std::vector<std::string> as_user(const TestFolder& folder, std::vector<std::string> command) {
  if (::geteuid() != 0) return command;
  std::vector<std::string> argv{
      "runuser", "-u", kUser, "--", "env", "HOME=" + folder.path(), "LABREEL_RUN_DIR=" + (folder / "run")};
  argv.insert(argv.end(), command.begin(), command.end());
  return argv;
}

}  // namespace

TEST_CASE("every sample runs as an ordinary user, from the same lab file", "[labs]") {
  const std::string sample = GENERATE("two-hosts", "lossy-link", "tcp-loss", "vlan-trunk", "stp-loop", "ipv6-ra",
                                      "nat-firewall", "rip-line", "ospf-triangle", "bgp-two-as", "frr-ring-25");
  CAPTURE(sample);
  const TestFolder folder;
  const std::string program = prepare(sample, folder);
  const auto who = run_program(as_user(folder, {"id", "-u"}));
  REQUIRE(who.status == 0);
  REQUIRE(who.out != "0\n");
  const std::string reel = folder / "rootless.reel";
  const auto run = run_program(as_user(folder, {program, "run", folder / (sample + "/lab.yml"), "-o", reel}));
  INFO(run.err);
  REQUIRE(run.status == 0);
  require_sound(reel);
  require_same_in_tshark(reel, folder);
  require_finished_checksums(reel, folder);
}

}  // namespace labreel::test
