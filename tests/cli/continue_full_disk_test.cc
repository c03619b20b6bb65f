// run --continue on a disk without room: said, nothing of the reel is lost or changed, and it goes on when there is room.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>

#include "tests/cli/program.h"
#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

// Runs a script where $folder/disk is a small disk of its own, which nobody else sees and which ends with the script.
ProgramResult on_small_disk(const TestFolder& folder, const std::string& size, const std::string& script) {
  std::filesystem::create_directory(folder / "disk");
  const std::string mount = "mount -t tmpfs -o size=" + size + " tmpfs disk || exit 99\nlabreel=" + labreel_binary() + "\n";
  return run_program({"unshare", "--mount", "--propagation", "private", "sh", "-c", mount + script}, folder.path());
}

// Leaves a reel `old.reel` of one run, sealed or cut off with its ring.
void record(const TestFolder& folder, bool is_sealed) {
  folder.write("lab.yml", two_hosts("full"));
  BackgroundProgram lab{{labreel_binary(), "run", "lab.yml", "-o", "old.reel"}, folder.path()};
  REQUIRE(lab.wait_for_err("runs until it is stopped"));
  REQUIRE(labreel({"exec", "h1", "--", "ping", "-c", "2", "-i", "0.1", "10.0.0.2"}).status == 0);
  lab.signal(is_sealed ? SIGTERM : SIGKILL);
  REQUIRE(lab.wait(20).status == (is_sealed ? 0 : 137));
}

std::vector<std::string> events_in(const std::string& reel) { return lines_of(labreel({"events", reel, "--json"}).out); }

}  // namespace

TEST_CASE("on a full disk a reel is not gone on with, and is as before, and with room it goes on", "[cli]") {
  const bool is_sealed = GENERATE(true, false);
  INFO((is_sealed ? "sealed" : "cut off"));
  const TestFolder folder;
  record(folder, is_sealed);
  const auto before = events_in(folder / "old.reel");
  REQUIRE(before.size() > 10);
  const auto run = on_small_disk(folder, "160m", R"(
    cp old.reel* disk/
    cat /dev/zero > disk/filler 2>/dev/null
    $labreel run lab.yml --continue disk/old.reel --for 100ms; echo "full: $?"
    (cd disk && for file in old.reel*; do cmp $file ../$file && echo "same $file"; done)
    rm disk/filler
    $labreel run lab.yml --continue disk/old.reel --for 100ms; echo "roomy: $?"
    mkdir after && cp disk/old.reel* after/)");
  INFO(run.out << run.err);
  CHECK(run.out.find("full: 4\n") != std::string::npos);
  CHECK_THAT(run.err, Catch::Contains(is_sealed ? "database or disk is full" : "No space left on device"));
  CHECK(run.out.find("same old.reel\n") != std::string::npos);
  if (!is_sealed) CHECK(run.out.find("same old.reel-ring\n") != std::string::npos);
  CHECK(run.out.find("roomy: 0\n") != std::string::npos);
  const auto after = events_in(folder / "after/old.reel");
  REQUIRE(after.size() > before.size());
  CHECK(std::equal(before.begin(), before.end(), after.begin()));
  CHECK(labreel({"check", folder / "after/old.reel"}).status == 0);
  CHECK(info_of(folder / "after/old.reel").at("runs") == 2);
}

TEST_CASE("a disk that fills up while a reel goes on ends the run with its reason, and loses nothing of both runs", "[cli]") {
  const TestFolder folder;
  record(folder, true);
  const auto before = events_in(folder / "old.reel");
  const auto run = on_small_disk(folder, "96m", R"(
    cp old.reel disk/
    $labreel run lab.yml --continue disk/old.reel --for 60s 2>err & recorder=$!
    until grep -q 'runs until' err || ! kill -0 $recorder; do sleep 0.1; done
    cat /dev/zero > disk/filler 2>/dev/null
    $labreel exec h1 -- ping -q -f -s 1400 -c 30000 10.0.0.2 >/dev/null 2>&1
    wait $recorder; echo "full: $?"
    rm disk/filler
    $labreel verify disk/old.reel; echo "verify: $?"
    $labreel events disk/old.reel --json >full.json
    mount -o remount,size=200m disk  # a second ring, while the first is there
    $labreel run lab.yml --continue disk/old.reel --for 100ms; echo "roomy: $?"
    mkdir after && cp disk/old.reel* after/)");
  const std::string said = read_file(folder / "err");
  INFO(run.out << run.err << said);
  CHECK(run.out.find("full: 4\n") != std::string::npos);
  CHECK(said.find("cannot be written") != std::string::npos);
  CHECK(run.out.find("verify: 0\n") != std::string::npos);
  CHECK(run.out.find("roomy: 0\n") != std::string::npos);
  const auto full = lines_of(read_file(folder / "full.json"));
  CHECK(said.find(": " + std::to_string(full.size()) + " events") != std::string::npos);
  REQUIRE(full.size() > before.size());
  CHECK(std::equal(before.begin(), before.end(), full.begin()));
  const auto after = events_in(folder / "after/old.reel");
  REQUIRE(after.size() > full.size());
  CHECK(std::equal(full.begin(), full.end(), after.begin()));
  CHECK(info_of(folder / "after/old.reel").at("runs") == 3);
}

}  // namespace labreel::test
