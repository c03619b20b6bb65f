// The samples of two hosts and a cable, run for real, as their READMEs say.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/labs/sample_recording.h"

namespace labreel::test {
namespace {

using Names = std::vector<std::string>;

// The ICMP sequence numbers whose request or reply was lost by the cable.
std::set<std::string> lost_pings(const std::string& reel) {
  std::set<std::string> lost;
  for (const Json& event : events_of(reel)) {
    if (event.at("kind") != "frame") continue;
    for (const Json& copy : event.at("copies")) {
      if (!copy.contains("dropped") || copy.at("dropped") != "loss") continue;
      // Ethernet 14 bytes, IPv4 20: the ICMP type is byte 34, its sequence number bytes 40 and 41.
      const std::string payload = event.at("payload");
      lost.insert(payload.substr(68, 2) + "/" + payload.substr(80, 4));
    }
  }
  return lost;
}

struct Segment {
  std::string stream;
  std::uint64_t begin = 0, end = 0;  // in bytes of the stream
  bool dropped = false;
};

// What h1 sends to iperf3's server.
std::vector<Segment> data_segments(const SampleRecording& sample) {
  std::vector<Segment> segments;
  for (const auto& packet :
       sample.sent("tcp.len > 0 && tcp.dstport == 5201", {"tcp.stream", "tcp.seq", "tcp.len", "frame.comment"})) {
    const std::uint64_t begin = std::stoull(packet.at(1));
    segments.push_back(
        {packet.at(0), begin, begin + std::stoull(packet.at(2)), packet.at(3).find("dropped") != std::string::npos});
  }
  return segments;
}

// Up to where the server has acknowledged each stream.
std::map<std::string, std::uint64_t> acknowledged(const SampleRecording& sample) {
  std::map<std::string, std::uint64_t> streams;
  for (const auto& packet : sample.sent("tcp.flags.ack == 1 && tcp.srcport == 5201", {"tcp.stream", "tcp.ack"})) {
    std::uint64_t& end = streams[packet.at(0)];
    end = std::max<std::uint64_t>(end, std::stoull(packet.at(1)));
  }
  return streams;
}

bool sent_again(const std::vector<Segment>& segments, std::size_t lost) {
  for (std::size_t i = lost + 1; i < segments.size(); ++i) {
    const Segment& later = segments[i];
    if (!later.dropped && later.stream == segments[lost].stream && later.begin <= segments[lost].begin &&
        later.end > segments[lost].begin)
      return true;
  }
  return false;
}

// Requires that no frame reaches `port` sooner after the one before it than `bit_ns` a bit.
void require_rate(const std::string& reel, const std::string& port, std::uint64_t bit_ns) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> arrivals;  // due, length in bytes
  for (const Json& event : events_of(reel)) {
    if (event.at("kind") != "frame") continue;
    for (const Json& copy : event.at("copies")) {
      if (!copy.contains("dropped") && copy.at("port") == port)
        arrivals.emplace_back(copy.at("due"), event.at("length"));
    }
  }
  REQUIRE(arrivals.size() > 1000);
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    if (arrivals[i].first < arrivals[i - 1].first + arrivals[i].second * 8 * bit_ns)
      FAIL("the frame due at " << arrivals[i].first << " comes too soon after " << arrivals[i - 1].first);
  }
}

}  // namespace

TEST_CASE("two-hosts pings, loses what is sent into a cut cable, and pings again", "[labs]") {
  const SampleRecording sample{"two-hosts"};
  CHECK(sample.marker_names() == Names{"ping", "cut", "mended"});
  CHECK(sample.info().at("dropped").at("link-down") >= 2);
  CHECK(sample.info().at("nodes") == 2);
  CHECK(sample.count(sample.between("ping", "cut") + " && icmp.type == 0") == 3);
  CHECK(sample.count(sample.between("cut", "mended") + " && icmp.type == 0") == 0);
  CHECK(sample.count(sample.between("mended", "") + " && icmp.type == 0") == 2);
}

TEST_CASE("lossy-link loses the same pings on every run", "[labs]") {
  const SampleRecording first{"lossy-link"};
  const SampleRecording second{"lossy-link"};
  const auto lost = lost_pings(first.reel());
  CHECK(lost.size() >= 3);
  CHECK(lost == lost_pings(second.reel()));
}

