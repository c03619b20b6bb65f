// The default export against two oracles: the sending node's own counters, and tcpdump inside the node.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/labs/recording_checks.h"

namespace labreel::test {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kSentAgain =
    "(tcp.analysis.retransmission || tcp.analysis.fast_retransmission || tcp.analysis.spurious_retransmission || "
    "tcp.analysis.out_of_order)";

// c -- r1 -- r2 -- s. Cards cut and gather nothing, so that tcpdump in the node sees the frames of the wire.
const std::string kThreeHops = R"(name: three-hops
seed: 3
topology:
  nodes:
    c:
      ports: {eth0: {address: [10.0.1.1/24]}}
      exec: ["sysctl -qw net.ipv6.conf.all.disable_ipv6=1", "ethtool -K eth0 tso off gso off gro off", "ip route add default via 10.0.1.2"]
    r1:
      ports: {eth1: {address: [10.0.1.2/24]}, eth2: {address: [10.0.2.1/24]}}
      exec: ["sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv4.ip_forward=1", "ip route add 10.0.3.0/24 via 10.0.2.2"]
    r2:
      ports: {eth1: {address: [10.0.2.2/24]}, eth2: {address: [10.0.3.1/24]}}
      exec: ["sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv4.ip_forward=1", "ip route add 10.0.1.0/24 via 10.0.2.1"]
    s:
      ports: {eth0: {address: [10.0.3.2/24]}}
      exec: ["sysctl -qw net.ipv6.conf.all.disable_ipv6=1", "ethtool -K eth0 tso off gso off gro off", "ip route add default via 10.0.3.1", "iperf3 -s -D"]
  links:
    - {endpoints: ["c:eth0", "r1:eth1"], delay: 2ms}
    - {endpoints: ["r1:eth2", "r2:eth1"], delay: 3ms, rate: 20mbit, loss: 3%}
    - {endpoints: ["r2:eth2", "s:eth0"], delay: 2ms}
scenario:
  - wait: {node: s, run: "ss -Hltn 'sport = 5201'", until: LISTEN, timeout: 30s}
)";

void record(const std::string& lab, const TestFolder& folder, const std::string& reel) {
  folder.write("lab.yml", lab);
  const auto run = labreel({"run", "lab.yml", "-o", reel}, folder.path());
  INFO(run.err);
  REQUIRE(run.status == 0);
}

// What commands printed in a node, all of it.
std::string printed_in(const std::string& node, const std::string& reel) {
  std::string text;
  for (const Json& event : events_of(reel)) {
    if (event.at("kind") == "exec.output" && event.at("node") == node && event.contains("text"))
      text += event.at("text").get<std::string>();
  }
  return text;
}

std::uint64_t retransmitted_by(const std::string& node, const std::string& reel) {
  const std::string text = printed_in(node, reel);
  const std::string name = "TcpRetransSegs";
  const std::size_t at = text.rfind(name);
  INFO(text);
  REQUIRE(at != std::string::npos);
  return std::stoull(text.substr(at + name.size()));
}

void export_reel(const std::string& reel, const std::string& file, const Lines& more = {}) {
  Lines words{"export", reel, "-o", file};
  words.insert(words.end(), more.begin(), more.end());
  const auto exported = labreel(words);
  INFO(exported.err);
  REQUIRE(exported.status == 0);
}

Lines fields(const std::string& file, const std::string& filter, const Lines& names) {
  Lines words{"tshark", "-r", file, "-Y", filter, "-T", "fields"};
  for (const std::string& name : names) words.insert(words.end(), {"-e", name});
  const auto seen = run_program(words);
  INFO(seen.err);
  REQUIRE(seen.status == 0);
  Lines lines = lines_of(seen.out);
  std::ranges::sort(lines);
  return lines;
}

std::size_t sent_again(const std::string& file, const std::string& filter = "tcp") {
  return fields(file, std::string{kSentAgain} + " && " + filter, {"frame.number"}).size();
}

}  // namespace

