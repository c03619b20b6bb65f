// What an effect must satisfy: names, settings, the copies of a lan, and states of nodes and ports.
#include "engine/core/topology_check.h"

#include <catch2/catch.hpp>

namespace labreel {
namespace {

// Two running nodes with two ports each: 0 and 1 on "a", 2 and 3 on "b". Port 0 is linked to port 2, port 1 is on lan
// 0.
Topology small_lab() {
  Topology topology;
  for (std::uint32_t node = 0; node < 2; ++node) {
    const std::string name(1, static_cast<char>('a' + node));
    REQUIRE(topology.apply(NodeAdded{.node = NodeId{node}, .name = name, .node_kind = "namespace", .position = {}}));
    REQUIRE(topology.apply(NodeStarted{NodeId{node}}));
    for (std::uint32_t port = 0; port < 2; ++port) {
      REQUIRE(topology.apply(
          PortAdded{.port = PortId{2 * node + port}, .node = NodeId{node}, .name = "eth" + std::to_string(port)}));
    }
  }
  REQUIRE(topology.apply(LinkAdded{LinkId{0}, {PortId{0}, PortId{2}}, {}}));
  REQUIRE(topology.apply(LanAdded{.lan = LanId{0}, .name = "office"}));
  REQUIRE(topology.apply(LanJoined{LanId{0}, PortId{1}, {}, {}}));
  return topology;
}

// Returns why an effect does not fit; nothing if it does.
std::string refusal(const Topology& topology, const EventBody& effect) {
  const Status fits = topology.check(effect);
  return fits ? std::string() : fits.error().what;
}

std::string refusal(const CableSettings& settings) {
  const Status fits = check_settings(settings);
  return fits ? std::string() : fits.error().what;
}

}  // namespace

TEST_CASE("a node is started, paused, resumed and stopped in turn only", "[core]") {
  Topology topology = small_lab();
  const NodeId a{0};
  CHECK_THAT(refusal(topology, NodeStarting{a}), Catch::Contains("node a runs already"));
  CHECK_THAT(refusal(topology, NodeStarted{a}), Catch::Contains("node a runs already"));
  CHECK_THAT(refusal(topology, NodeResumed{a}), Catch::Contains("node a is not paused"));
  REQUIRE(topology.apply(NodePaused{a}));
  CHECK_THAT(refusal(topology, NodePaused{a}), Catch::Contains("node a is paused already"));
  REQUIRE(topology.apply(NodeResumed{a}));
  CHECK_FALSE(topology.find(a)->paused);
  REQUIRE(topology.apply(NodePaused{a}));
  REQUIRE(topology.apply(NodeStopped{a, ""}));
  CHECK_FALSE(topology.find(a)->paused);
  CHECK_FALSE(topology.find(a)->running);
  CHECK_THAT(refusal(topology, NodePaused{a}), Catch::Contains("node a does not run"));
  CHECK_THAT(refusal(topology, NodeResumed{a}), Catch::Contains("node a does not run"));
  CHECK(refusal(topology, NodeStarting{a}).empty());
  CHECK(refusal(topology, NodeStopped{a, ""}).empty());
}

TEST_CASE("nothing is done to a removed node, port, link or lan", "[core]") {
  Topology topology = small_lab();
  REQUIRE(topology.apply(PortRemoved{PortId{0}}));
  REQUIRE(topology.apply(PortRemoved{PortId{1}}));
  REQUIRE(topology.apply(NodePaused{NodeId{0}}));
  REQUIRE(topology.apply(NodeRemoved{NodeId{0}}));
  REQUIRE(topology.apply(LanRemoved{LanId{0}}));
  const NodeInfo& gone = topology.nodes()[0];
  CHECK((gone.removed && !gone.running && !gone.paused));
  CHECK_FALSE(topology.node_named("a"));
  for (const EventBody& effect : std::vector<EventBody>{NodeRemoved{NodeId{0}}, NodeStarting{NodeId{0}},
                                                        NodeStarted{NodeId{0}}, NodeStopped{NodeId{0}, ""}}) {
    CHECK(refusal(topology, effect) == "node 0 is not there");
  }
  CHECK(refusal(topology, PortAdded{.port = PortId{4}, .node = NodeId{0}, .name = "x"}) == "node 0 is not there");
  CHECK(refusal(topology, PortRemoved{PortId{0}}) == "port 0 is not there");
  CHECK(refusal(topology, PortDown{PortId{0}}) == "port 0 is not there");
  CHECK(refusal(topology, LinkDown{PortId{0}}) == "port 0 is not there");
  CHECK(refusal(topology, LinkRemoved{LinkId{0}}) == "link 0 is not there");
  CHECK(refusal(topology, LanRemoved{LanId{0}}) == "lan 0 is not there");
  CHECK(refusal(topology, LanJoined{LanId{0}, PortId{3}, {}, {}}) == "lan 0 is not there");
  CHECK(refusal(topology, LanLeft{LanId{0}, PortId{3}}) == "lan 0 is not there");
}

TEST_CASE("a port leaves the lan that it is on, and no other", "[core]") {
  Topology topology = small_lab();
  REQUIRE(topology.apply(LanAdded{.lan = LanId{1}, .name = "attic"}));
  REQUIRE(topology.apply(LanJoined{LanId{1}, PortId{3}, {}, {}}));
  CHECK(refusal(topology, LanLeft{LanId{0}, PortId{3}}) == "b:eth1 is not on lan office");
  CHECK(refusal(topology, LanLeft{LanId{0}, PortId{0}}) == "a:eth0 is not on lan office");
  CHECK(refusal(topology, LanLeft{LanId{0}, PortId{9}}) == "port 9 is not there");
  CHECK(refusal(topology, LanLeft{LanId{1}, PortId{3}}).empty());
  CHECK_THAT(refusal(topology, LanAdded{.lan = LanId{2}, .name = "office"}), Catch::Contains("is there already"));
  CHECK_THAT(refusal(topology, LanAdded{.lan = LanId{3}, .name = "cellar"}), Catch::Contains("the next is 2"));
  CHECK_THAT(refusal(topology, LanAdded{.lan = LanId{2}, .name = ""}), Catch::Contains("a name is empty"));
}

TEST_CASE("each setting of a cable has its bound", "[core]") {
  CHECK(refusal({.delay_ns = kDelayMax_ns,
                 .jitter_ns = kDelayMax_ns,
                 .rate_bps = kNever.ns,
                 .queue_bytes = kNever.ns,
                 .loss_ppb = kCertain_ppb,
                 .duplicate_ppb = kCertain_ppb,
                 .corrupt_ppb = kCertain_ppb,
                 .reorder_ppb = kCertain_ppb})
            .empty());
  CHECK_THAT(refusal({.delay_ns = kDelayMax_ns + 1}), Catch::Contains("146 years"));
  CHECK_THAT(refusal({.jitter_ns = kDelayMax_ns + 1}), Catch::Contains("146 years"));
  CHECK_THAT(refusal({.loss_ppb = kCertain_ppb + 1}), Catch::Contains("100%"));
  CHECK_THAT(refusal({.duplicate_ppb = kCertain_ppb + 1}), Catch::Contains("100%"));
  CHECK_THAT(refusal({.corrupt_ppb = kCertain_ppb + 1}), Catch::Contains("100%"));
  CHECK_THAT(refusal({.reorder_ppb = kCertain_ppb + 1}), Catch::Contains("100%"));
}

TEST_CASE("every effect that carries settings has them checked, for each direction", "[core]") {
  Topology topology = small_lab();
  const CableSettings bad{.loss_ppb = kCertain_ppb + 1};
  REQUIRE(topology.apply(LinkRemoved{LinkId{0}}));
  for (const EventBody& effect : std::vector<EventBody>{
           LinkAdded{LinkId{1}, {PortId{0}, PortId{2}}, {{bad, CableSettings{}}}},
           LinkAdded{LinkId{1}, {PortId{0}, PortId{2}}, {{CableSettings{}, bad}}},
           LanJoined{LanId{0}, PortId{3}, bad, {}}, LanJoined{LanId{0}, PortId{3}, {}, bad},
           LinkChanged{PortId{1}, Direction::out, bad, 0}, LinkChanged{PortId{1}, Direction::in, bad, 0}}) {
    CHECK_THAT(refusal(topology, effect), Catch::Contains("100%"));
  }
  CHECK(refusal(topology, LinkChanged{PortId{1}, Direction::in, {.loss_ppb = kCertain_ppb}, 0}).empty());
}

TEST_CASE("a name is what can stand in node:port", "[core]") {
  CHECK(check_name("a b").ok());
  CHECK(check_name("r\xc3\xa9seau~").ok());
  CHECK(check_name(std::string(kNameBytes_max, 'n')).ok());
  for (const std::string& bad : {std::string(), std::string("a:b"), std::string("a\x1f"), std::string("\x7f"),
                                 std::string(1, '\0'), std::string(kNameBytes_max + 1, 'n')}) {
    CHECK_FALSE(check_name(bad).ok());
  }
}

TEST_CASE("the most copies that a frame can get on a lan are counted from the ports that duplicate", "[core]") {
  constexpr CableSettings once{}, twice{.duplicate_ppb = 1};
  struct Port {
    CableSettings out, in;
  };
  const auto most = [](const std::vector<Port>& ports) {
    LanCopies copies;
    for (const Port& port : ports) copies.add(port.out, port.in);
    return copies.most();
  };
  CHECK(most({}) == 0);
  CHECK(most({{once, once}}) == 0);
  CHECK(most({{once, once}, {once, once}, {once, once}}) == 2);
  // What is sent twice reaches both others twice; so it does from its sender alone.
  CHECK(most({{twice, once}, {once, once}, {once, once}}) == 4);
  // What is got twice counts for the others' frames, not for its own.
  CHECK(most({{once, twice}, {once, once}, {once, once}}) == 3);
  CHECK(most({{once, twice}, {once, twice}, {once, once}}) == 4);
  CHECK(most({{once, twice}, {once, twice}, {once, twice}}) == 4);
  CHECK(most({{twice, twice}, {once, once}, {once, once}}) == 4);
  CHECK(most({{twice, twice}, {twice, once}, {once, once}}) == 6);
}

TEST_CASE("a lan whose frames could get more copies than a reel counts is refused, and says why", "[core]") {
  const auto lan_of = [](std::uint32_t ports, const CableSettings& out, const CableSettings& in) {
    LanCopies copies;
    for (std::uint32_t i = 0; i < ports; ++i) copies.add(out, in);
    const Status fits = copies.check("office");
    return fits ? std::string() : fits.error().what;
  };
  constexpr CableSettings once{}, twice{.duplicate_ppb = 1};
  CHECK(lan_of(65'536, once, once).empty());
  CHECK(lan_of(65'537, once, once) ==
        "lan office has 65537 ports: one frame could get 65536 copies, but a reel counts at most 65535");
  CHECK(lan_of(32'768, twice, once).empty());
  CHECK(lan_of(32'769, twice, once) ==
        "lan office has 32769 ports and duplicates: one frame could get 65536 copies, but a reel counts at most 65535");
  CHECK(lan_of(32'769, once, twice) ==
        "lan office has 32769 ports and duplicates: one frame could get 65536 copies, but a reel counts at most 65535");
  CHECK(lan_of(32'768, once, twice).empty());
  CHECK(lan_of(16'384, twice, twice).empty());
}

TEST_CASE("a port that changes its settings on its lan is counted once, with the new ones", "[core]") {
  constexpr std::uint32_t kPorts = 32'769;
  Topology topology;
  REQUIRE(topology.apply(NodeAdded{.node = NodeId{0}, .name = "n", .node_kind = "namespace", .position = {}}));
  REQUIRE(topology.apply(LanAdded{.lan = LanId{0}, .name = "office"}));
  const CableSettings twice{.duplicate_ppb = 1};
  for (std::uint32_t i = 0; i < kPorts; ++i) {
    REQUIRE(topology.apply(PortAdded{.port = PortId{i}, .node = NodeId{0}, .name = std::to_string(i)}));
    REQUIRE(topology.apply(LanJoined{LanId{0}, PortId{i}, i == 0 ? twice : CableSettings{}, {}}));
  }
  // 2 * 32,768 copies of what port 0 sends: one too many, until it duplicates no more.
  CHECK_FALSE(check_lan_copies(topology, LanId{0}, PortId{0}, twice, {}).ok());
  CHECK(check_lan_copies(topology, LanId{0}, PortId{0}, {}, {}).ok());
  CHECK_FALSE(check_lan_copies(topology, LanId{0}, PortId{1}, {}, {}).ok());
  REQUIRE(topology.apply(PortRemoved{PortId{1}}));
  CHECK(check_lan_copies(topology, LanId{0}, PortId{0}, twice, {}).ok());
}

}  // namespace labreel
