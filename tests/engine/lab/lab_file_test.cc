#include "engine/lab/lab_file.h"

#include <catch2/catch.hpp>

#include "engine/core/cable_table.h"
#include "engine/core/units.h"
#include "tests/engine/lab/lab_text.h"

using namespace labreel;
using namespace labreel::test;

namespace {

LabFile parsed(const std::string& text) {
  auto lab = parse_lab_file(text, "labs/lab.yml");
  if (!lab) FAIL(lab.error().place << ": " << lab.error().what);
  return std::move(*lab);
}

const PortDef& port_of(const NodeDef& node, const std::string& name) {
  for (const PortDef& port : node.ports) {
    if (port.name == name) return port;
  }
  FAIL("no port " << name);
  return node.ports.front();
}

}  // namespace

TEST_CASE("the design's example parses to exactly what it says", "[lab]") {
  const LabFile lab = parsed(kExample);
  CHECK(lab.path == "labs/lab.yml");
  CHECK(lab.directory == "labs");
  CHECK(lab.text == kExample);
  CHECK(lab.name == "ospf-triangle");
  CHECK(lab.seed == 42);
  CHECK(lab.clock == "real");

  REQUIRE(lab.nodes.size() == 4);
  const NodeDef& r1 = lab.nodes[0];
  CHECK(r1.name == "r1");
  CHECK(r1.kind == "namespace");
  CHECK(r1.line == 7);
  REQUIRE(r1.files.size() == 1);
  CHECK(r1.files[0].node_path == "/etc/frr/frr.conf");
  CHECK(r1.files[0].host_path == "r1/frr.conf");
  CHECK(r1.files[0].line == 8);
  CHECK(r1.exec == std::vector<std::string>{"/usr/lib/frr/frrinit.sh start"});
  REQUIRE(r1.position);
  CHECK((*r1.position)[0] == 120);
  CHECK((*r1.position)[1] == 80);
  REQUIRE(r1.ports.size() == 3);
  CHECK(r1.ports[0].name == "eth1");
  CHECK(r1.ports[0].addresses == std::vector<std::string>{"10.0.1.1/24"});
  CHECK(r1.ports[0].mac == MacAddress{2, 0, 0, 0, 1, 1});
  CHECK(r1.ports[0].node_mtu == 1500);
  CHECK(r1.ports[0].fabric_mtu == 1500);
  CHECK(r1.ports[2].name == "eth3");
  CHECK(r1.ports[2].node_mtu == 1500);
  CHECK(r1.ports[2].fabric_mtu == 9216);
  CHECK(r1.ports[2].mac == default_mac("ospf-triangle", "r1", "eth3"));
  CHECK_FALSE(lab.nodes[2].position);
  CHECK(lab.nodes[2].name == "h1");

  REQUIRE(lab.links.size() == 2);
  CHECK(lab.links[0].endpoints == std::array<std::string, 2>{"r1:eth1", "r2:eth1"});
  CHECK(lab.links[0].line == 16);
  const CableSettings first{5'000'000, 1'000'000, 100'000'000, 65'536, 5'000'000, 0, 0, 0};
  CHECK(lab.links[0].out[0] == first);
  CHECK(lab.links[0].out[1] == first);
  CHECK(lab.links[1].out[0].delay_ns == 5'000'000);
  CHECK(lab.links[1].out[1].delay_ns == 20'000'000);
  CHECK(lab.links[1].out[0].loss_ppb == 0);
  CHECK(lab.links[1].out[1].loss_ppb == 10'000'000);

  REQUIRE(lab.lans.size() == 1);
  CHECK(lab.lans[0].name == "office");
  CHECK_FALSE(lab.lans[0].hub);
  CHECK(lab.lans[0].mac_limit == 4096);
  CHECK(lab.lans[0].ageing_ns == 300'000'000'000);
  REQUIRE(lab.lans[0].ports.size() == 3);
  CHECK(lab.lans[0].ports[0].port == "r1:eth3");
  CHECK(lab.lans[0].ports[1].port == "h1:eth0");
  CHECK(lab.lans[0].ports[1].out.delay_ns == 1'000'000);
  CHECK(lab.lans[0].ports[1].in.delay_ns == 1'000'000);
  CHECK(lab.lans[0].ports[1].out.rate_bps == 1'000'000);
  CHECK(lab.lans[0].ports[1].in.rate_bps == 0);
}

TEST_CASE("the design's scenario parses to exactly what it says", "[lab]") {
  const LabFile lab = parsed(kExample);
  REQUIRE(lab.scenario.size() == 5);
  const auto& wait = std::get<WaitStep>(lab.scenario[0].action);
  CHECK(wait.condition.node == "r1");
  CHECK(wait.condition.run == "vtysh -c 'show ip ospf neighbor'");
  CHECK(wait.condition.until == "Full");
  CHECK(wait.condition.count == 2);
  CHECK(wait.timeout_ns == 30'000'000'000);
  CHECK(lab.scenario[0].line == 31);
  CHECK(lab.scenario[0].text == "wait for r1: vtysh -c 'show ip ospf neighbor' until Full (2 times)");
  const auto& mark = std::get<MarkStep>(lab.scenario[1].action);
  CHECK(mark.name == "adjacency");
  CHECK(mark.note == "All three routers see each other.");
  const auto& link = std::get<LinkStep>(lab.scenario[2].action);
  CHECK(link.action == LinkStep::Action::down);
  CHECK(link.port == "r1:eth1");
  CHECK(lab.scenario[2].text == "link r1:eth1 down");
  const auto& exec = std::get<ExecStep>(lab.scenario[3].action);
  CHECK(exec.node == "h1");
  CHECK(exec.run == "ping -c 3 10.0.3.2");
  CHECK_FALSE(exec.may_fail);
  CHECK(std::get<SleepStep>(lab.scenario[4].action).duration_ns == 2'000'000'000);
  CHECK(lab.scenario[4].text == "sleep 2s");
}

TEST_CASE("every other step of a scenario is read", "[lab]") {
  const LabFile lab = parsed(small_lab(R"(  links: [{endpoints: ["r1:eth1", "r2:eth1"]}]
  lans: {office: {hub: true, mac_limit: 8, ageing: 5s}, yard: {}}
scenario:
  - link: {set: "r1:eth1", loss: 10%, delay: {out: 1ms}}
  - link: {up: "r2:eth1"}
  - node: {start: r1}
  - node: {stop: r1}
  - node: {pause: r1}
  - node: {resume: r1}
  - lan: {join: office, port: "r2:eth7"}
  - link: {down: "r2:eth7"}
  - lan: {leave: office, port: "r2:eth7"}
  - lan: {join: yard, port: "r2:eth7"}
  - exec: {node: r1, run: "false", may_fail: true}
  - wait: {node: r1, run: "true"}
  - mark: {name: m}
  - exec: {node: r1, run: "echo a\n echo b"}
)"));
  REQUIRE(lab.scenario.size() == 14);
  const auto& set = std::get<LinkStep>(lab.scenario[0].action);
  CHECK(set.action == LinkStep::Action::set);
  CHECK(set.change.out.loss_ppb == 100'000'000);
  CHECK(set.change.in.loss_ppb == 100'000'000);
  CHECK(set.change.out.delay_ns == 1'000'000);
  CHECK(set.change.out_fields == (kFieldLoss | kFieldDelay));
  CHECK(set.change.in_fields == kFieldLoss);
  CHECK(lab.scenario[0].text == "link r1:eth1 set loss 10% delay out 1ms");
  CHECK(std::get<LinkStep>(lab.scenario[1].action).action == LinkStep::Action::up);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(std::get<NodeStep>(lab.scenario[2 + i].action).action == static_cast<NodeStep::Action>(i));
  }
  CHECK(lab.scenario[4].text == "pause node r1");
  CHECK(std::get<LanStep>(lab.scenario[6].action).lan == "office");
  CHECK(std::get<LanStep>(lab.scenario[6].action).port == "r2:eth7");
  CHECK(std::get<LanStep>(lab.scenario[8].action).action == LanStep::Action::leave);
  CHECK(lab.scenario[8].text == "r2:eth7 leaves lan office");
  CHECK(std::get<ExecStep>(lab.scenario[10].action).may_fail);
  const auto& wait = std::get<WaitStep>(lab.scenario[11].action);
  CHECK(wait.condition.until.empty());
  CHECK(wait.condition.count == 1);
  CHECK(wait.timeout_ns == 60'000'000'000);
  CHECK(lab.scenario[11].text == "wait for r1: true");
  CHECK(lab.scenario[13].text.find('\n') == std::string::npos);
  CHECK(std::get<ExecStep>(lab.scenario[13].action).run == "echo a\n echo b");
  CHECK(lab.lans[0].hub);
  CHECK(lab.lans[0].mac_limit == 8);
  CHECK(lab.lans[0].ageing_ns == 5'000'000'000);
}

TEST_CASE("a node is what defaults, then its kind, then it itself says", "[lab]") {
  const LabFile lab = parsed(R"(name: merged
topology:
  defaults:
    files: {/etc/a: d/a, /etc/b: d/b}
    exec: [from defaults]
    ports: {eth0: {mtu: 9000, address: [10.0.0.1/8]}, eth1: {}}
  kinds:
    namespace:
      files: {/etc/b: k/b, /etc/c: k/c}
      exec: [from kind, again]
  nodes:
    plain:
    own:
      files: {/etc/c: n/c}
      exec: []
      ports: {eth0: {address: "2001:db8::1/64"}, eth2: {mac: "02:00:00:00:00:09"}}
)");
  const NodeDef& plain = lab.nodes[0];
  REQUIRE(plain.files.size() == 3);
  CHECK(plain.files[0].host_path == "d/a");
  CHECK(plain.files[1].host_path == "k/b");
  CHECK(plain.files[2].host_path == "k/c");
  CHECK(plain.exec == std::vector<std::string>{"from kind", "again"});
  CHECK(plain.ports.size() == 2);
  CHECK(port_of(plain, "eth0").node_mtu == 9000);
  const NodeDef& own = lab.nodes[1];
  CHECK(own.files[1].host_path == "k/b");
  CHECK(own.files[2].host_path == "n/c");
  CHECK(own.exec.empty());
  CHECK(own.ports.size() == 3);
  CHECK(port_of(own, "eth0").node_mtu == 9000);
  CHECK(port_of(own, "eth0").addresses == std::vector<std::string>{"2001:db8::1/64"});
  CHECK(port_of(own, "eth2").mac == MacAddress{2, 0, 0, 0, 0, 9});
}

TEST_CASE("empty sections, a missing seed and Windows line ends are fine", "[lab]") {
  const LabFile lab =
      parsed("\xef\xbb\xbfname: a\r\ntopology:\r\n  nodes:\r\n    n1: ~\r\n  links:\r\n  lans: {}\r\nscenario: []\r\n");
  CHECK(lab.name == "a");
  CHECK(lab.seed == 1);
  CHECK(lab.nodes.size() == 1);
  CHECK(lab.nodes[0].ports.empty());
  CHECK(parsed("{name: j, seed: 18446744073709551615, topology: {nodes: {a: {}}}}").seed ==
        18'446'744'073'709'551'615ULL);
  CHECK(parse_lab_file("name: a\ntopology: {nodes: {a: }}\n", "lab.yml")->directory == ".");
  CHECK(parse_lab_file("name: a\ntopology: {nodes: {a: }}\n", "/lab.yml")->directory == "/");
}

TEST_CASE("anchors and aliases of YAML may be used", "[lab]") {
  const LabFile lab = parsed("name: a\ntopology:\n  nodes:\n    r1: &router {exec: [a, b]}\n    r2: *router\n");
  CHECK(lab.nodes[1].name == "r2");
  CHECK(lab.nodes[1].exec == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a default MAC address is stable, local, for one receiver, and its own", "[lab]") {
  CHECK(format_mac(default_mac("lab", "r1", "eth1")) == "3a:f4:f9:40:36:7a");
  CHECK(default_mac("lab", "r1", "eth1") != default_mac("lab", "r1", "eth2"));
  CHECK(default_mac("lab", "r1", "1eth") != default_mac("lab", "r11", "eth"));
  CHECK(default_mac("lab", "r1", "eth1") != default_mac("lab2", "r1", "eth1"));
  for (int i = 0; i < 1000; ++i) {
    const MacAddress mac = default_mac("lab", "r" + std::to_string(i), "eth0");
    REQUIRE((mac[0] & 3U) == 2U);
  }
}

TEST_CASE("a setting of a cable is applied and its bit is set", "[lab]") {
  CableSettings settings;
  CableFields fields = 0;
  REQUIRE(apply_cable_setting("delay", "5ms", settings, fields));
  REQUIRE(apply_cable_setting("reorder", "1%", settings, fields));
  CHECK(settings.delay_ns == 5'000'000);
  CHECK(settings.reorder_ppb == 10'000'000);
  CHECK(fields == (kFieldDelay | kFieldReorder));
  CHECK(settings_text(settings) == "delay 5ms, reorder 1%");
  CHECK(settings_text(CableSettings{}).empty());

  const CableSettings before = settings;
  const Status unknown = apply_cable_setting("dealy", "1ms", settings, fields);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().what == "a cable has no setting \"dealy\" (did you mean delay?)");
  const Status bad = apply_cable_setting("loss", "12", settings, fields);
  REQUIRE_FALSE(bad);
  CHECK(bad.error().what == "loss: \"12\" is not a probability: it has no unit");
  CHECK(settings == before);
  CHECK(fields == (kFieldDelay | kFieldReorder));
}
