// The samples of routers and routing protocols, run for real, as their READMEs say.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/labs/sample_recording.h"

namespace labreel::test {
namespace {

using Names = std::vector<std::string>;

std::string sent_by(const std::string& port) { return "frame.interface_name == \"" + port + "\""; }

// The metrics with which a port announces a network, in the order in which they change.
Names metrics(const SampleRecording& sample, const std::string& port, const std::string& network) {
  Names metrics;
  for (const auto& packet : sample.sent("rip.command == 2 && " + sent_by(port), {"rip.ip", "rip.metric"})) {
    const auto list = [](const std::string& text) {
      Names items(1);
      for (const char c : text) {
        if (c == ',')
          items.emplace_back();
        else
          items.back() += c;
      }
      return items;
    };
    const Names networks = list(packet.at(0)), all = list(packet.at(1));
    REQUIRE(networks.size() == all.size());
    for (std::size_t i = 0; i < networks.size(); ++i) {
      if (networks[i] == network && (metrics.empty() || metrics.back() != all[i])) metrics.push_back(all[i]);
    }
  }
  return metrics;
}

}  // namespace

TEST_CASE("ospf-triangle forms adjacencies, reconverges over the long way, and comes back", "[labs]") {
  const SampleRecording sample{"ospf-triangle"};
  CHECK(sample.marker_names() == Names{"adjacency", "cut", "reconverged", "mended"});
  CHECK(sample.count("ospf.msg == 1") > 20);  // hellos
  CHECK(sample.count("ospf.msg == 2") > 3);   // database descriptions
  CHECK(sample.count("ospf.msg == 4") > 3);   // updates
  CHECK(sample.count("frame.comment contains \"link-down\"") > 0);
}

TEST_CASE("bgp-two-as announces both prefixes, gives the session up in silence, and opens a new one", "[labs]") {
  const SampleRecording sample{"bgp-two-as"};
  CHECK(sample.marker_names() == Names{"established", "announced", "cut", "withdrawn", "mended", "returned"});
  for (const auto& [from, to] : {std::pair{"", "announced"}, std::pair{"mended", "returned"}}) {
    const std::string part = sample.between(from, to);
    INFO(from << ".." << to);
    CHECK(sample.values(part + " && bgp.type == 1", "bgp.open.myas") == Names{"65001", "65002"});
    CHECK(sample.count(part + " && bgp.type == 2 && ip.src == 192.0.2.2 && bgp.nlri_prefix == 10.2.0.0") >= 1);
    CHECK(sample.count(part + " && bgp.type == 2 && ip.src == 192.0.2.1 && bgp.nlri_prefix == 10.1.0.0") >= 1);
  }
  CHECK(sample.values("bgp.type == 2 && ip.src == 192.0.2.2 && bgp.nlri_prefix == 10.2.0.0",
                      "bgp.update.path_attribute.as_path_segment.as4") == Names{"65002"});
  // The cut is noticed by silence only: keepalives are lost, and no byte of the session gets through.
  const std::string silence = sample.between("cut", "withdrawn") + " && tcp.port == 179";
  CHECK(sample.count(silence + " && bgp.type == 4 && frame.comment contains \"link-down\"") >= 1);
  CHECK(sample.count(silence + " && frame.comment contains \"delivered\"") == 0);
  // r1 itself answers when it has no way any more.
  CHECK(sample.count(sample.between("withdrawn", "mended") + " && icmp.type == 3 && ip.src == 10.1.0.1") == 1);
}

TEST_CASE("rip-line adds one to the metric on every hop, and poisons a route that has timed out", "[labs]") {
  const SampleRecording sample{"rip-line"};
  CHECK(sample.marker_names() == Names{"learned", "cut", "poisoned", "mended"});
  CHECK(metrics(sample, "r4:eth1", "10.255.0.4") == Names{"1"});
  CHECK(metrics(sample, "r3:eth1", "10.255.0.4") == Names{"2", "16", "2"});
  CHECK(metrics(sample, "r2:eth1", "10.255.0.4") == Names{"3", "16", "3"});
  CHECK(sample.count("rip.command == 1") >= 4);
  CHECK(sample.count("rip && frame.comment contains \"link-down\"") >= 2);
  // Split horizon: r2 never tells r3 what r3 has told it.
  CHECK(metrics(sample, "r2:eth2", "10.255.0.4").empty());
}

TEST_CASE("ipv6-ra gives hosts addresses from an advertised prefix, and refuses one that is in use", "[labs]") {
  const SampleRecording sample{"ipv6-ra"};
  CHECK(sample.marker_names() == Names{"address", "routed", "duplicate", "refused"});
  const std::string first = sample.between("", "address");
  CHECK(sample.count(first + " && icmpv6.type == 133 && " + sent_by("h1:eth0")) >= 1);
  CHECK(sample.values(first + " && icmpv6.type == 134 && " + sent_by("r1:eth1"), "icmpv6.opt.prefix") ==
        Names{"2001:db8:1::"});
  // Duplicate address detection of the address made from the prefix: asked from no address, and nobody answers.
  const std::string made = "icmpv6.nd.ns.target_address == 2001:db8:1::ff:fe00:11";
  CHECK(sample.count(first + " && icmpv6.type == 135 && ipv6.src == :: && " + made) >= 1);
  CHECK(sample.count(first + " && icmpv6.type == 136 && icmpv6.nd.na.target_address == 2001:db8:1::ff:fe00:11") == 0);
  CHECK(sample.count(sample.between("routed", "duplicate") + " && icmpv6.type == 129 && ipv6.hlim == 63 && " +
                     sent_by("r1:eth1")) == 3);
  const std::string twice = sample.between("duplicate", "refused");
  CHECK(sample.count(twice + " && icmpv6.type == 135 && ipv6.src == :: && " + sent_by("h2:eth0") +
                     " && icmpv6.nd.ns.target_address == 2001:db8:1::53") >= 1);
  CHECK(sample.count(twice + " && icmpv6.type == 136 && ipv6.dst == ff02::1 && " + sent_by("h1:eth0") +
                     " && icmpv6.nd.na.target_address == 2001:db8:1::53") >= 1);
  CHECK(sample.count("ipv6.src == 2001:db8:1::53 && " + sent_by("h2:eth0")) == 0);
}

// How many loopbacks a field names before the ring has converged. On a busy host a router says its first hello under the address of
// an interface, before it has read its router-id: those addresses do not count.
std::ptrdiff_t router_ids(const SampleRecording& sample, const std::string& packets, const std::string& field) {
  const auto ids = sample.values(sample.between("", "converged") + " && " + packets, field);
  return std::count_if(ids.begin(), ids.end(), [](const std::string& id) { return id.rfind("10.255.0.", 0) == 0; });
}

TEST_CASE("frr-ring-25 converges, and after a cut the neighbours reach each other over 24 cables", "[labs]") {
  const SampleRecording sample{"frr-ring-25"};
  CHECK(sample.marker_names() == Names{"converged", "cut", "reconverged"});
  CHECK(sample.info().at("nodes") == 25);
  CHECK(router_ids(sample, "ospf.msg == 1", "ospf.srcrouter") == 25);
  CHECK(router_ids(sample, "ospf.msg == 4", "ospf.advrouter") == 25);
  CHECK(sample.count(sample.between("converged", "cut") + " && icmp.type == 0 && " + sent_by("r25:eth2")) == 3);
  // The ends' new LSAs are sent on by every router of the line.
  CHECK(sample
            .values(sample.between("cut", "reconverged") + " && ospf.msg == 4 && ospf.advrouter == 10.255.0.25",
                    "ospf.srcrouter")
            .size() >= 24);
  const std::string reply = sample.between("reconverged", "") + " && icmp.type == 0";
  CHECK(sample.count(reply + " && " + sent_by("r25:eth1")) == 3);
  CHECK(sample.count(reply + " && ip.ttl == 41 && " + sent_by("r2:eth1")) == 3);
  CHECK(sample.count(reply) == 3 * 24);
}

}  // namespace labreel::test
