#include <catch2/catch.hpp>

#include "tests/engine/uml/virtual_lab.h"

namespace labreel {
namespace {

struct PingRun {
  std::string digest;
  ExecResult ping;
};

PingRun ping_once(const LabOptions& options, std::uint64_t delay_ns = 1'000'000) {
  VirtualLab lab(options);
  lab.add_node("h1", {{"10.0.0.1/24"}});
  lab.add_node("h2", {{"10.0.0.2/24"}});
  CableSettings cable;
  cable.delay_ns = delay_ns;
  lab.add_link("h1:eth1", "h2:eth1", cable);
  const bool up = lab.all_up();
  for (const auto& [node, state] : lab.state) UNSCOPED_INFO("node " << index_of(node) << ": " << state);
  REQUIRE(up);
  PingRun run;
  run.ping = lab.exec("h1", "ping -c 3 -i 0.5 10.0.0.2");
  run.digest = lab.digest();
  if (std::getenv("LABREEL_TEST_EVENTS") != nullptr) {
    for (const auto& line : lab.events.lines) std::puts(line.substr(0, 150).c_str());
  }
  return run;
}

TEST_CASE("two guests ping each other, and every event is the same in each run", "[uml]") {
  const PingRun first = ping_once({});
  INFO(first.ping.out << first.ping.err);
  CHECK(first.ping.status == 0);
  CHECK(first.ping.out.find("3 received") != std::string::npos);
  CHECK(first.ping.out.find("icmp_seq=3 ttl=64 time=2.00 ms") != std::string::npos);
  CHECK(first.ping.out.find("time 1001ms") != std::string::npos);  // it waited half a second, twice

  LabOptions serial;
  serial.threads = 0;
  serial.pin = false;
  CHECK(ping_once({}).digest == first.digest);
  CHECK(ping_once(serial).digest == first.digest);
}

TEST_CASE("another seed or another delay gives another list of events", "[uml]") {
  const PingRun first = ping_once({});
  LabOptions other_seed;
  other_seed.seed = 43;
  CHECK(ping_once(other_seed).digest != first.digest);
  CHECK(ping_once({}, 1'000'001).digest != first.digest);
}

}  // namespace
}  // namespace labreel
