// run --continue: a lab goes on in its own reel, after Ctrl-C and after SIGKILL; every reader is right across the seam.
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"
#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

void ping(const std::string& from, const std::string& to) {
  const auto pinged = labreel({"exec", from, "--", "ping", "-c", "3", "-i", "0.1", to});
  INFO(pinged.out << pinged.err);
  REQUIRE(pinged.status == 0);
}

// Numbered without holes, in time that never goes back, with the digest that `info` gives.
std::vector<Json> checked_events(const std::string& reel) {
  std::vector<Json> events = events_of(reel);
  for (std::size_t i = 0; i < events.size(); ++i) {
    REQUIRE(events[i].at("seq") == i + 1);
    if (i > 0) REQUIRE(events[i].at("time") >= events[i - 1].at("time"));
  }
  return events;
}

std::vector<Json> of_kind(const std::vector<Json>& events, const std::string& kind) {
  std::vector<Json> found;
  for (const Json& event : events) {
    if (event.at("kind") == kind) found.push_back(event);
  }
  return found;
}

// Every reader agrees on a reel that was sealed after going on.
void check_whole(const std::string& reel, const TestFolder& folder) {
  const auto verified = labreel({"verify", reel, "--json"});
  INFO(verified.out << verified.err);
  REQUIRE(verified.status == 0);
  const Json result = Json::parse(verified.out);
  const Json info = info_of(reel);
  CHECK(result.at("identical") == true);
  CHECK(result.at("ranges") == Json::array({{{"from", 1}, {"to", info.at("events")}}}));
  CHECK(info.at("complete") == true);
  std::uint64_t copies = info.at("delivered");
  for (const auto& [reason, count] : info.at("dropped").items()) copies += count.get<std::uint64_t>();
  CHECK(copies == info.at("copies"));
  const auto checked = labreel({"check", reel});
  INFO(checked.out << checked.err);
  CHECK(checked.status == 0);
  const auto exported = labreel({"export", reel, "-o", folder / "all.pcapng"});
  INFO(exported.err);
  CHECK(exported.status == 0);
  std::filesystem::remove(folder / "all.pcapng");
}

}  // namespace

TEST_CASE("a lab whose recorder was killed goes on in its reel, twice, and verifies from end to end", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("phoenix"));
  const std::string reel = folder / "phoenix.reel";
  {
    BackgroundProgram lab{{labreel_binary(), "run", "lab.yml"}, folder.path()};
    REQUIRE(lab.wait_for_err("runs until it is stopped"));
    ping("h1", "10.0.0.2");
    REQUIRE(labreel({"link", "set", "h1:eth0", "delay=20ms"}).status == 0);
    REQUIRE(labreel({"mark", "last-words"}).status == 0);
    lab.signal(SIGKILL);
    REQUIRE(lab.wait(10).status == 137);
  }
  const std::vector<Json> before = checked_events(reel);
  for (int round = 1; round <= 2; ++round) {
    BackgroundProgram lab{{labreel_binary(), "run", "lab.yml", "--continue", "phoenix.reel"}, folder.path()};
    REQUIRE(lab.wait_for_err("runs until it is stopped"));
    ping("h2", "10.0.0.1");
    CHECK(info_of(reel).at("runs") == round + 1);  // asked of the live recorder
    const auto marked = labreel({"mark", "again"});
    REQUIRE(marked.status == 0);
    // The markers of the runs before count, too.
    CHECK((marked.err.find("this is marker again#2") != std::string::npos) == (round == 2));
    lab.signal(SIGINT);
    const auto run = lab.wait(60);
    INFO(run.err);
    CHECK(run.status == 130);
    check_whole(reel, folder);
  }
  const std::vector<Json> events = checked_events(reel);
  REQUIRE(events.size() > before.size());
  CHECK(std::vector<Json>(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(before.size())) == before);
  // The seam: the command, the old nodes' end, the old run's end, the new beginning.
  const Json& command = events.at(before.size());
  CHECK(command.at("kind") == "command");
  CHECK(command.at("verb") == "continue");
  const auto stopped = of_kind(events, "node.stopped");
  REQUIRE(stopped.size() == 6);
  CHECK(stopped[0].at("cause") == command.at("seq"));
  CHECK(stopped[0].at("why") == "the recorder ended");
  REQUIRE(of_kind(events, "lab.begun").size() == 3);
  CHECK(of_kind(events, "lab.begun")[1].at("cause") == command.at("seq"));
  CHECK(of_kind(events, "lab.ended").size() == 3);
  CHECK(of_kind(events, "node.added").size() == 2);  // the nodes of the file are those of the reel
  const auto changed = of_kind(events, "link.changed");
  REQUIRE(changed.size() >= 2);
  CHECK(changed.back().at("cause") == command.at("seq"));  // as the lab file has it again
  CHECK(of_kind(events, "gap").empty());
  CHECK(std::filesystem::exists(reel + "-ring") == false);
  CHECK(std::filesystem::exists(reel + "-journal") == false);
  // A position on either side of the seam.
  const auto old = labreel({"show", reel, "--at", "last-words", "--json"});
  CHECK(old.status == 0);
  CHECK(labreel({"show", reel, "--at", "again#2", "--json"}).status == 0);
}

