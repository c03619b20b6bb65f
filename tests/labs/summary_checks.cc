#include "tests/labs/summary_checks.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <span>

#include "tests/labs/recording_checks.h"

namespace labreel::test {
namespace {

using Texts = std::span<const char* const>;

constexpr std::array kProtocols{"ARP", "ICMP", "ICMPv6", "IGMPv2", "IGMPv3", "TCP",  "UDP",
                                "BGP", "OSPF", "RIPv2",  "STP",    "LLDP",   "DHCP", "DNS"};

std::string up_to(const std::string& text, Texts ends) {
  std::size_t end = text.size();
  for (const char* const mark : ends) end = std::min(end, text.find(mark));
  std::string words = text.substr(0, end);
  while (words.ends_with(' ')) words.pop_back();
  return words;
}

// What tshark's Info column says of the frame alone.
std::string words_of(const std::string& protocol, const std::string& info) {
  constexpr std::array tcp{" Win="};  // tshark multiplies it by a factor from an earlier frame
  constexpr std::array icmpv6{"[", "  ", " id=", " from ", " is at "};
  constexpr std::array others{"[", "  ", " id=", " - ", " / ", " (duplicate use", " Len="};
  if (protocol == "TCP") return up_to(info, tcp);
  return protocol == "ICMPv6" ? up_to(info, icmpv6) : up_to(info, others);
}

void require_alike(const std::string& summary, const std::string& protocol, const std::string& info) {
  const bool known = std::find(kProtocols.begin(), kProtocols.end(), protocol) != kProtocols.end();
  const bool names_it = known ? summary.find(protocol) != std::string::npos
                              : summary.find("TCP ") != std::string::npos || summary.find("UDP ") != std::string::npos;
  const std::string words = known ? words_of(protocol, info) : "";
  if (!names_it || summary.find(words) == std::string::npos) {
    FAIL("tshark says " << protocol << " | " << info << "\nwe say " << summary << "\nwithout " << words);
  }
}

}  // namespace

void require_summaries_as_tshark(const std::string& reel, const TestFolder& folder) {
  const std::string pcapng = folder / "summaries.pcapng";
  REQUIRE(labreel({"export", reel, "-o", pcapng, "--once"}).status == 0);
  const auto shown = run_program({"tshark", "-r", pcapng, "-o", "tcp.relative_sequence_numbers:FALSE", "-o",
                                  "tcp.analyze_sequence_numbers:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE", "-T",
                                  "fields", "-e", "frame.packet_id", "-e", "_ws.col.Protocol", "-e", "_ws.col.Info"});
  REQUIRE(shown.status == 0);
  std::map<std::string, std::pair<std::string, std::string>> columns;
  for (const std::string& line : lines_of(shown.out)) {
    const std::size_t first = line.find('\t'), second = line.find('\t', first + 1);
    REQUIRE(second != line.npos);
    columns[line.substr(0, first)] = {line.substr(first + 1, second - first - 1), line.substr(second + 1)};
  }
  const auto frames = labreel({"events", reel, "--json", "--kind", "frame"});
  REQUIRE(frames.status == 0);
  std::size_t count = 0;
  for (const std::string& line : lines_of(frames.out)) {
    const Json frame = Json::parse(line);
    const auto& [protocol, info] = columns.at(frame.at("seq").dump());
    require_alike(frame.at("summary"), protocol, info);
    ++count;
  }
  CHECK(count == columns.size());
  CHECK(count > 0);
}

}  // namespace labreel::test
