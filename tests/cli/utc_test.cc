// The reel's UTC against the clock of the host, as a capture inside a node has it.
#include <catch2/catch.hpp>
#include <algorithm>
#include <cstdint>
#include <regex>
#include <sstream>

#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

// "2026-03-01T12:00:00.000000001Z" in ns since 1970, by date's own parser.
std::int64_t ns_of(const std::string& utc) {
  const auto date = run_program({"date", "-d", utc, "+%s%N"});
  REQUIRE(date.status == 0);
  return std::stoll(date.out);
}

}  // namespace

TEST_CASE("begin_utc and a capture inside the sending node tell the same time to 50 microseconds", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("utc") + R"(scenario:
  - exec: {node: h1, run: "tcpdump -i eth0 -n -tt --nano -l -c 200 'icmp[0] == 8' > /tmp/seen 2> /tmp/words & for i in $(seq 100); do grep -q listening /tmp/words && break; sleep 0.05; done; ping -q -i 0.005 -c 200 10.0.0.2 > /dev/null; wait; cut -d ' ' -f 1 /tmp/seen"}
)");
  const auto run = labreel({"run", "lab.yml"}, folder.path());
  INFO(run.err);
  REQUIRE(run.status == 0);
  const std::int64_t begin_ns = ns_of(info_of(folder / "utc.reel").at("begin_utc"));
  std::vector<std::int64_t> recorded;
  std::string seen;
  for (const Json& event : events_of(folder / "utc.reel")) {
    if (event.at("kind") == "frame" && event.at("port") == "h1:eth0" &&
        event.at("summary").get<std::string>().find("(ping) request") != std::string::npos) {
      recorded.push_back(begin_ns + event.at("time").get<std::int64_t>());
    }
    if (event.at("kind") == "exec.output" && event.at("stream") == "stdout") seen += event.at("text");
  }
  std::vector<std::int64_t> captured;
  std::istringstream lines(seen);
  for (std::string line; std::getline(lines, line);) {
    const auto point = line.find('.');
    REQUIRE(point != std::string::npos);
    captured.push_back(std::stoll(line.substr(0, point)) * 1'000'000'000 + std::stoll(line.substr(point + 1)));
  }
  REQUIRE(captured.size() == 200);
  REQUIRE(recorded.size() == 200);
  // The frame comes to the fabric a little after the node's kernel has seen it, and on a busy host later: what is the least
  // has no lateness in it. A twentieth may be earlier, stamped with a batch that had begun.
  std::vector<std::int64_t> later;
  for (std::size_t i = 0; i < captured.size(); ++i) later.push_back(recorded[i] - captured[i]);
  std::sort(later.begin(), later.end());
  INFO("later by, in ns: " << later.front() << " " << later[10] << " " << later[100] << " " << later.back());
  CHECK(later[10] > -50'000);
  CHECK(later[10] < 50'000);
}

}  // namespace labreel::test