TEST_CASE("Wireshark counts as many retransmissions in the default export as the sending node does, over three hops",
          "[labs]") {
  const TestFolder folder;
  const std::string reel = folder / "a.reel";
  record(kThreeHops + R"(  - exec: {node: c, run: "tcpdump -i eth0 --immediate-mode -U -B 16384 -w /run/c.pcap tcp 2>/dev/null & sleep 0.5"}
  - exec: {node: c, run: "iperf3 -c 10.0.3.2 -n 500K"}
  - exec: {node: c, run: "nstat -asz TcpRetransSegs | tail -1"}
  - sleep: 500ms
  - exec: {node: c, run: "echo THE PACKETS; tshark -r /run/c.pcap -T fields -e ip.id -e tcp.seq_raw -e tcp.ack_raw -e tcp.len 2>/dev/null"}
)",
         folder, reel);
  export_reel(reel, folder / "a.pcapng");
  export_reel(reel, folder / "all.pcapng", {"--all-ports"});
  const std::uint64_t retransmitted = retransmitted_by("c", reel);
  REQUIRE(retransmitted > 0);
  CHECK(sent_again(folder / "a.pcapng", "ip.src == 10.0.1.1") == retransmitted);
  CHECK(sent_again(folder / "all.pcapng", "ip.src == 10.0.1.1") > 2 * retransmitted);

  // At the sender's port: what tcpdump in the node saw, no packet more or less.
  const std::string text = printed_in("c", reel);
  Lines in_node = lines_of(text.substr(text.find("THE PACKETS") + 12));
  std::ranges::sort(in_node);
  REQUIRE(in_node.size() > 100);
  CHECK(fields(folder / "a.pcapng", "tcp && frame.interface_name == \"c:eth0\"",
               {"ip.id", "tcp.seq_raw", "tcp.ack_raw", "tcp.len"}) == in_node);
  // Everything else of TCP is what was lost on its way there, with the reason.
  for (const std::string& comment :
       fields(folder / "a.pcapng", "tcp && frame.interface_name != \"c:eth0\"", {"frame.comment"})) {
    CHECK(comment.starts_with("dropped: "));
    CHECK(comment.find("it never came to c:eth0") != std::string::npos);
  }
  for (const std::string& comment : fields(folder / "a.pcapng", "tcp && ip.src == 10.0.1.1", {"frame.comment"})) {
    const bool says_more = comment.starts_with("seen last: received by s:eth0") || comment.starts_with("dropped");
    CHECK(says_more);
  }
}

TEST_CASE("behind an MTU hole Wireshark counts what the node sends again, and each says where it was seen last", "[labs]") {
  const TestFolder folder;
  const std::string reel = folder / "a.reel";
  record(kThreeHops + R"(  - link: {set: "r1:eth2", loss: {out: 0%, in: 0%}}
  - exec: {node: r2, run: "ip link set eth2 mtu 1300; nft 'add table ip f; add chain ip f o { type filter hook output priority 0; }; add rule ip f o icmp type destination-unreachable drop'"}
  - exec: {node: c, run: "timeout 3 iperf3 -c 10.0.3.2 -n 50K", may_fail: true}
  - sleep: 2s
  - exec: {node: c, run: "nstat -asz TcpRetransSegs | tail -1"}
)",
         folder, reel);
  export_reel(reel, folder / "a.pcapng");
  const std::uint64_t retransmitted = retransmitted_by("c", reel);
  REQUIRE(retransmitted > 0);
  CHECK(sent_again(folder / "a.pcapng", "ip.src == 10.0.1.1") == retransmitted);
  const Lines swallowed = fields(folder / "a.pcapng", "ip.src == 10.0.1.1 && ip.len > 1300", {"frame.comment"});
  REQUIRE_FALSE(swallowed.empty());
  for (const std::string& comment : swallowed) CHECK(comment.starts_with("seen last: received by r2:eth1 (hop 2"));
}

TEST_CASE("in the samples with TCP, Wireshark and the sending host agree on what was sent again", "[labs]") {
  for (const auto& [sample, address] : {std::pair{"tcp-loss", "10.0.0.1"}, {"nat-firewall", "192.168.1.11"}}) {
    CAPTURE(sample);
    const TestFolder folder;
    std::filesystem::copy(source_dir() + "/samples/" + sample, folder.path(), std::filesystem::copy_options::recursive);
    const std::string lab = folder.read("lab.yml");
    const std::string reel = folder / "a.reel";
    record(lab + "  - exec: {node: h1, run: \"nstat -asz TcpRetransSegs | tail -1\"}\n  - sleep: 100ms\n", folder, reel);
    export_reel(reel, folder / "a.pcapng");
    const std::uint64_t retransmitted = retransmitted_by("h1", reel);
    CHECK(retransmitted > 0);
    CHECK(sent_again(folder / "a.pcapng", std::string{"ip.src == "} + address) == retransmitted);
    // Nobody else sends anything again: what NAT made of h1's packets stands for itself.
    CHECK(sent_again(folder / "a.pcapng", std::string{"ip.src != "} + address) == 0);
  }
}

}  // namespace labreel::test
