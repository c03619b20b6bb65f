#include "engine/transports/tap.h"

#include <array>
#include <catch2/catch.hpp>

#include "tests/engine/nodes/node_bench.h"

using namespace std::chrono_literals;

namespace labreel {
namespace {

constexpr NodeId kNode{1};
constexpr PortId kPort{11};

std::size_t read_all(Transport& port) { return read_frames(port).size(); }

// An ARP request for the node's address, which it answers.
std::vector<std::byte> arp_request() {
  const std::array<int, 42> bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0,  0, 0, 0, 9, 8, 6, 0, 1, 8, 0,  6, 4, 0,
                                  1,    2,    0,    0,    0,    0,    9, 10, 0, 0, 9, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1};
  std::vector<std::byte> frame;
  for (const int byte : bytes) frame.push_back(static_cast<std::byte>(byte));
  return frame;
}

}  // namespace

TEST_CASE("a frame sent into a TAP reaches the node and its answer comes back", "[transports]") {
  NodeBench bench;
  bench.start(node_spec(1, {{"10.0.0.1/24"}}));
  Transport& port = bench.port(kPort);
  read_all(port);
  REQUIRE(port.send(arp_request()));
  bool answered = false;
  for (int attempt = 0; attempt < 200 && !answered; ++attempt) {
    for (const auto& frame : read_frames(port)) {
      answered = answered || (frame.size() >= 42 && frame[12] == std::byte{8} && frame[13] == std::byte{6} &&
                              frame[21] == std::byte{2});
    }
    bench.serve_for(10ms);
  }
  CHECK(answered);
}

TEST_CASE("an empty TAP has nothing and does not wait", "[transports]") {
  NodeBench bench;
  bench.start(node_spec(1, {{}}));
  bench.shell(kNode, "ip link set eth1 arp off; echo 1 > /proc/sys/net/ipv6/conf/eth1/disable_ipv6");
  read_all(bench.port(kPort));
  Arrival arrival;
  CHECK(bench.port(kPort).receive(arrival) == Transport::Received::nothing);
  Bytes frame;
  CHECK_FALSE(arrival.next(frame));
}

TEST_CASE("an interface that is down or a runt is refused, and a later frame goes through", "[transports]") {
  NodeBench bench;
  bench.start(node_spec(1, {{"10.0.0.1/24"}}));
  Transport& port = bench.port(kPort);
  CHECK_FALSE(port.send(std::vector<std::byte>(13)));
  CHECK_FALSE(port.send({}));
  bench.run(kNode, {"ip", "link", "set", "eth1", "down"});
  CHECK_FALSE(port.send(arp_request()));
  bench.run(kNode, {"ip", "link", "set", "eth1", "up"});
  CHECK(port.send(arp_request()));
}

TEST_CASE("frames that the kernel dropped because nobody read them are counted", "[transports]") {
  NodeBench bench;
  bench.start(node_spec(1, {{"10.0.0.1/24"}}));
  Transport& port = bench.port(kPort);
  CHECK(port.dropped_before_us() == 0);
  // 1,000 frames fit a TAP's queue, some 5,000 small ones a packet socket's; a flood of 12,000 fits neither.
  const auto flood = bench.shell(kNode,
                                 "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth1 && "
                                 "bash -c 'for i in {1..12000}; do echo x >/dev/udp/10.0.0.2/9; done'; ip -s link");
  const auto dropped = port.dropped_before_us();
  INFO(flood.out << flood.err << "dropped " << dropped);
  const auto queued = read_all(port);
  if (dynamic_cast<TapTransport*>(&port) != nullptr) CHECK(queued == 1000);
  // Besides the flood there may be a few frames of IPv6's own.
  CHECK(dropped >= 1000);
  CHECK(queued + dropped >= 12'000);
  CHECK(queued + dropped < 12'100);
  CHECK(port.dropped_before_us() == dropped);
}

TEST_CASE("a renamed interface keeps its count, and a node that is gone its last one", "[transports]") {
  NodeBench bench;
  bench.start(node_spec(1, {{"10.0.0.1/24"}}));
  Transport& port = bench.port(kPort);
  const auto flood = bench.shell(kNode,
                                 "ip link set eth1 down; ip link set eth1 name wan; ip link set wan up;"
                                 "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev wan;"
                                 "bash -c 'for i in {1..12000}; do echo x >/dev/udp/10.0.0.2/9; done'");
  INFO(flood.err);
  const auto dropped = port.dropped_before_us();
  CHECK(dropped > 0);
  bench.stop(kNode);
  CHECK(port.dropped_before_us() == dropped);
  read_all(port);
  // The namespace lives as long as the descriptor; the port is quiet or closed, and never an error.
  port.send(arp_request());
  CHECK(port.dropped_before_us() == dropped);
}

}  // namespace labreel
