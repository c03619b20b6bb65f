// What a reel tells of its lab, for who runs that lab again.
#include "recorder/session/recorded_lab.h"

#include <catch2/catch.hpp>

#include "tests/replay/event_list.h"

namespace labreel::test {
namespace {

std::string path_in(std::string detail) {
  EventList list;
  list.add(LabTime{}, LabBegun{.lab = "demo", .lab_file = {}, .lab_file_name = "lab.yml", .clock = {}});
  list.notes_ = {{Seq{1}, "lab-file", std::move(detail)}};
  return lab_file_path(list);
}

}  // namespace

TEST_CASE("a recorded lab's file is found in a folder of any name", "[session]") {
  CHECK(path_in(R"({"path":"/labs/plain/lab.yml"})") == "/labs/plain/lab.yml");
  CHECK(path_in(R"({"path":"/labs/a\"b\\c\u0009d/lab.yml"})") == "/labs/a\"b\\c\td/lab.yml");
  CHECK(path_in(R"({"later":"x","path":"/labs/lab.yml","more":"y"})") == "/labs/lab.yml");
}

TEST_CASE("what anybody but the recorder did is typed, whoever it was", "[session]") {
  EventList list;
  list.add({}, LabBegun{.lab = "demo", .lab_file = {}, .lab_file_name = "lab.yml", .clock = ClockKind::real});
  const std::vector<std::string> origins{"run", "cli", "scenario", "page", "page:anna", "robot", "branch"};
  for (const std::string& by : origins) list.add({}, Command{"mark", {by}, by});
  const auto typed = typed_commands(list);
  REQUIRE(typed);
  std::vector<std::string> given;
  for (const TypedCommand& command : typed->commands) given.push_back(command.request.by.text());
  CHECK(given == std::vector<std::string>{"cli", "page", "page:anna", "robot"});
  CHECK(typed->partings.size() == 1);
}

TEST_CASE("a recorded lab's file without a note that can be read is the one of its name", "[session]") {
  CHECK(path_in("{}") == "lab.yml");
  CHECK(path_in(R"({"path":"/labs)") == "lab.yml");
}

}  // namespace labreel::test
