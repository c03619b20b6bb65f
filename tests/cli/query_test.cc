// labreel query where the SQL, or the reel, is not what it should be.
#include <catch2/catch.hpp>

#include "tests/cli/reel_events.h"

namespace labreel::test {

TEST_CASE("an empty SQL string is said to be empty, with and without a reel before it", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("asked"));
  REQUIRE(labreel({"run", "lab.yml", "--for", "200ms", "-o", "a.reel"}, folder.path()).status == 0);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"query", "a.reel", ""}, {"query", "a.reel", " ; \n"}, {"query", ""}, {"query", "   "}}) {
    const auto asked = labreel(words, folder.path());
    INFO(asked.out << asked.err);
    CHECK(asked.status == 2);
    CHECK(asked.out.empty());
    CHECK(asked.err.find("the SQL is empty") != std::string::npos);
  }
  CHECK(labreel({"query", "a.reel", "SELECT count(*) FROM frame"}, folder.path()).status == 0);
}

TEST_CASE("a query that fails before its first row prints no table head, and one that finds no rows does", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("asked"));
  REQUIRE(labreel({"run", "lab.yml", "--for", "200ms", "-o", "a.reel"}, folder.path()).status == 0);
  const auto failed = labreel({"query", "a.reel", "SELECT seq FROM event WHERE seq > pos('nowhere')"}, folder.path());
  INFO(failed.out << failed.err);
  CHECK(failed.status != 0);
  CHECK(failed.out.empty());
  CHECK(!failed.err.empty());
  const auto empty = labreel({"query", "a.reel", "SELECT seq FROM event WHERE seq > 1000000"}, folder.path());
  CHECK(empty.status == 0);
  CHECK(empty.out == "seq\n");
}

TEST_CASE("notes of a host with quotes and backslashes in its name can be asked for", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("named") + "scenario:\n  - sleep: 1ms\n");
  const auto run = run_program({"unshare", "--uts", "sh", "-c",
                                "printf '%s' 'a\"b\\c' > /proc/sys/kernel/hostname && exec '" + labreel_binary() +
                                    "' run lab.yml -o named.reel"},
                               folder.path());
  INFO(run.err);
  REQUIRE(run.status == 0);
  const auto host = labreel({"query", "named.reel", "SELECT detail ->> 'host' AS host FROM note WHERE kind = 'host'", "--json"},
                            folder.path());
  CHECK(host.status == 0);
  CHECK(Json::parse(host.out).at("host") == "a\"b\\c");
}

}  // namespace labreel::test
