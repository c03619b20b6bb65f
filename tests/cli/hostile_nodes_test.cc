// Nodes that flood, lie about their addresses, send every length and never read: the lab lives, and all is counted.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace labreel::test {
namespace {

using Json = nlohmann::json;

std::string hostile_program() { return build_dir() + "/tests/cli/hostile_node"; }

// Two decent hosts and one that is not, on one lan.
std::string lab_that(const std::string& scenario) {
  return "name: hostile\ntopology:\n  nodes:\n"
         "    h1: {ports: {eth0: {address: [10.0.0.1/24]}}}\n"
         "    h2: {ports: {eth0: {address: [10.0.0.2/24]}}}\n"
         "    evil:\n      files: {/usr/local/bin/hostile_node: " +
         hostile_program() +
         "}\n"
         "      ports: {eth0: {mtu: 9000}}\n"
         "  lans:\n    office: {ports: [\"h1:eth0\", \"h2:eth0\", \"evil:eth0\"]}\n"
         "scenario:\n" +
         scenario;
}

std::string lab_with(const std::string& attack) {
  return lab_that(
      "  - parallel:\n"
      "      - exec: {node: evil, run: \"hostile_node " +
      attack +
      "\"}\n"
      "      - exec: {node: h1, run: \"ping -c 20 -i 0.1 -W 2 10.0.0.2\"}\n"
      "  - exec: {node: h1, run: \"ping -c 3 -i 0.1 10.0.0.2\"}\n");
}

// What carries frames between a node and the fabric.
enum class Port { tap, packet_socket };

// Records lab.yml; without /dev/net/tun a port is a packet socket on a veth pair.
ProgramResult run_lab(const TestFolder& folder, Port port) {
  if (port == Port::tap) return labreel({"run", "lab.yml"}, folder.path());
  return run_program({"unshare", "-m", "sh", "-c", "mount -t tmpfs none /dev/net && exec '" + labreel_binary() + "' run lab.yml"},
                     folder.path());
}

Json record(const TestFolder& folder, const std::string& attack, Port port = Port::tap) {
  folder.write("lab.yml", lab_with(attack));
  const auto run = run_lab(folder, port);
  INFO(run.err);
  REQUIRE(run.status == 0);  // both pings got answers
  const auto verify = labreel({"verify", "hostile.reel"}, folder.path());
  INFO(verify.out << verify.err);
  CHECK(verify.status == 0);
  const auto info = labreel({"info", "hostile.reel", "--json"}, folder.path());
  const Json facts = Json::parse(info.out);
  std::uint64_t dropped = 0;
  for (const auto& [reason, count] : facts.at("dropped").items()) dropped += count.get<std::uint64_t>();
  CHECK(facts.at("copies") == facts.at("delivered").get<std::uint64_t>() + dropped);
  return facts;
}

// What the hostile program says that it sent.
std::uint64_t sent_by_evil(const TestFolder& folder) {
  const auto events = labreel({"events", "hostile.reel", "--kind", "exec.output", "--json"}, folder.path());
  for (const std::string& line : lines_of(events.out)) {
    const Json event = Json::parse(line);
    if (event.at("node") == "evil") return std::stoull(event.at("text").get<std::string>());
  }
  return 0;
}

// Frames that the kernel gave up before the fabric, as `gap` events say.
std::uint64_t lost_before_fabric(const TestFolder& folder) {
  std::uint64_t lost = 0;
  const auto events = labreel({"events", "hostile.reel", "--kind", "gap", "--json"}, folder.path());
  for (const std::string& line : lines_of(events.out)) lost += Json::parse(line).at("frames").get<std::uint64_t>();
  return lost;
}

}  // namespace

TEST_CASE("a node that floods harms nobody, and every frame of it is recorded or counted as lost", "[cli]") {
  const Port port = GENERATE(Port::tap, Port::packet_socket);
  CAPTURE(port == Port::tap);
  const TestFolder folder;
  const Json info = record(folder, "flood eth0 100000", port);
  const std::uint64_t sent = sent_by_evil(folder);
  CHECK(sent > 0);
  CHECK(info.at("frames").get<std::uint64_t>() + lost_before_fabric(folder) >= sent);
}

TEST_CASE("what a node sent right before its end is recorded or counted as lost, too", "[cli]") {
  const std::string flood = "  - exec: {node: evil, run: \"hostile_node flood eth0 100000\"}\n";
  // With the lab; by itself; and frozen, so that nobody reads what it sent.
  const std::string end = GENERATE(std::string{}, std::string{"  - node: {stop: evil}\n"}, std::string{"  - node: {crash: evil}\n"},
                                   std::string{"  - node: {pause: evil}\n  - node: {stop: evil}\n"});
  const Port port = GENERATE(Port::tap, Port::packet_socket);
  CAPTURE(port == Port::tap);
  const TestFolder folder;
  folder.write("lab.yml", lab_that(flood + end));
  const auto run = run_lab(folder, port);
  INFO(end << run.err);
  REQUIRE(run.status == 0);
  CHECK(labreel({"verify", "hostile.reel"}, folder.path()).status == 0);
  const auto info = Json::parse(labreel({"info", "hostile.reel", "--json"}, folder.path()).out);
  CHECK(info.at("frames").get<std::uint64_t>() + lost_before_fabric(folder) >= sent_by_evil(folder));
  CHECK(sent_by_evil(folder) > 0);
}

TEST_CASE("a node with a hundred thousand addresses fills no table beyond its limit", "[cli]") {
  const TestFolder folder;
  record(folder, "spoof eth0 100000");
  const auto show = labreel({"show", "hostile.reel", "--json"}, folder.path());
  REQUIRE(show.status == 0);
  const Json lab = Json::parse(show.out);
  CHECK(lab.at("mac_tables").size() <= 4096);
  CHECK(lab.at("mac_tables").size() > 1000);
}

TEST_CASE("frames of every length the kernel lets through are carried or dropped with a reason", "[cli]") {
  const TestFolder folder;
  const Json info = record(folder, "sizes eth0");
  CHECK(sent_by_evil(folder) > 2000);
  CHECK(info.at("frames").get<std::uint64_t>() + lost_before_fabric(folder) >= sent_by_evil(folder));
}

TEST_CASE("a node that is frozen and never reads costs the others nothing", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml",
               "name: hostile\ntopology:\n  nodes:\n"
               "    h1: {ports: {eth0: {address: [10.0.0.1/24]}}}\n"
               "    h2: {ports: {eth0: {address: [10.0.0.2/24]}}}\n"
               "    deaf: {ports: {eth0: {address: [10.0.0.3/24]}}}\n"
               "  lans:\n    office: {hub: true, ports: [\"h1:eth0\", \"h2:eth0\", \"deaf:eth0\"]}\n"
               "scenario:\n  - node: {pause: deaf}\n"
               "  - exec: {node: h1, run: \"ping -q -f -c 3000 -s 1000 10.0.0.2\"}\n"
               "  - node: {resume: deaf}\n  - exec: {node: deaf, run: \"ping -c 1 10.0.0.1\"}\n");
  const auto run = labreel({"run", "lab.yml"}, folder.path());
  INFO(run.err);
  CHECK(run.status == 0);
  CHECK(labreel({"verify", "hostile.reel"}, folder.path()).status == 0);
}

}  // namespace labreel::test
