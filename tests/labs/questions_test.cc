// The questions of replay/sql/QUESTIONS.md, as they are written there, and their answers found another way.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "tests/labs/recording_checks.h"

namespace labreel::test {
namespace {

// The SQL under the heading that begins so.
std::string documented(const std::string& question) {
  const std::string page = read_file(source_dir() + "/replay/sql/QUESTIONS.md");
  const std::size_t heading = page.find("\n## " + question);
  REQUIRE(heading != std::string::npos);
  const std::string fence = "```sql\n";
  const std::size_t begin = page.find(fence, heading) + fence.size();
  return page.substr(begin, page.find("```", begin) - begin);
}

std::vector<Json> ask(const std::string& reel, const std::string& sql) {
  const auto answer = labreel({"query", reel, sql, "--json"});
  INFO(sql << "\n" << answer.err);
  REQUIRE(answer.status == 0);
  std::vector<Json> rows;
  for (const std::string& line : lines_of(answer.out)) rows.push_back(Json::parse(line));
  return rows;
}

// A field of every packet that tshark's filter lets through, each packet once, at its sender.
std::vector<std::string> tshark(const std::string& reel, const TestFolder& folder, const std::string& filter,
                                const std::string& field) {
  const std::string capture = folder / "once.pcapng";
  REQUIRE(labreel({"export", reel, "-o", capture, "--once", "--force"}).status == 0);
  const auto seen = run_program({"tshark", "-r", capture, "-Y", filter, "-T", "fields", "-e", field});
  REQUIRE(seen.status == 0);
  return lines_of(seen.out);
}

Json marker_of(const Json& info, const std::string& name) {
  for (const Json& known : info.at("markers")) {
    if (known.at("name") == name) return known;
  }
  FAIL("no marker " << name);
  return {};
}

struct FinalCopy {
  Json frame;
  Json copy;
  std::string reason;  // empty: delivered
};

// From the events alone: a decision, unless an outcome replaced it.
std::vector<FinalCopy> final_copies(const std::vector<Json>& events) {
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> replaced;
  for (const Json& event : events) {
    if (event.at("kind") == "outcome") replaced[{event.at("frame"), event.at("copy")}] = event.at("dropped");
  }
  std::vector<FinalCopy> copies;
  for (const Json& event : events) {
    if (event.at("kind") != "frame") continue;
    for (const Json& copy : event.at("copies")) {
      const auto late = replaced.find({event.at("seq"), copy.at("copy")});
      copies.push_back({event, copy, late != replaced.end() ? late->second : copy.value("dropped", "")});
    }
  }
  return copies;
}

std::uint64_t sum_of(const std::vector<Json>& rows, const char* key) {
  std::uint64_t sum = 0;
  for (const Json& row : rows) sum += row.at(key).get<std::uint64_t>();
  return sum;
}

void ask_of_copies(const std::string& reel, const std::vector<FinalCopy>& copies) {
  std::map<std::string, std::uint64_t> reasons;
  std::map<std::string, std::set<std::uint64_t>> under_way;
  for (const FinalCopy& copy : copies) {
    if (!copy.reason.empty()) {
      ++reasons[copy.frame.at("port").get<std::string>() + copy.reason];
    } else {
      under_way[copy.frame.at("port")].insert(copy.copy.at("due").get<std::uint64_t>() -
                                              copy.frame.at("time").get<std::uint64_t>());
    }
  }
  REQUIRE_FALSE(reasons.empty());
  for (const Json& row : ask(reel, documented("What was dropped, where and why?"))) {
    const std::string key = row.at("from_port").get<std::string>() + row.at("reason").get<std::string>();
    CHECK(row.at("copies") == reasons[key]);
    reasons.erase(key);
  }
  CHECK(reasons.empty());
  const auto cables = ask(reel, documented("How long were frames under way"));
  REQUIRE(cables.size() == 2);
  for (const Json& row : cables) {
    CHECK(row.at("least_ns") == *under_way.at(row.at("from_port")).begin());
    CHECK(row.at("most_ns") == *under_way.at(row.at("from_port")).rbegin());
  }
}

void ask_of_pings(const std::string& reel, const TestFolder& folder) {
  const auto pings = ask(reel, documented("How long did each ping take?"));
  CHECK(pings.size() == tshark(reel, folder, "icmp.type == 0", "frame.number").size());
  for (const Json& ping : pings) CHECK(ping.at("round_trip_ns") >= 10'000'000);  // 5 ms each way
  const auto answers = ask(reel, documented("Who answered ARP?"));
  std::set<std::string> macs;
  for (const std::string& mac : tshark(reel, folder, "arp.opcode == 2", "arp.src.hw_mac")) macs.insert(mac);
  CHECK(answers.size() == macs.size());
  for (const Json& answer : answers) CHECK(macs.count(answer.at("src_mac")) == 1);
}

}  // namespace

TEST_CASE("the questions about two-hosts have the answers that events and tshark give", "[labs]") {
  const TestFolder folder;
  const std::string reel = record_sample("two-hosts", folder);
  const std::vector<Json> events = events_of(reel);
  ask_of_copies(reel, final_copies(events));
  ask_of_pings(reel, folder);

  const Json info = info_of(reel);
  const Json cut = marker_of(info, "cut");
  const Json mended = marker_of(info, "mended");
  const double seconds = ask(reel, documented("How long did the network take")).at(0).at("seconds");
  CHECK(seconds * 1e9 == Approx(static_cast<double>(mended.at("time").get<std::uint64_t>() - cut.at("time").get<std::uint64_t>())));

  const auto talkers = ask(reel, documented("Who talks most?"));
  CHECK(sum_of(talkers, "frames") == tshark(reel, folder, "ip || ipv6 || arp", "frame.number").size());
  std::uint64_t bytes = 0;
  for (const std::string& length : tshark(reel, folder, "ip || ipv6 || arp", "frame.len")) bytes += std::stoull(length);
  CHECK(sum_of(talkers, "bytes") == bytes);

  std::uint64_t icmp = 0;
  for (const Json& row : ask(reel, documented("How many frames of each protocol"))) {
    if (row.at("protocol") == "icmp") icmp += row.at("frames").get<std::uint64_t>();
  }
  CHECK(icmp == tshark(reel, folder, "icmp", "frame.number").size());

  std::vector<Json> between;
  for (const Json& event : events) {
    if (event.at("seq") > cut.at("seq") && event.at("seq") < mended.at("seq") && event.at("kind") != "frame") {
      between.push_back(event);
    }
  }
  const auto told = ask(reel, documented("What happened between two markers"));
  REQUIRE(told.size() == between.size());
  for (std::size_t i = 0; i < told.size(); ++i) {
    CHECK(Json::parse(told[i].at("json").get<std::string>()) == between[i]);
  }
}

TEST_CASE("the question about segments sent again finds those that tshark finds by their numbers", "[labs]") {
  const TestFolder folder;
  const std::string reel = record_sample("tcp-loss", folder);
  std::set<std::string> seen;
  std::size_t again = 0;
  for (const std::string& key : tshark(reel, folder, "tcp.len > 0 && tcp.srcport != 5201", "tcp.seq_raw")) {
    if (!seen.insert(key).second) ++again;
  }
  REQUIRE(again > 0);
  CHECK(ask(reel, documented("Which TCP segments were sent again?")).size() == again);
}

TEST_CASE("the question about a packet's way finds it before and behind the translation", "[labs]") {
  const TestFolder folder;
  const std::string reel = record_sample("nat-firewall", folder);
  const auto hops = ask(reel, documented("Which way did a packet go?"));
  REQUIRE(hops.size() == 2);
  CHECK(hops[0].at("port").get<std::string>().substr(0, 1) == "h");
  CHECK(hops[1].at("port") == "fw:eth2");
  CHECK(hops[1].at("src_ip") == "203.0.113.1");
  CHECK(hops[1].at("ttl").get<int>() + 1 == hops[0].at("ttl").get<int>());
}

}  // namespace labreel::test
