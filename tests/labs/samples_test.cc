// Every sample, run for real, as its README says.
#include <catch2/catch.hpp>
#include <set>

#include "tests/labs/recording_checks.h"

namespace labreel::test {
namespace {

void require_all(const std::string& reel, const TestFolder& folder) {
  require_sound(reel);
  require_same_in_tshark(reel, folder);
  require_finished_checksums(reel, folder);
}

std::vector<std::string> marker_names(const Json& info) {
  std::vector<std::string> names;
  for (const Json& marker : info.at("markers")) names.push_back(marker.at("name"));
  return names;
}

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

}  // namespace

TEST_CASE("two-hosts pings, loses what is sent into a cut cable, and pings again", "[labs]") {
  const TestFolder folder;
  const std::string reel = record_sample("two-hosts", folder);
  require_all(reel, folder);
  const Json info = info_of(reel);
  CHECK(marker_names(info) == std::vector<std::string>{"ping", "cut", "mended"});
  CHECK(info.at("dropped").at("link-down") >= 2);
  CHECK(info.at("nodes") == 2);
  const auto ping = run_program({"tshark", "-v"});
  REQUIRE(ping.status == 0);  // the comparison above was made by a real tshark
}

TEST_CASE("ospf-triangle forms adjacencies, reconverges over the long way, and comes back", "[labs]") {
  const TestFolder folder;
  const std::string reel = record_sample("ospf-triangle", folder);
  require_all(reel, folder);
  CHECK(marker_names(info_of(reel)) == std::vector<std::string>{"adjacency", "cut", "reconverged", "mended"});
  const std::string pcapng = folder / "ospf.pcapng";
  REQUIRE(labreel({"export", reel, "-o", pcapng, "--once"}).status == 0);
  const auto count = [&pcapng](const std::string& filter) {
    return lines_of(run_program({"tshark", "-r", pcapng, "-Y", filter}).out).size();
  };
  CHECK(count("ospf.msg == 1") > 20);  // hellos
  CHECK(count("ospf.msg == 2") > 3);   // database descriptions
  CHECK(count("ospf.msg == 4") > 3);   // updates
  CHECK(count("frame.comment contains \"link-down\"") > 0);
}

TEST_CASE("lossy-link loses the same pings on every run", "[labs]") {
  const TestFolder folder;
  const TestFolder other;
  const std::string first = record_sample("lossy-link", folder);
  const std::string second = record_sample("lossy-link", other);
  require_all(first, folder);
  const auto lost = lost_pings(first);
  CHECK(lost.size() >= 3);
  CHECK(lost == lost_pings(second));
}

}  // namespace labreel::test
