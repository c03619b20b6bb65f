// A trace through a real router whose second cable takes only short packets: the fault that nobody sees.
#include <catch2/catch.hpp>

#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

// r1 says nothing of what it cannot send on; then it does.
constexpr const char* kMtuHole = R"(name: mtu-hole
topology:
  nodes:
    h1: {ports: {eth0: {address: [10.0.1.2/24]}}, exec: [ip route add default via 10.0.1.1]}
    r1:
      ports: {eth1: {address: [10.0.1.1/24]}, eth2: {address: [10.0.2.1/24], mtu: 1400}}
      exec:
        - sysctl -qw net.ipv4.ip_forward=1
        - nft 'add table inet f; add chain inet f out { type filter hook output priority 0; }; add rule inet f out icmp type destination-unreachable drop'
    h2: {ports: {eth0: {address: [10.0.2.2/24]}}, exec: [ip route add default via 10.0.2.1]}
  links:
    - endpoints: ["h1:eth0", "r1:eth1"]
    - endpoints: ["r1:eth2", "h2:eth0"]
scenario:
  - exec: {node: h1, run: "ping -c 1 -M do -s 1000 10.0.2.2"}
  - exec: {node: h1, run: "ping -c 1 -W 1 -M do -s 1472 10.0.2.2", may_fail: true}
  - exec: {node: r1, run: "nft delete table inet f"}
  - exec: {node: h1, run: "ping -c 1 -W 1 -M do -s 1472 10.0.2.2", may_fail: true}
)";

}  // namespace

TEST_CASE("a trace names the router of an MTU hole, with its answer if it gave one", "[labs]") {
  const TestFolder folder;
  folder.write("hole.yml", kMtuHole);
  const auto run = labreel({"run", "hole.yml"}, folder.path());
  INFO(run.err);
  REQUIRE(run.status == 0);
  const auto requests = events_of(folder / "mtu-hole.reel", {"--kind", "frame", "--port", "h1:eth0", "--filter", "icmp[0] == 8"});
  std::vector<Json> traces;
  for (const Json& request : requests) {
    if (request.at("port") != "h1:eth0") continue;
    const auto trace = labreel({"events", folder / "mtu-hole.reel", "--trace", request.at("seq").dump(), "--json"});
    REQUIRE(trace.status == 0);
    traces.emplace_back(json_lines(trace.out));
  }
  REQUIRE(traces.size() == 3);
  REQUIRE(traces[0].size() == 2);
  CHECK(traces[0][1].at("certainty") == "is");
  CHECK(traces[0][1].at("end").at(0).at("kind") == "delivered");
  for (const std::size_t swallowed : {1U, 2U}) {
    REQUIRE(traces[swallowed].size() == 1);
    const Json& end = traces[swallowed][0].at("end").at(0);
    CHECK(end.at("kind") == "not-sent-on");
    const std::string text = end.at("text");
    CHECK(text.find("r1 received it at ") == 0);
    CHECK(text.find(" on r1:eth1 and sent nothing like it on") != std::string::npos);
    CHECK((text.find("; it answered with event ") != std::string::npos) == (swallowed == 2));
  }
}

}  // namespace labreel::test
