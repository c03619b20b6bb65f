// What `run` says of a scenario while it plays, and of one that fails.
#include <catch2/catch.hpp>

#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
}

}  // namespace

TEST_CASE("a run shows what its scenario's commands print, in few lines and with nothing that a terminal obeys", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("words") + R"(scenario:
  - exec: {node: h1, run: "echo to stdout; echo to stderr >&2; printf 'a\\tb\\n\\033[31mred\\n'; printf unended"}
  - exec: {node: h1, run: "seq 1 1000; exit 3", may_fail: true}
)");
  const auto run = labreel({"run", "lab.yml"}, folder.path());
  INFO(run.err);
  CHECK(run.status == 0);
  CHECK(run.out.empty());
  CHECK_THAT(run.err, Catch::Contains("\n      to stdout\n") && Catch::Contains("\n      to stderr\n") &&
                          Catch::Contains("\n      a       b\n") && Catch::Contains("\n      unended\n"));
  CHECK(run.err.find('\033') == std::string::npos);
  CHECK_THAT(run.err, Catch::Contains("\n      20\n      … and 980 more lines: labreel events --kind exec.output\n"
                                      "      it ended with status 3\n"));
  CHECK_THAT(run.err, !Catch::Contains("\n      21\n"));
}

TEST_CASE("a run that fails says why once", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("fails") + "scenario:\n  - exec: {node: h1, run: \"exit 7\"}\n");
  const auto run = labreel({"run", "lab.yml"}, folder.path());
  INFO(run.err);
  CHECK(run.status == 5);
  CHECK(count_of(run.err, "ended with status 7") == 1);
  CHECK_THAT(run.err, Catch::Contains("(failed)\n"));
}

}  // namespace labreel::test
