// labreel diff as a user meets it.
#include <catch2/catch.hpp>
#include <algorithm>
#include <filesystem>

#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

// A lab in which one thing is said, and marked.
void record(const TestFolder& folder, const std::string& reel, const std::string& word) {
  folder.write("lab.yml", two_hosts("two") + "scenario:\n  - exec: {node: h1, run: \"echo " + word +
                              "\"}\n  - mark: {name: said}\n");
  const auto run = labreel({"run", "lab.yml", "-o", reel}, folder.path());
  INFO(run.err);
  REQUIRE(run.status == 0);
}

Json diff_json(const TestFolder& folder, std::vector<std::string> more, int status) {
  more.insert(more.begin(), {"diff", "a.reel", "b.reel", "--json"});
  const auto diff = labreel(more, folder.path());
  INFO(diff.out << diff.err);
  REQUIRE(diff.status == status);
  return Json::parse(diff.out);
}

}  // namespace

TEST_CASE("diff says of a copy that it is identical, and of another run where it parts", "[cli]") {
  const TestFolder folder;
  record(folder, "a.reel", "hello");
  std::filesystem::copy_file(folder / "a.reel", folder / "b.reel");
  const Json same = diff_json(folder, {}, 0);
  CHECK(same["identical"] == true);
  CHECK(same["first_difference"].is_null());
  CHECK(same["only_in_a"].empty());

  std::filesystem::remove(folder / "b.reel");
  record(folder, "b.reel", "goodbye");
  const Json other = diff_json(folder, {}, 1);
  CHECK(other["identical"] == false);
  CHECK(other["first_difference"]["seq"] == 1);  // it holds the lab file's text
  CHECK(other["milestones"][0]["name"] == "marker said");
  CHECK(other["milestones"][0]["b"]["time"] > 0);

  // Hosts may send neighbour discovery or not; the words are what differs for sure.
  const Json content = diff_json(folder, {"--ignore", "time,order,lab,mac,numbers,payload"}, 1);
  CHECK(content["first_difference"]["last_common"].is_object());
  const auto says = [](const Json& events, const std::string& text) {
    return std::any_of(events.begin(), events.end(), [&](const Json& event) { return event.value("text", "") == text; });
  };
  CHECK(says(content["only_in_a"], "hello\n"));
  CHECK(says(content["only_in_b"], "goodbye\n"));

  const auto words = labreel({"diff", "a.reel", "b.reel"}, folder.path());
  CHECK(words.out.find("they part at") != std::string::npos);
  CHECK(words.out.find("marker said") != std::string::npos);
}

TEST_CASE("diff refuses what it cannot read or does not know, each with its exit code", "[cli]") {
  const TestFolder folder;
  record(folder, "a.reel", "hello");
  CHECK(labreel({"diff", "a.reel"}, folder.path()).status == 2);
  const auto unknown = labreel({"diff", "a.reel", "a.reel", "--ignore", "tme"}, folder.path());
  CHECK(unknown.status == 2);
  CHECK(unknown.err.find("did you mean time?") != std::string::npos);
  CHECK(labreel({"diff", "a.reel", "absent.reel"}, folder.path()).status == 3);
  folder.write("text.reel", "no reel");
  CHECK(labreel({"diff", "text.reel", "a.reel"}, folder.path()).status == 3);
}

}  // namespace labreel::test
