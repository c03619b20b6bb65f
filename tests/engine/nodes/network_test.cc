#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

#include "tests/engine/nodes/node_bench.h"

using namespace std::chrono_literals;

namespace labreel {
namespace {

constexpr NodeId kA{1};
constexpr NodeId kB{2};

void start_pair(NodeBench& bench, std::uint32_t mtu = 1500) {
  auto a = node_spec(1, {{"10.0.0.1/24", "2001:db8::1/64"}});
  auto b = node_spec(2, {{"10.0.0.2/24", "2001:db8::2/64"}});
  a.interfaces[0].mtu = b.interfaces[0].mtu = mtu;
  bench.patch(PortId{11}, PortId{21});
  bench.start(a);
  bench.start(b);
}

std::vector<std::byte> tagged_frame() {
  std::vector<std::byte> frame(100, std::byte{0x5a});
  const std::array<int, 18> head{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,    0,    0,
                                 0,    9,    9,    0x81, 0x00, 0x60, 0x0a, 0x88, 0xb5};
  std::transform(head.begin(), head.end(), frame.begin(), [](int byte) { return static_cast<std::byte>(byte); });
  return frame;
}

}  // namespace

TEST_CASE("two nodes whose ports are patched together ping each other over IPv4 and IPv6", "[nodes]") {
  NodeBench bench;
  start_pair(bench);
  const auto four = bench.run(kA, {"ping", "-c", "2", "-i", "0.2", "-W", "5", "10.0.0.2"});
  INFO(four.out << four.err);
  CHECK(four.status == 0);
  const auto six =
      bench.shell(kA, "for i in 1 2 3 4 5; do ping -c 1 -W 2 2001:db8::2 && exit 0; sleep 0.5; done; exit 1");
  INFO(six.out << six.err);
  CHECK(six.status == 0);
}

TEST_CASE("an interface has the address, MTU and state that were asked for", "[nodes]") {
  NodeBench bench;
  start_pair(bench, 9000);
  CHECK_THAT(bench.run(kA, {"ip", "-o", "link", "show", "eth1"}).out,
             Catch::Contains("02:00:00:00:01:01") && Catch::Contains("mtu 9000") && Catch::Contains("LOWER_UP") &&
                 Catch::Contains("qlen 1000"));
  CHECK_THAT(bench.run(kA, {"ip", "-o", "addr", "show", "eth1"}).out, Catch::Contains("10.0.0.1/24 brd 10.0.0.255"));
  const auto jumbo = bench.run(kA, {"ping", "-c", "1", "-M", "do", "-s", "8972", "-W", "5", "10.0.0.2"});
  INFO(jumbo.out << jumbo.err);
  CHECK(jumbo.status == 0);
}

TEST_CASE("a node does not forward, whatever the host does", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1, {{"10.0.0.1/24"}}));
  CHECK(bench
            .shell(kA,
                   "cd /proc/sys/net; cat ipv4/ip_forward ipv4/conf/eth1/forwarding ipv4/conf/eth1/rp_filter "
                   "ipv6/conf/eth1/forwarding")
            .out == "0\n0\n0\n0\n");
}

TEST_CASE("VLAN tags cross a node's bridge untouched", "[nodes]") {
  NodeBench bench;
  bench.start(node_spec(1, {{}, {}}));
  REQUIRE(bench
              .shell(kA,
                     "ip link add br0 type bridge forward_delay 0 && ip link set eth1 master br0 && ip link set "
                     "eth2 master br0 && ip link set br0 up")
              .status == 0);
  const auto sent = tagged_frame();
  bool seen = false;
  for (int attempt = 0; attempt < 100 && !seen; ++attempt) {
    REQUIRE(bench.port(PortId{11}).send(sent));
    bench.serve_for(20ms);
    for (const auto& frame : read_frames(bench.port(PortId{12}))) seen = seen || frame == sent;
  }
  CHECK(seen);
}

