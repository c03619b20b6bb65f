// labreel export of one position: a lab file that gives the same lab again, containerlab's, pictures.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/cli/check_says.h"
#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

constexpr const char* kLab = R"(name: shapes
seed: 7
topology:
  nodes:
    r1:
      files: {/etc/hello: hello.conf}
      exec: ["echo 'a \"quoted\" word' > /tmp/x"]
      ports: {eth1: {address: [10.0.0.1/24, "fd00::1/64"], mac: "02:00:00:00:00:01", mtu: 1400}, spare: {}}
      position: [10, -20]
    r2: {ports: {eth1: {address: [10.0.0.2/24]}}}
    h1: {}
  links:
    - {endpoints: ["r1:eth1", "r2:eth1"], delay: {out: 5ms, in: 20ms}, loss: 0.5%, rate: 100mbit, queue: 1MiB}
  lans:
    office: {hub: true, mac_limit: 10, ageing: 5s, ports: ["r1:eth3", {port: "h1:eth0", delay: 1ms}]}
scenario:
  - mark: {name: before}
  - link: {set: "r1:eth1", delay: 7ms}
  - link: {down: "h1:eth0"}
  - mark: {name: after}
)";

// The lab's shape as `show --json` says it, without what only a moment has.
Json shape_of(const std::string& reel, const std::string& at, const TestFolder& folder) {
  const auto shown = labreel({"show", reel, "--at", at, "--json"}, folder.path());
  INFO(shown.err);
  REQUIRE(shown.status == 0);
  Json lab = Json::parse(shown.out);
  for (const char* key : {"at", "time", "mac_tables", "queues", "in_flight"}) lab.erase(key);
  for (Json& node : lab["nodes"]) node.erase("state");
  return lab;
}

}  // namespace

TEST_CASE("an exported lab file loads, and gives the topology of the position that it was exported at", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", kLab);
  folder.write("hello.conf", "hello\n");
  REQUIRE(labreel({"run", "lab.yml", "-o", "a.reel"}, folder.path()).status == 0);
  const std::string end = std::to_string(info_of(folder / "a.reel")["markers"][0]["seq"].get<int>());
  const auto exported = labreel({"export", "a.reel", "--at", "before", "-o", "again.yml"}, folder.path());
  INFO(exported.err);
  REQUIRE(exported.status == 0);
  CHECK(exported.err.find("left out") == std::string::npos);
  const auto run = labreel({"run", "again.yml", "-o", "b.reel"}, folder.path());
  INFO(run.err << folder.read("again.yml"));
  REQUIRE(run.status == 0);
  CHECK(shape_of("a.reel", end, folder) == shape_of("b.reel", "before", folder));
  // What no topology tells: addresses and files.
  const auto exec = folder.read("again.yml");
  CHECK(exec.find("\"fd00::1/64\"") != std::string::npos);
  CHECK(exec.find("\"/etc/hello\": \"hello.conf\"") != std::string::npos);
}

TEST_CASE("what a lab file cannot say is said, and a later position has its changed settings", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", kLab);
  folder.write("hello.conf", "hello\n");
  REQUIRE(labreel({"run", "lab.yml", "-o", "a.reel"}, folder.path()).status == 0);
  check_says(labreel({"export", "a.reel", "--at", "after", "-o", "after.yml"}, folder.path()), 0,
             "left out: the cable of h1:eth0 is cut");
  CHECK(folder.read("after.yml").find("delay: 7ms") != std::string::npos);
}

TEST_CASE("containerlab's file has bridges for lans, binds, addresses and netem commands", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", kLab);
  folder.write("hello.conf", "hello\n");
  REQUIRE(labreel({"run", "lab.yml", "-o", "a.reel"}, folder.path()).status == 0);
  check_says(labreel({"export", "a.reel", "--at", "before", "-o", "a.clab.yml"}, folder.path()), 0,
             "lan office is a hub");
  const std::string text = folder.read("a.clab.yml");
  for (const char* words : {"kind: bridge", "binds: [\"hello.conf:/etc/hello\"]", "ip address add fd00::1/64 dev eth1",
                            "network-mode: none", "- endpoints: [\"r1:eth1\", \"r2:eth1\"]",
                            "netem set -n clab-shapes-r1 -i eth1 --delay 5000us --rate 100000 --loss 0.5"}) {
    CAPTURE(words);
    CHECK(text.find(words) != std::string::npos);
  }
}

TEST_CASE("pictures are exported as show draws them, and options that do not fit are refused", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", kLab);
  folder.write("hello.conf", "hello\n");
  REQUIRE(labreel({"run", "lab.yml", "-o", "a.reel"}, folder.path()).status == 0);
  for (const auto& [file, option] : {std::pair{"a.dot", "--dot"}, std::pair{"a.mmd", "--mermaid"}}) {
    check_says(labreel({"export", "a.reel", "--at", "before", "-o", file}, folder.path()), 0, "");
    CHECK(folder.read(file) == labreel({"show", "a.reel", "--at", "before", option}, folder.path()).out);
  }
  check_says(labreel({"export", "a.reel", "-o", "x.yml", "--from", "before"}, folder.path()), 2, "one position: --at");
  check_says(labreel({"export", "a.reel", "-o", "x.yml", "--once"}, folder.path()), 2, "one position: --at");
  check_says(labreel({"export", "a.reel", "-o", "x.pcapng", "--at", "before"}, folder.path()), 2,
             "--at is for lab files");
  check_says(labreel({"export", "a.reel", "-o", "x.yml", "--at", "absent"}, folder.path()), 2, "absent");
  check_says(labreel({"export", "a.reel", "-o", "x.png"}, folder.path()), 2, ".clab.yml");
  CHECK_FALSE(std::filesystem::exists(folder / "x.yml"));
  REQUIRE(labreel({"export", "a.reel", "-o", "c.pcap"}, folder.path()).status == 0);
  REQUIRE(labreel({"import", "c.pcap", "-o", "c.reel"}, folder.path()).status == 0);
  check_says(labreel({"export", "c.reel", "-o", "x.yml"}, folder.path()), 2, "has no lab file: it was imported");
}

}  // namespace labreel::test