TEST_CASE("tcp-loss loses segments by chance and in a full queue, and TCP repairs both at the cable's rate", "[labs]") {
  const SampleRecording sample{"tcp-loss"};
  CHECK(sample.marker_names() == Names{"clean", "lossy", "short-queue"});
  const std::string data = " && tcp.len > 0 && frame.comment contains ";
  CHECK(sample.count(sample.between("clean", "lossy") + data + "\"dropped: loss\"") == 0);
  CHECK(sample.count(sample.between("lossy", "short-queue") + data + "\"dropped: loss\"") >= 5);
  CHECK(sample.count(sample.between("lossy", "short-queue") + data + "\"queue-full\"") == 0);
  CHECK(sample.count(sample.between("short-queue", "") + data + "\"queue-full\"") >= 5);
  CHECK(sample.count(sample.between("short-queue", "") + data + "\"dropped: loss\"") == 0);
  CHECK(sample.count("tcp.analysis.retransmission") > 0);
  CHECK(sample.count("tcp.options.sack_le") > 0);

  require_rate(sample.reel(), "h2:eth0", 100);  // 10 Mbit/s

  // iperf3 resets its connections when its time is over: what the server had not acknowledged by then is lost for good.
  const std::vector<Segment> segments = data_segments(sample);
  std::map<std::string, std::uint64_t> ends = acknowledged(sample);
  int repaired = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (!segments[i].dropped || segments[i].begin >= ends[segments[i].stream]) continue;
    if (!sent_again(segments, i))
      FAIL("byte " << segments[i].begin << " of stream " << segments[i].stream << " was dropped and never sent again");
    ++repaired;
  }
  CHECK(repaired >= 10);
}

TEST_CASE("nat-firewall gives both hosts one address and lets in only what was asked for", "[labs]") {
  const SampleRecording sample{"nat-firewall"};
  CHECK(sample.marker_names() == Names{"ping", "web", "telnet", "inbound"});
  const auto values_at = [&sample](const std::string& port, const std::string& filter, const std::string& field) {
    return sample.values("frame.interface_name == \"" + port + "\" && " + filter, field);
  };
  const std::string pings = sample.between("ping", "web") + " && icmp.type == 8";
  CHECK(values_at("h1:eth0", pings, "icmp.ident") == Names{"7"});
  CHECK(values_at("h2:eth0", pings, "icmp.ident") == Names{"7"});
  CHECK(values_at("fw:eth2", pings, "ip.src") == Names{"203.0.113.1"});
  CHECK(values_at("fw:eth2", pings, "icmp.ident").size() == 2);
  CHECK(values_at("fw:eth2", pings, "ip.ttl") == Names{"63"});
  CHECK(values_at("fw:eth1", "icmp.type == 0", "ip.dst") == Names{"192.168.1.11", "192.168.1.12"});

  // The same bytes on both sides, from two addresses.
  CHECK(values_at("h1:eth0", "http.request", "ip.src") == Names{"192.168.1.11"});
  CHECK(values_at("fw:eth2", "http.request", "ip.src") == Names{"203.0.113.1"});
  CHECK(values_at("h1:eth0", "http.request", "tcp.payload") == values_at("fw:eth2", "http.request", "tcp.payload"));
  CHECK(sample.count("frame.interface_name == \"fw:eth1\" && http.response.code == 200") == 1);

  CHECK(sample.count("frame.interface_name == \"h1:eth0\" && tcp.dstport == 23 && tcp.flags.syn == 1") >= 1);
  CHECK(sample.count("frame.interface_name == \"fw:eth2\" && tcp.dstport == 23") == 0);
  CHECK(sample.count("frame.interface_name == \"server:eth0\" && icmp.type == 8") == 2);
  CHECK(sample.count("frame.interface_name == \"fw:eth1\" && icmp.type == 8") == 0);

  // A trace goes through the firewall, both ways, and says where the firewall let nothing through.
  const auto printed = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"events", sample.reel(), "--json"});
    std::vector<Json> lines;
    for (const std::string& line : lines_of(labreel(words).out)) lines.push_back(Json::parse(line));
    REQUIRE_FALSE(lines.empty());
    return lines;
  };
  const auto trace_of = [&](const std::string& filter) {
    return printed({"--trace", printed({"--kind", "frame", "--filter", filter}).front().at("seq").dump()});
  };
  for (const char* const packet : {"src 192.168.1.11 and icmp", "src 192.168.1.12 and icmp", "dst 192.168.1.11 and icmp and src 203.0.113.80",
                                   "src 192.168.1.11 and tcp port 80", "dst 192.168.1.11 and tcp port 80"}) {
    const auto hops = trace_of(packet);
    INFO(packet);
    REQUIRE(hops.size() == 2);
    CHECK(hops[1].at("certainty") == "is");
    CHECK(hops[1].at("ground").get<std::string>().find(": NAT; fw received ") != std::string::npos);
    CHECK(hops[1].at("end").at(0).at("kind") == "delivered");
  }
  for (const char* const packet : {"src 192.168.1.11 and tcp port 23", "src 203.0.113.80 and icmp[0] == 8"}) {
    const auto hops = trace_of(packet);
    INFO(packet);
    REQUIRE(hops.size() == 1);
    CHECK(hops[0].at("end").at(0).at("kind") == "not-sent-on");
    CHECK(hops[0].at("end").at(0).at("text").get<std::string>().find("fw received it at ") == 0);
  }
}

}  // namespace labreel::test