TEST_CASE("a lab goes on with another topology, its scenario runs again, and its times count from the restart", "[cli]") {
  const TestFolder folder;
  const std::string scenario = "scenario:\n  - exec: {node: h1, run: \"true\"}\n  - at: 1s\n    mark: {name: second, note: n}\n";
  folder.write("lab.yml", two_hosts("changing") + scenario);
  REQUIRE(labreel({"run", "lab.yml"}, folder.path()).status == 0);
  folder.write("lab.yml", R"(name: changing
topology:
  nodes:
    h1: {ports: {eth0: {address: [10.0.0.1/24]}}}
    h3: {ports: {eth0: {address: [10.0.0.3/24]}}}
  lans:
    office: {ports: ["h1:eth0", "h3:eth0"]}
scenario:
  - exec: {node: h1, run: "ping -c 2 -i 0.1 10.0.0.3"}
  - at: 1s
    mark: {name: second, note: n}
)");
  const auto again = labreel({"run", "lab.yml", "--continue", "changing.reel"}, folder.path());
  INFO(again.err);
  REQUIRE(again.status == 0);
  const std::string reel = folder / "changing.reel";
  check_whole(reel, folder);
  const std::vector<Json> events = checked_events(reel);
  REQUIRE(of_kind(events, "node.removed").size() == 1);
  CHECK(of_kind(events, "node.removed")[0].at("node") == "h2");
  CHECK(of_kind(events, "link.removed").size() == 1);
  CHECK(of_kind(events, "lan.added").size() == 1);
  const auto marks = of_kind(events, "marker");
  REQUIRE(marks.size() == 2);
  const std::uint64_t restart = of_kind(events, "lab.begun").at(1).at("time");
  CHECK(marks[1].at("time") >= restart + 1'000'000'000);
  const auto show = labreel({"show", reel, "--at", "second#2", "--json"});
  REQUIRE(show.status == 0);
  CHECK(show.out.find("\"h3\"") != std::string::npos);
  CHECK(of_kind(events, "frame").back().at("summary").get<std::string>().empty() == false);
}

TEST_CASE("what cannot go on is refused with a reason, and the reel stays as it is", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("refusing"));
  folder.write("other.yml", two_hosts("another"));
  folder.write("seed.yml", two_hosts("refusing") + "seed: 99\n");
  REQUIRE(labreel({"run", "lab.yml", "--for", "100ms"}, folder.path()).status == 0);
  const std::string before = folder.read("refusing.reel");
  const auto refused = [&](const std::vector<std::string>& more, int status, const std::string& words) {
    std::vector<std::string> arguments{"run"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto run = labreel(arguments, folder.path());
    INFO(run.err);
    CHECK(run.status == status);
    CHECK(run.err.find(words) != std::string::npos);
  };
  refused({"other.yml", "--continue", "refusing.reel"}, 2, "is of lab refusing");
  refused({"seed.yml", "--continue", "refusing.reel"}, 2, "seed");
  refused({"lab.yml", "--continue", "none.reel"}, 3, "none.reel");
  refused({"lab.yml", "--continue", "lab.yml"}, 3, "not a reel");
  refused({"lab.yml", "--continue", "refusing.reel", "-o", "new.reel"}, 2, "--output");
  CHECK(folder.read("refusing.reel") == before);
  std::string damaged = before;
  damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 1);
  bool is_noticed = false;
  for (std::size_t at = damaged.size() / 2; at < damaged.size() && !is_noticed; at += 97) {
    damaged = before;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    folder.write("damaged.reel", damaged);
    is_noticed = labreel({"check", "damaged.reel"}, folder.path()).status != 0;
  }
  REQUIRE(is_noticed);
  refused({"lab.yml", "--continue", "damaged.reel"}, 3, "check --repair");
  CHECK(folder.read("damaged.reel") == damaged);
}

TEST_CASE("a lab that runs is not continued by a second recorder", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", two_hosts("busy"));
  BackgroundProgram lab{{labreel_binary(), "run", "lab.yml"}, folder.path()};
  REQUIRE(lab.wait_for_err("runs until it is stopped"));
  const auto second = labreel({"run", "lab.yml", "--continue", "busy.reel"}, folder.path());
  INFO(second.err);
  CHECK((second.status == 2 || second.status == 5));
  CHECK(second.err.find("busy") != std::string::npos);
  lab.signal(SIGTERM);
  CHECK(lab.wait(60).status == 0);
  CHECK(labreel({"verify", folder / "busy.reel"}).status == 0);
}

}  // namespace labreel::test
