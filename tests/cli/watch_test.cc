// Looking at a lab while it runs, from another terminal: events --follow, show, ls.
#include <catch2/catch.hpp>
#include <csignal>

#include "tests/cli/reel_events.h"

namespace labreel::test {

TEST_CASE("events --follow prints what is there, then what comes, to the lab's last event", "[cli]") {
  const TestFolder folder;
  folder.write("watched.yml", two_hosts("watched"));
  BackgroundProgram lab{{labreel_binary(), "run", "watched.yml"}, folder.path()};
  REQUIRE(lab.wait_for_err("runs until it is stopped"));
  REQUIRE(labreel({"mark", "earlier"}).status == 0);

  BackgroundProgram watcher{{labreel_binary(), "events", "watched.reel", "--follow", "--from", "1", "--json"}, folder.path()};
  REQUIRE(watcher.wait_for_out("\"earlier\""));
  REQUIRE(labreel({"mark", "later"}).status == 0);
  REQUIRE(watcher.wait_for_out("\"later\""));
  REQUIRE(labreel({"exec", "h1", "--", "ping", "-q", "-c", "200", "-i", "0.005", "10.0.0.2"}).status == 0);
  const auto stopped = labreel({"stop"});
  INFO(stopped.err);
  const auto watched = watcher.wait(30);
  const auto ended = lab.wait();
  INFO(ended.err);
  CHECK(ended.status == 0);
  CHECK(stopped.status == 0);
  INFO(watched.err);
  CHECK(watched.status == 0);
  CHECK(watched.err.empty());
  CHECK(watched.out == labreel({"events", "watched.reel", "--json"}, folder.path()).out);
}

TEST_CASE("events --follow takes filters, and prints what the lab leaves when it is killed", "[cli]") {
  const TestFolder folder;
  folder.write("watched.yml", two_hosts("watched"));
  BackgroundProgram lab{{labreel_binary(), "run", "watched.yml"}, folder.path()};
  REQUIRE(lab.wait_for_err("runs until it is stopped"));
  BackgroundProgram watcher{{labreel_binary(), "events", "--follow", "--from", "1", "--kind", "marker", "--json"}, folder.path()};
  REQUIRE(labreel({"mark", "first"}).status == 0);
  REQUIRE(watcher.wait_for_out("\"first\""));
  REQUIRE(labreel({"mark", "second"}).status == 0);
  lab.signal(SIGKILL);
  const auto watched = watcher.wait(30);
  INFO(watched.err);
  CHECK(watched.status == 0);
  const auto markers = json_lines(watched.out);
  REQUIRE(markers.size() == 2);
  CHECK(markers[1].at("name") == "second");
  CHECK(watched.err.find("watched.reel") != std::string::npos);  // it says how the recording ends
}

TEST_CASE("events --follow of a finished reel prints it and ends", "[cli]") {
  const TestFolder folder;
  folder.write("watched.yml", two_hosts("watched"));
  REQUIRE(labreel({"run", "watched.yml", "--for", "500ms"}, folder.path()).status == 0);
  const auto followed = labreel({"events", "--follow"}, folder.path());
  CHECK(followed.status == 0);
  CHECK(followed.out == labreel({"events"}, folder.path()).out);
}

TEST_CASE("show of a running lab is the lab as it is now", "[cli]") {
  const TestFolder folder;
  folder.write("shown.yml", two_hosts("shown"));
  BackgroundProgram lab{{labreel_binary(), "run", "shown.yml"}, folder.path()};
  REQUIRE(lab.wait_for_err("runs until it is stopped"));
  const auto link = [&] {
    const auto shown = labreel({"show", "shown.reel", "--json"}, folder.path());
    INFO(shown.err);
    REQUIRE(shown.status == 0);
    return Json::parse(shown.out).at("links").at(0);
  };
  const Json before = link();
  REQUIRE(labreel({"link", "down", "h1:eth0"}).status == 0);
  const Json after = link();
  CHECK(before != after);
  CHECK(labreel({"show", "--dot"}, folder.path()).out.find("graph") != std::string::npos);
  CHECK(labreel({"show", "--mermaid", "--at", "1"}, folder.path()).status == 0);
  REQUIRE(labreel({"node", "crash", "h2"}).status == 0);
  const Json nodes = Json::parse(labreel({"show", "--json"}, folder.path()).out).at("nodes");
  CHECK(nodes.at(0).at("state") == "running");
  CHECK(nodes.at(1).at("node") == "h2");
  CHECK(nodes.at(1).at("state") == "crashed");
  CHECK(nodes.at(1).at("ended").at("why") == "by the command node crash");
  REQUIRE(labreel({"node", "restart", "h2"}).status == 0);
  REQUIRE(labreel({"node", "restart", "h1"}).status == 0);
  CHECK(labreel({"exec", "h2", "--", "true"}).status == 0);
  REQUIRE(labreel({"stop"}).status == 0);
  CHECK(lab.wait().status == 0);
}

TEST_CASE("ls lists the reels of a folder: sealed, cut off, running and no reel at all", "[cli]") {
  const TestFolder folder;
  folder.write("listed.yml", two_hosts("listed"));
  REQUIRE(labreel({"run", "listed.yml", "--for", "500ms", "-o", "a.reel"}, folder.path()).status == 0);
  {
    BackgroundProgram lab{{labreel_binary(), "run", "listed.yml", "-o", "b.reel"}, folder.path()};
    REQUIRE(lab.wait_for_err("runs until it is stopped"));
    lab.signal(SIGKILL);
    lab.wait();
  }
  BackgroundProgram lab{{labreel_binary(), "run", "listed.yml", "-o", "c.reel"}, folder.path()};
  REQUIRE(lab.wait_for_err("runs until it is stopped"));
  folder.write("d.reel", "no reel");

  const auto listed = labreel({"ls", "--json"}, folder.path());
  INFO(listed.err);
  REQUIRE(listed.status == 0);
  const auto rows = json_lines(listed.out);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].at("complete") == true);
  CHECK(rows[0].at("lab") == "listed");
  const Json info = info_of(folder / "a.reel");
  for (const char* const key : {"duration_ns", "events", "digest"}) CHECK(rows[0].at(key) == info.at(key));
  CHECK(rows[1].at("complete") == false);
  CHECK(rows[1].at("recording") == false);
  CHECK(rows[1].at("digest") == info_of(folder / "b.reel").at("digest"));
  CHECK(rows[2].at("recording") == true);
  CHECK(rows[3].at("error").get<std::string>().find("not a reel") != std::string::npos);
  CHECK(lines_of(labreel({"ls", folder.path()}).out).size() == 4);
  CHECK(labreel({"ls", folder / "nowhere"}).status == 3);
  lab.signal(SIGINT);
  CHECK(lab.wait().status == 130);
}

}  // namespace labreel::test
