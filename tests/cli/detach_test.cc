// run --detach, several labs at once, several clients at once.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>

#include "tests/cli/reel_events.h"

namespace labreel::test {

TEST_CASE("run --detach returns when the lab runs, and the recorder goes on until it is stopped", "[cli]") {
  const TestFolder folder;
  folder.write("apart.yml", two_hosts("apart"));
  const auto started = labreel({"run", "--detach", "apart.yml"}, folder.path());
  INFO(started.err);
  REQUIRE(started.status == 0);
  const auto lines = lines_of(started.out);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with(folder / "apart.reel"));
  const Json running = Json::parse(labreel({"ps", "--json"}).out);
  CHECK(running.at("state") == "running");
  CHECK(lines[0].ends_with("pid " + running.at("pid").dump()));
  // In a session of its own: a terminal that closes does not end it.
  CHECK(::getsid(running.at("pid").get<pid_t>()) == running.at("pid").get<pid_t>());

  CHECK(labreel({"exec", "h1", "--", "ping", "-c", "1", "10.0.0.2"}).status == 0);
  CHECK(labreel({"stop"}).status == 0);
  CHECK(info_of(folder / "apart.reel").at("complete") == true);
  CHECK(folder.read("apart.reel.log").find("all nodes run") != std::string::npos);
}

TEST_CASE("what fails before a detached lab runs is told by the command that started it", "[cli]") {
  const TestFolder folder;
  CHECK(labreel({"run", "--detach", "nowhere.yml"}, folder.path()).status == 3);
  folder.write("bad.yml", "name: bad\ntopology:\n  nodes:\n    h1: {exec: [\"echo broken >&2; exit 3\"]}\n");
  const auto failed = labreel({"run", "--detach", "bad.yml"}, folder.path());
  INFO(failed.out << failed.err);
  CHECK(failed.status == 5);
  CHECK(failed.out.empty());
  CHECK(failed.err.find("broken") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "bad.reel.log"));

  folder.write("once.yml", two_hosts("once"));
  REQUIRE(labreel({"run", "--detach", "once.yml"}, folder.path()).status == 0);
  const auto twice = labreel({"run", "--detach", "once.yml"}, folder.path());
  CHECK(twice.status == 2);
  CHECK(twice.err.find("once") != std::string::npos);
  CHECK(labreel({"stop"}).status == 0);
}

TEST_CASE("several labs run at once, and --lab chooses", "[cli]") {
  const TestFolder folder;
  for (const char* const name : {"left", "right"}) {
    folder.write(std::string{name} + ".yml", two_hosts(name));
    REQUIRE(labreel({"run", "--detach", std::string{name} + ".yml"}, folder.path()).status == 0);
  }
  CHECK(lines_of(labreel({"ps"}).out).size() == 2);
  const auto unclear = labreel({"mark", "where"});
  CHECK(unclear.status == 2);
  CHECK(unclear.err.find("left, right") != std::string::npos);
  const auto first = labreel({"mark", "--lab", "left", "here"});
  CHECK(first.status == 0);
  CHECK(first.err.empty());
  const auto second = labreel({"mark", "--lab", "left", "here"});
  CHECK(second.status == 0);
  CHECK(second.err == "this is marker here#2: there was one of that name already, and here alone means the first\n");
  CHECK(labreel({"mark", "--lab", "left", "here"}).err ==
        "this is marker here#3: there were 2 of that name already, and here alone means the first\n");
  CHECK(labreel({"link", "down", "--lab", "right", "h1:eth0"}).status == 0);
  CHECK(labreel({"exec", "--lab", "left", "h1", "--", "ping", "-c", "1", "10.0.0.2"}).status == 0);
  CHECK(labreel({"exec", "--lab", "right", "h1", "--", "ping", "-c", "1", "-W", "1", "10.0.0.2"}).status != 0);
  const auto typo = labreel({"mark", "--lab", "rigth", "x"});
  CHECK(typo.status == 2);
  CHECK(typo.err.find("did you mean right?") != std::string::npos);
  CHECK(labreel({"stop", "left"}).status == 0);
  CHECK(labreel({"mark", "alone"}).status == 0);  // only one is left to mean
  CHECK(labreel({"stop"}).status == 0);
  CHECK(info_of(folder / "left.reel").at("markers").at(0).at("name") == "here");
  CHECK(info_of(folder / "right.reel").at("markers").at(0).at("name") == "alone");
}