TEST_CASE("TCP over IPv4 and IPv6 crosses as super-frames, every frame of the MTU's size and with finished checksums", "[nodes]") {
  const std::string address = GENERATE("10.0.0.2", "2001:db8::2");
  NodeBench bench;
  start_pair(bench);
  std::size_t longest = 0, read_together = 0, sent_together = 0;
  bench.on_train = [&](const std::vector<Bytes>& frames, std::size_t reads, std::size_t sends) {
    for (const Bytes frame : frames) longest = std::max(longest, frame.size());
    read_together = std::max(read_together, frames.size() / std::max<std::size_t>(reads, 1));
    sent_together = std::max(sent_together, frames.size() / std::max<std::size_t>(sends, 1));
  };
  const ExecId server = bench.begin(
      kB, {"python3", "-c",
           "import hashlib, socket\n"
           "s=socket.create_server(('::',80), family=socket.AF_INET6, dualstack_ipv6=True); print('up',flush=True)\n"
           "c=s.accept()[0]; d=b''\n"
           "while p:=c.recv(65536): d+=p\n"
           "print(len(d), hashlib.sha256(d).hexdigest())"});
  REQUIRE(bench.serve_until([&] { return bench.out_so_far(server) == "up\n"; }, 20s));
  // An address of IPv6 is of use once it is known to be nobody else's.
  const auto sent = bench.run(
      kA, {"python3", "-c",
           "import hashlib, random, socket, sys, time\n"
           "def connect():\n"
           "  for i in range(100):\n"
           "    try: return socket.create_connection((sys.argv[1],80), timeout=5)\n"
           "    except OSError: time.sleep(0.1)\n"
           "d=random.randbytes(3000001); connect().sendall(d)\n"
           "print(len(d), hashlib.sha256(d).hexdigest())",
           address});
  INFO(sent.err);
  CHECK(sent.status == 0);
  CHECK(bench.finish(server).out == "up\n" + sent.out);
  CHECK_THAT(bench.run(kB, {"grep", "^Tcp:", "/proc/net/snmp"}).out, Catch::EndsWith(" 0\n"));  // InCsumErrors
  CHECK(longest == 1'514);
  CHECK(read_together >= 4);
  CHECK(sent_together >= 4);
}

TEST_CASE("ports come and go while a node runs", "[nodes]") {
  NodeBench bench;
  start_pair(bench);
  auto late = node_spec(1, {{"10.9.0.1/24"}}).interfaces[0];
  late.port = PortId{19};
  late.name = "eth9";
  late.mac[5] = 9;
  bench.spawner.add_port(kA, late);
  REQUIRE(bench.serve_until([&] { return bench.port_errors.contains(PortId{19}); }, 10s));
  CHECK(bench.port_errors[PortId{19}].empty());
  CHECK_THAT(bench.run(kA, {"ip", "-br", "addr", "show", "eth9"}).out, Catch::Contains("10.9.0.1/24"));

  bench.spawner.remove_port(kA, PortId{19});
  CHECK(bench.run(kA, {"ip", "link", "show", "eth9"}).status == 1);
  Arrival arrival;
  auto received = Transport::Received::frame;
  while (received == Transport::Received::frame) received = bench.port(PortId{19}).receive(arrival);
  CHECK(received == Transport::Received::closed);
  CHECK_FALSE(bench.port(PortId{19}).send(tagged_frame()));

  // The others go on, and a second removal does no harm.
  bench.spawner.remove_port(kA, PortId{19});
  CHECK(bench.run(kA, {"ping", "-c", "1", "-W", "5", "10.0.0.2"}).status == 0);
}

TEST_CASE("a port that cannot be made is answered with the reason", "[nodes]") {
  NodeBench bench;
  start_pair(bench);
  auto port = node_spec(1, {{}}).interfaces[0];
  port.port = PortId{18};
  const auto refusal = [&] {
    bench.port_errors.clear();
    bench.spawner.add_port(kA, port);
    REQUIRE(bench.serve_until([&] { return bench.port_errors.contains(PortId{18}); }, 10s));
    return bench.port_errors[PortId{18}];
  };
  CHECK_THAT(refusal(), Catch::Equals("port eth1: make a TAP interface: Device or resource busy") ||
                            Catch::Equals("port eth1: make a veth interface: File exists"));
  port.name = "a-name-of-16-chr";
  CHECK_THAT(refusal(), Catch::Contains("1 to 15 characters"));
  port.name = "eth8";
  port.addresses = {"10.0.0.300/24"};
  CHECK(refusal() == "port eth8: add address 10.0.0.300/24: Invalid argument");
  port.addresses = {};
  port.mtu = 3;
  CHECK(refusal() == "port eth8: set MAC address and MTU 3: Invalid argument");
  CHECK(bench.run(kA, {"ip", "link", "show", "eth8"}).status == 1);
}

}  // namespace labreel
