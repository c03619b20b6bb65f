// A packed sample on somebody else's account: one file, an empty home, another folder.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/cli/ordinary_user.h"
#include "tests/labs/recording_checks.h"

namespace labreel::test {

TEST_CASE("a packed ospf-triangle runs for an ordinary user with nothing but the reel", "[labs]") {
  const TestFolder authors;
  const std::string reel = record_sample("ospf-triangle", authors);
  const auto packed = labreel({"pack", reel, source_dir() + "/samples/ospf-triangle/README.md"});
  INFO(packed.err);
  REQUIRE(packed.status == 0);

  const TestFolder home;
  std::filesystem::copy_file(reel, home / "demo.reel");
  const std::string program = lend_to_user(home);
  const auto run = run_program(as_user(home, {program, "run", "demo.reel", "--trust", "-o", "mine.reel"}), home.path());
  INFO(run.err);
  REQUIRE(run.status == 0);
  require_sound(home / "mine.reel");
  require_same_in_tshark(home / "mine.reel", home);
  CHECK(info_of(home / "mine.reel")["lab"] == "ospf-triangle");
}

}  // namespace labreel::test
