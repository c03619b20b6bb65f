// run --lossy: on a disk that is too slow payloads are left out, and every reader says so; and where it makes no sense.
#include <catch2/catch.hpp>

#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

// h1 sends more than the disk can take to an address that nobody has: as fast as it can, in frames of 4 KiB.
const std::string kLab = R"(name: lossy
topology:
  nodes:
    h1: {ports: {eth0: {address: [10.0.0.1/24], mtu: 9000}}}
    h2: {ports: {eth0: {address: [10.0.0.2/24], mtu: 9000}}}
  links:
    - endpoints: ["h1:eth0", "h2:eth0"]
scenario:
  - exec: {node: h1, run: "ip neighbour add 10.0.0.3 lladdr 02:00:00:00:00:99 dev eth0"}
  - exec: {node: h1, run: "bash -c 'head -c 150000000 /dev/zero > /dev/udp/10.0.0.3/9'"}
  - exec: {node: h1, run: "ping -c 1 10.0.0.2"}
)";

ProgramResult run_on_slow_disk(std::vector<std::string> arguments, const std::string& folder) {
  std::vector<std::string> argv{"env", "LD_PRELOAD=" + build_dir() + "/tests/cli/libslow_disk.so",
                                "ASAN_OPTIONS=verify_asan_link_order=0", labreel_binary(), "run"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run_program(argv, folder);
}

}  // namespace

TEST_CASE("on a slow disk --lossy leaves payloads out, and every reader says so", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", kLab);
  const std::string reel = folder / "lossy.reel";
  const auto run = run_on_slow_disk({"lab.yml", "--lossy"}, folder.path());
  INFO(run.err);
  REQUIRE(run.status == 0);
  CHECK(run.err.find("the reel's writer fell behind: ") != std::string::npos);

  const Json info = info_of(reel);
  const auto cut_short = info.at("cut_short").get<std::uint64_t>();
  REQUIRE(cut_short > 0);
  CHECK(info.at("complete") == true);
  CHECK(labreel({"info", reel}).out.find("left out   the payload of " + std::to_string(cut_short) + " frames") !=
        std::string::npos);
  const auto verify = labreel({"verify", reel, "--json"});
  CHECK(verify.status == 0);
  const Json proof = Json::parse(verify.out);
  CHECK(proof.at("identical") == true);
  if (info.at("unrecorded") == 0) {
    CHECK(proof.at("ranges") == Json::array({{{"from", 1}, {"to", info.at("events")}}}));
  } else {
    CHECK(proof.at("ranges").size() > 1);
  }
  CHECK(labreel({"check", reel}).status == 0);

  std::uint64_t captured = 0;
  Json cut;
  for (const Json& event : events_of(reel, {"--kind", "frame", "--payload"})) {
    const std::size_t bytes = event.at("payload").get<std::string>().size() / 2;
    CHECK((event.contains("captured") ? event.at("captured") == bytes : event.at("length") == bytes));
    if (!event.contains("captured")) continue;
    ++captured;
    cut = event;
  }
  CHECK(captured == cut_short);
  CHECK(cut.at("captured") == 128);
  CHECK(cut.at("length").get<std::uint64_t>() > 128);

  REQUIRE(labreel({"export", reel, "-o", folder / "all.pcapng", "--once"}).status == 0);
  const auto tshark = run_program({"tshark", "-r", folder / "all.pcapng", "-Y", "frame.cap_len < frame.len", "-T",
                                   "fields", "-e", "frame.len", "-e", "frame.cap_len", "-e", "ip.dst"});
  const auto packets = lines_of(tshark.out);
  CHECK(packets.size() == cut_short);
  CHECK(packets.back() == cut.at("length").dump() + "\t128\t10.0.0.3");

  const auto goes_on = labreel({"run", "lab.yml", "--lossy", "--for", "10ms", "--continue", reel}, folder.path());
  INFO(goes_on.err);
  CHECK(goes_on.status == 0);
  CHECK(info_of(reel).at("runs") == 2);
  CHECK(labreel({"verify", reel}).status == 0);
}

TEST_CASE("a lossy recording is refused in virtual time, which waits for the writer", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", "name: still\nclock: virtual\ntopology: {nodes: {h1: {kind: uml}}}\n");
  const auto run = labreel({"run", "lab.yml", "--lossy"}, folder.path());
  CHECK(run.status == 2);
  CHECK(run.err.find("lab.yml: --lossy leaves frames out where the reel's writer falls behind") != std::string::npos);
  CHECK(run.err.find("hint: run it without --lossy") != std::string::npos);
}

}  // namespace labreel::test
