// What a reel's own lab file says of its ports, for those who read no YAML.
#include "recorder/pack/lab_file_ports.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/replay/event_list.h"

using namespace labreel;
using namespace labreel::test;

namespace {

std::string lab_with(const std::string& address, int mtu) {
  return "name: lab\ntopology: {nodes: {h1: {ports: {eth0: {address: [" + address + "], mtu: " + std::to_string(mtu) + "}}}, r1: {}}}\n";
}

Seq begin(EventList& list, const std::string& lab_file) { return list.add({}, LabBegun{"lab", lab_file, "lab.yml", 1, "real", 1}); }

}  // namespace

TEST_CASE("the lab file of a reel tells its ports' addresses and MTU, by the port's whole name", "[pack]") {
  EventList list;
  begin(list, lab_with("10.0.0.1/24", 1400));
  const RecordedPorts ports = recorded_ports(list);
  REQUIRE(ports.size() == 1);
  REQUIRE(ports.contains("h1:eth0"));
  CHECK(ports.at("h1:eth0").interface_mtu == 1400);
  CHECK(ports.at("h1:eth0").addresses == std::vector<std::string>{"10.0.0.1/24"});
}

TEST_CASE("of several runs the last that had begun at an event tells the ports", "[pack]") {
  EventList list;
  const Seq first = begin(list, lab_with("10.0.0.1/24", 1500));
  begin(list, lab_with("10.0.0.2/24", 1500));
  CHECK(recorded_ports(list, first).at("h1:eth0").addresses.at(0) == "10.0.0.1/24");
  CHECK(recorded_ports(list).at("h1:eth0").addresses.at(0) == "10.0.0.2/24");
}

TEST_CASE("a recording without a lab file, or with one that is none, says nothing of its ports", "[pack]") {
  for (const std::string& text : {std::string{}, std::string{"name: [\n"}}) {
    EventList list;
    begin(list, text);
    CHECK(recorded_ports(list).empty());
  }
}