TEST_CASE("LABREEL_LAB chooses a lab for every verb that --lab does, which comes first", "[cli]") {
  const TestFolder folder;
  for (const char* const name : {"left", "right"}) {
    folder.write(std::string{name} + ".yml", two_hosts(name));
    REQUIRE(labreel({"run", "--detach", std::string{name} + ".yml"}, folder.path()).status == 0);
  }
  const auto with_lab = [&](const std::string& lab, std::vector<std::string> words) {
    words.insert(words.begin(), {"env", "LABREEL_LAB=" + lab, labreel_binary()});
    return run_program(words, folder.path(), 60);
  };
  CHECK(with_lab("left", {"mark", "here"}).status == 0);
  CHECK(with_lab("left", {"mark", "--lab", "right", "there"}).status == 0);
  CHECK(with_lab("left", {"link", "down", "h1:eth0"}).status == 0);
  CHECK(with_lab("left", {"lan", "add", "office"}).status == 0);
  CHECK(with_lab("left", {"node", "pause", "h2"}).status == 0);
  CHECK(with_lab("left", {"exec", "h1", "--", "true"}).status == 0);
  const auto gone = with_lab("lfet", {"mark", "here"});
  CHECK(gone.status == 2);
  CHECK(gone.err.find("LABREEL_LAB: no lab named lfet is running (did you mean left?)") != std::string::npos);
  // The recording of a running lab, whatever the newest one is, and from anywhere.
  const auto marks = labreel({"events", "--lab", "left", "--kind", "marker"}, "/");
  CHECK(lines_of(marks.out).size() == 1);
  CHECK(marks.out.find("here") != std::string::npos);
  CHECK(labreel({"events", "left.reel", "--lab", "left"}, folder.path()).status == 2);
  {
    BackgroundProgram following{{"env", "LABREEL_LAB=right", labreel_binary(), "events", "--follow", "--from", "1", "--kind", "marker"}, "/"};
    CHECK(following.wait_for_out("there"));
  }
  // On a terminal, what was done is said with its event.
  TerminalProgram marking{{labreel_binary(), "mark", "--lab", "right", "cut"}, folder.path()};
  CHECK(marking.shows("marked cut at event "));
  CHECK(marking.wait() == 0);
  TerminalProgram cutting{{labreel_binary(), "link", "down", "--lab", "right", "h1:eth0"}, folder.path()};
  CHECK(cutting.shows("link down h1:eth0: done, event "));
  CHECK(cutting.wait() == 0);
  // `stop LAB` is `stop --lab LAB`; of two names none is taken.
  const auto two_names = labreel({"stop", "left", "--lab", "right"});
  CHECK(two_names.status == 2);
  CHECK(two_names.err.find("two labs are named, left and right") != std::string::npos);
  CHECK(lines_of(labreel({"ps"}).out).size() == 2);
  CHECK(with_lab("left", {"stop"}).status == 0);
  CHECK(labreel({"stop", "--lab", "right"}).status == 0);
  const auto event_after = [&](const std::string& text) { return std::stoull(text.substr(text.find(" event ") + 7)); };
  const auto events = events_of(folder / "right.reel");
  CHECK(events.at(event_after(marking.screen()) - 1).at("name") == "cut");
  CHECK(events.at(event_after(cutting.screen()) - 1).at("kind") == "command");
}

TEST_CASE("two clients at once are both served, and each hears only its own", "[cli]") {
  const TestFolder folder;
  folder.write("busy.yml", two_hosts("busy"));
  REQUIRE(labreel({"run", "--detach", "busy.yml"}, folder.path()).status == 0);
  const auto talker = [&](const std::string& node) {
    return std::make_unique<BackgroundProgram>(
        std::vector<std::string>{labreel_binary(), "exec", node, "--", "sh", "-c",
                                 "for i in $(seq 200); do echo " + node + " $i; done; sleep 0.5; exit 4"},
        folder.path());
  };
  const auto first = talker("h1");
  const auto second = talker("h2");
  for (int i = 0; i < 5; ++i) CHECK(labreel({"mark", "m" + std::to_string(i)}).status == 0);
  const auto said_first = first->wait();
  const auto said_second = second->wait();
  CHECK(said_first.status == 4);
  CHECK(said_second.status == 4);
  CHECK(lines_of(said_first.out).size() == 200);
  CHECK(said_first.out.find("h2") == std::string::npos);
  CHECK(lines_of(said_second.out).back() == "h2 200");
  CHECK(labreel({"stop"}).status == 0);
  CHECK(info_of(folder / "busy.reel").at("markers").size() == 5);
}

}  // namespace labreel::test
