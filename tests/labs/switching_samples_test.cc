// The samples of bridges and switches, run for real, as their READMEs say.
#include <catch2/catch.hpp>
#include <map>

#include "tests/labs/sample_recording.h"

namespace labreel::test {
namespace {

using Names = std::vector<std::string>;

std::string sent_by(const std::string& port) { return "frame.interface_name == \"" + port + "\""; }

}  // namespace

TEST_CASE("stp-loop carries no frame in circles, and finds the other way when a cable is cut", "[labs]") {
  const SampleRecording sample{"stp-loop"};
  CHECK(sample.marker_names() == Names{"tree", "cut", "detour", "mended", "end-of-tree"});
  // Which bridges first take themselves for the root is a race: who hears of a better one before it is up says nothing.
  CHECK_THAT(sample.values(sample.between("", "tree") + " && stp.type == 0", "stp.root.prio"), Catch::VectorContains(std::string("4096")));
  CHECK(sample.values(sample.between("tree", "cut") + " && stp.type == 0", "stp.root.prio") == Names{"4096"});
  CHECK(sample.count(sample.between("cut", "mended") + " && stp.type == 0x80") >= 1);
  CHECK(sample.count(sample.between("cut", "") + " && stp.flags.tc == 1") >= 1);

  const std::string tree = sample.between("tree", "cut") + " && icmp && ";
  CHECK(sample.count(tree + sent_by("b1:eth2")) == 11);
  CHECK(sample.count(tree + "(" + sent_by("b2:eth2") + " || " + sent_by("b3:eth2") + ")") == 0);
  const std::string detour = sample.between("detour", "mended") + " && icmp && ";
  CHECK(sample.count(detour + sent_by("b2:eth2")) == 3);
  CHECK(sample.count(detour + sent_by("b3:eth2")) == 3);
  CHECK(sample.count(detour + "(" + sent_by("b1:eth1") + " || " + sent_by("b1:eth2") + ")") == 0);

  // No storm: in a loop one broadcast would be sent thousands of times.
  std::map<std::string, int> times;
  for (const auto& packet : sample.sent(sample.between("tree", "cut") + " && eth.dst == ff:ff:ff:ff:ff:ff",
                                        {"frame.interface_name", "eth.src", "arp.dst.proto_ipv4"}))
    ++times[packet.at(0) + " " + packet.at(1) + " " + packet.at(2)];
  CHECK_FALSE(times.empty());
  for (const auto& [frame, count] : times) {
    INFO(frame);
    CHECK(count <= 3);
  }
  CHECK(sample.info().at("frames") < 3000);
}

TEST_CASE("vlan-trunk tags frames on the trunk only, and keeps two networks with equal addresses apart", "[labs]") {
  const SampleRecording sample{"vlan-trunk"};
  CHECK(sample.marker_names() == Names{"ping", "apart", "full"});
  const std::string trunk = "(" + sent_by("s1:eth9") + " || " + sent_by("s2:eth9") + ")";
  CHECK(sample.count("vlan && !" + trunk) == 0);
  CHECK(sample.count("(arp || icmp) && !vlan && " + trunk) == 0);
  CHECK(sample.values("icmp && " + trunk, "vlan.id") == Names{"10", "20"});
  // Three pings and twenty, each with its answer.
  CHECK(sample.count("icmp && vlan.id == 10") == 46);
  CHECK(sample.count("icmp && vlan.id == 20") == 46);
  CHECK(sample.values("icmp && vlan.id == 10", "frame.len") == Names{"102"});
  CHECK(sample.values("icmp && " + sent_by("a1:eth0"), "frame.len") == Names{"98"});

  const Names macs_of_10 = sample.values("icmp && vlan.id == 10", "eth.src");
  CHECK(macs_of_10.size() == 2);
  for (const std::string& mac : macs_of_10) CHECK(sample.count("vlan.id == 20 && eth.addr == " + mac) == 0);

  const std::string unanswered = sample.between("apart", "full") + " && arp.dst.proto_ipv4 == 10.0.0.9 && ";
  CHECK(sample.count(unanswered + sent_by("s2:eth1")) >= 1);
  CHECK(sample.count(unanswered + sent_by("s2:eth2")) == 0);
  CHECK(sample.count(unanswered + sent_by("s1:eth2")) == 0);
}

}  // namespace labreel::test
