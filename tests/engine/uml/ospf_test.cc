#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/engine/uml/virtual_lab.h"

namespace labreel {
namespace {

NodeFile frr_conf(unsigned router) {
  return {
      "/etc/frr/frr.conf",
      fmt::format("hostname r{0}\nip forwarding\nrouter ospf\n ospf router-id 192.0.2.{0}\n network 10.0.0.0/8 area 0\n"
                  " network 192.0.2.0/24 area 0\n",
                  router),
      0640};
}

struct OspfRun {
  std::string digest;
  std::string routes;
  ExecResult ping;
};

// Three routers in a triangle; r1's way to r3's other address is learned.
OspfRun run_triangle(const LabOptions& options) {
  VirtualLab lab(options);
  const NodeFile daemons{
      "/etc/frr/daemons",
      "zebra=yes\nospfd=yes\nvtysh_enable=yes\nzebra_options=\"-A 127.0.0.1\"\nospfd_options=\"-A 127.0.0.1\"\n", 0640};
  lab.add_node("r1", {{"10.0.1.1/24"}, {"10.0.3.1/24"}}, {daemons, frr_conf(1)});
  lab.add_node("r2", {{"10.0.1.2/24"}, {"10.0.2.1/24"}}, {daemons, frr_conf(2)});
  lab.add_node("r3", {{"10.0.2.2/24"}, {"10.0.3.2/24"}}, {daemons, frr_conf(3)});
  CableSettings cable;
  cable.delay_ns = 1'000'000;
  lab.add_link("r1:eth1", "r2:eth1", cable);
  lab.add_link("r2:eth2", "r3:eth1", cable);
  lab.add_link("r3:eth2", "r1:eth2", cable);
  REQUIRE(lab.all_up());
  std::vector<ExecId> starts;
  for (const char* router : {"r1", "r2", "r3"}) {
    const std::string address = std::string("ip addr add 192.0.2.") + router[1] + "/32 dev lo";
    starts.push_back(lab.begin(router, address + "; /usr/lib/frr/frrinit.sh start"));
  }
  const bool started = lab.run_until(
      [&] { return lab.execs[starts[0]].done && lab.execs[starts[1]].done && lab.execs[starts[2]].done; });
  for (const ExecId exec : starts)
    UNSCOPED_INFO(lab.execs[exec].status << " " << lab.execs[exec].out << lab.execs[exec].err);
  REQUIRE(started);
  lab.run_for(60'000'000'000);
  OspfRun run;
  run.routes = lab.exec("r1", "ip route").out;
  run.ping = lab.exec("r1", "ping -c 2 192.0.2.3");
  run.digest = lab.digest();
  return run;
}

TEST_CASE("three FRR routers find their OSPF neighbours, and every event is the same in each run", "[uml]") {
  const OspfRun first = run_triangle({});
  INFO(first.digest << "\n" << first.routes << first.ping.out);
  CHECK(first.routes.find("192.0.2.3") != std::string::npos);
  CHECK(first.routes.find("10.0.2.0/24") != std::string::npos);
  CHECK(first.ping.status == 0);

  LabOptions serial;
  serial.threads = 0;
  serial.pin = false;
  CHECK(run_triangle(serial).digest == first.digest);

  // Under load: threads that burn what CPU they get.
  std::atomic<bool> over{false};
  std::vector<std::thread> burners;
  for (int i = 0; i < 3; ++i) {
    burners.emplace_back([&] {
      while (!over) {
      }
    });
  }
  const OspfRun loaded = run_triangle({});
  over = true;
  for (auto& burner : burners) burner.join();
  CHECK(loaded.digest == first.digest);
}

}  // namespace
}  // namespace labreel
