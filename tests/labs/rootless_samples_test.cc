// Every sample as an ordinary user: the same lab file, the same programs, no privilege.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/cli/ordinary_user.h"
#include "tests/labs/kill_anywhere.h"
#include "tests/labs/recording_checks.h"

namespace labreel::test {
namespace {

// A copy of everything that the user needs to read, in a folder of the user's own.
std::string prepare(const std::string& sample, const TestFolder& folder, const std::string& user = kUserWithIds) {
  std::filesystem::copy(source_dir() + "/samples/" + sample, folder / sample, std::filesystem::copy_options::recursive);
  return lend_to_user(folder, user);
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

TEST_CASE("without subordinate ids a lab runs with one user, or says what is missing and exits 4", "[labs]") {
  if (::geteuid() != 0) return;  // only root can be a user who has none
  REQUIRE(read_file("/etc/subuid").find(std::string(kUserWithoutIds) + ":") == std::string::npos);
  const TestFolder folder;
  const std::string program = prepare("two-hosts", folder, kUserWithoutIds);
  const std::string reel = folder / "one-id.reel";
  const auto run = run_program(
      as_user(folder, {program, "run", folder / "two-hosts/lab.yml", "-o", reel}, kUserWithoutIds), folder.path());
  INFO(run.err);
  CHECK(run.status == 0);
  require_sound(reel);

  const TestFolder routers;
  prepare("ospf-triangle", routers, kUserWithoutIds);
  const auto refused = run_program(
      as_user(routers, {routers / "labreel", "run", routers / "ospf-triangle/lab.yml", "-o", routers / "many-ids.reel"},
              kUserWithoutIds),
      routers.path());
  INFO(refused.err);
  CHECK(refused.status == 4);
  CHECK(refused.err.find("user nobody has no subordinate ids") != std::string::npos);
  CHECK(refused.err.find("usermod --add-subuids") != std::string::npos);
  const auto doctor = run_program(as_user(routers, {routers / "labreel", "doctor", "--json"}, kUserWithoutIds));
  CHECK(doctor.out.find("\"check\":\"subordinate ids\",\"ok\":false") != std::string::npos);
}

TEST_CASE("kill -9 of an ordinary user's recorder, at any moment, leaves nothing behind", "[labs]") {
  const std::string sample = GENERATE("lossy-link", "ospf-triangle");
  CAPTURE(sample);
  const TestFolder folder;
  const std::string program = prepare(sample, folder);
  require_nothing_stays(as_user(folder, {program, "run", folder / (sample + "/lab.yml"), "-o", folder / "killed.reel"}),
                        folder, 3, 6'000);
}

}  // namespace labreel::test
