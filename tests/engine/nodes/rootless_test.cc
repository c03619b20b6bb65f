// What is different without root; everything else of a node is tested by the same tests as with it.
#include <arpa/inet.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>

#include "engine/transports/packet.h"
#include "tests/engine/nodes/node_bench.h"

using namespace std::chrono_literals;

namespace labreel {
namespace {

constexpr NodeId kNode{1};

std::uint32_t ones_sum(Bytes bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += std::to_integer<std::uint32_t>(bytes[i]) << (i % 2 == 0 ? 8U : 0U);
  }
  while (sum > 0xffff) sum = (sum & 0xffffU) + (sum >> 16U);
  return sum;
}

// Whether an IPv4 UDP frame's checksum is right: with the pseudo header, all adds up to ones.
bool udp_checksum_is_right(Bytes frame) {
  const Bytes udp = frame.subspan(34);
  const Bytes addresses = frame.subspan(26, 8);
  std::uint32_t sum = ones_sum(udp) + ones_sum(addresses) + 17 + static_cast<std::uint32_t>(udp.size());
  while (sum > 0xffff) sum = (sum & 0xffffU) + (sum >> 16U);
  return sum == 0xffff;
}

std::vector<std::vector<std::byte>> udp_frames(NodeBench& bench, PortId port) {
  std::vector<std::vector<std::byte>> found;
  for (auto& frame : read_frames(bench.port(port))) {
    if (frame.size() > 42 && frame[12] == std::byte{8} && frame[13] == std::byte{0} && frame[23] == std::byte{17}) {
      found.push_back(std::move(frame));
    }
  }
  return found;
}

std::string send_udp(std::size_t bytes) {
  return "ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth1; python3 -c \"import socket; "
         "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'odd' + b'x' * " +
         std::to_string(bytes) + ", ('10.0.0.2', 9))\"";
}

}  // namespace

TEST_CASE("these tests do not run as root", "[rootless]") {
  REQUIRE(::geteuid() != 0);
  REQUIRE(::getuid() != 0);
}

TEST_CASE("a node of an ordinary user has root, the system's users and their files", "[rootless]") {
  REQUIRE(::geteuid() != 0);
  NodeBench bench;
  bench.start(node_spec(1));
  CHECK(bench.run(kNode, {"id", "-u"}).out == "0\n");
  CHECK(bench.run(kNode, {"stat", "-c", "%U", "/etc", "/etc/passwd", "/var", "/var/log", "/root", "/etc/frr"}).out ==
        "root\nroot\nroot\nroot\nroot\nfrr\n");
  CHECK(bench
            .shell(kNode,
                   "echo 192.0.2.1 there >> /etc/hosts && sed -i s/there/where/ /etc/hosts && tail -n 1 /etc/hosts")
            .out == "192.0.2.1 where\n");
  CHECK(bench.shell(kNode, "touch /var/tmp/x && chown frr:frr /var/tmp/x && stat -c %U:%G /var/tmp/x").out ==
        "frr:frr\n");
  CHECK(bench.shell(kNode, "mkdir /var/lib/mine && rm /etc/passwd && test ! -e /etc/passwd").status == 0);
}

TEST_CASE("a file can take the place of any file of the host", "[rootless]") {
  NodeBench bench;
  auto spec = node_spec(1);
  spec.files = {{"/usr/share/doc/base-files/copyright", "mine\n", 0644},
                {"/usr/bin/env", "#!/bin/sh\necho ours\n", 0755}};
  bench.start(spec);
  CHECK(bench.run(kNode, {"cat", "/usr/share/doc/base-files/copyright"}).out == "mine\n");
  CHECK(bench.run(kNode, {"env"}).out == "ours\n");
  CHECK(std::filesystem::file_size("/usr/bin/env") > 1000);
}

TEST_CASE("frames through a packet socket have finished checksums, also when the node turns its offloads on",
          "[rootless]") {
  NodeBench bench;
  bench.start(node_spec(1, {{"10.0.0.1/24"}}));
  if (dynamic_cast<PacketTransport*>(&bench.port(PortId{11})) == nullptr) {
    WARN("/dev/net/tun may be opened here, so ports are TAPs");
    return;
  }
  if (const bool offloads = GENERATE(false, true); offloads) {
    const auto set = bench.run(kNode, {"ethtool", "-K", "eth1", "tx", "on", "sg", "on"});
    INFO(set.out << set.err);
    REQUIRE(set.status == 0);
  }
  udp_frames(bench, PortId{11});
  REQUIRE(bench.shell(kNode, send_udp(100)).status == 0);
  const auto frames = udp_frames(bench, PortId{11});
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].size() == 14 + 20 + 8 + 103);
  CHECK(udp_checksum_is_right(frames[0]));
}

TEST_CASE("a segment larger than a frame is counted as dropped, never recorded", "[rootless]") {
  NodeBench bench;
  bench.start(node_spec(1, {{"10.0.0.1/24"}}));
  Transport& port = bench.port(PortId{11});
  if (dynamic_cast<PacketTransport*>(&port) == nullptr) return;
  const std::string segments =
      "ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:02 dev eth1; python3 -c \"import socket; "
      "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(17, 103, 1000); "
      "s.sendto(b'x' * 5000, ('10.0.0.2', 9))\"";
  udp_frames(bench, PortId{11});
  const auto sent = bench.shell(kNode, segments);
  INFO(sent.err);
  REQUIRE(sent.status == 0);
  CHECK(udp_frames(bench, PortId{11}).size() == 5);  // the kernel cuts them
  CHECK(port.dropped_before_us() == 0);
  REQUIRE(bench.shell(kNode, "ethtool -K eth1 tx on sg on gso on tx-udp-segmentation on").status == 0);
  REQUIRE(bench.shell(kNode, segments).status == 0);
  CHECK(udp_frames(bench, PortId{11}).empty());
  CHECK(port.dropped_before_us() == 1);
}

TEST_CASE("a frame that the engine sends does not come back", "[rootless]") {
  NodeBench bench;
  bench.start(node_spec(1, {{}}));
  bench.shell(kNode, "ip link set eth1 arp off; echo 1 > /proc/sys/net/ipv6/conf/eth1/disable_ipv6");
  Transport& port = bench.port(PortId{11});
  read_frames(port);
  std::vector<std::byte> frame(60, std::byte{0xff});
  frame[12] = std::byte{0x88};
  frame[13] = std::byte{0xb5};
  REQUIRE(port.send(frame));
  bench.serve_for(50ms);
  CHECK(read_frames(port).empty());
}

}  // namespace labreel
