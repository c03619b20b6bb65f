// Ctrl-C once and twice, SIGKILL, a node that dies, a full disk: nothing recorded before is lost, nothing is left
// behind.
#include <sys/mount.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/cli/host_state.h"
#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

const std::string kLab = two_hosts("accident");

}  // namespace

TEST_CASE("Ctrl-C ends the lab in good order: exit 130, a complete reel, nothing left behind", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", kLab);
  const HostState before = host_state();
  LabTraces traces;
  BackgroundProgram lab{{labreel_binary(), "run", "lab.yml"}, folder.path()};
  REQUIRE(lab.wait_for_err("runs until it is stopped"));
  traces.add(lab.pid(), folder / "run");
  lab.signal(SIGINT);
  const auto run = lab.wait(30);
  INFO(run.err);
  CHECK(run.status == 130);
  CHECK(traces.left().empty());
  CHECK(becomes(before));
  CHECK(info_of(folder / "accident.reel").at("complete") == true);
  CHECK(std::filesystem::exists(folder / "accident.reel-ring") == false);
  CHECK(std::filesystem::exists(folder / "accident.reel-journal") == false);
  CHECK(labreel({"verify", folder / "accident.reel"}).status == 0);
}

TEST_CASE("Ctrl-C twice does not wait for a node that will not end", "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", kLab + "scenario:\n  - exec: {node: h1, run: \"trap '' TERM; echo stubborn; sleep 1000\"}\n");
  const HostState before = host_state();
  LabTraces traces;
  BackgroundProgram lab{{labreel_binary(), "run", "lab.yml"}, folder.path()};
  REQUIRE(lab.wait_for_err("[1/1]"));
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  traces.add(lab.pid(), folder / "run");
  lab.signal(SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds{100});
  lab.signal(SIGINT);
  CHECK(lab.wait(30).status == 130);
  CHECK(traces.left().empty());
  CHECK(becomes(before));
  CHECK(info_of(folder / "accident.reel").at("complete") == true);
}

TEST_CASE("SIGKILL of the recorder leaves no process, namespace, mount, interface or cgroup, and loses no event",
          "[cli]") {
  const TestFolder folder;
  folder.write("lab.yml", kLab);
  const HostState before = host_state();
  LabTraces traces;
  {
    BackgroundProgram lab{{labreel_binary(), "run", "lab.yml"}, folder.path()};
    REQUIRE(lab.wait_for_err("runs until it is stopped"));
    REQUIRE(labreel({"exec", "h1", "--", "ping", "-c", "3", "-i", "0.1", "10.0.0.2"}).status == 0);
    REQUIRE(labreel({"mark", "last-words"}).status == 0);
    traces.add(lab.pid(), folder / "run");
    lab.signal(SIGKILL);
    CHECK(lab.wait(10).status == 137);
  }
  CHECK(traces.left().empty());
  CHECK(becomes(before));
  const std::string reel = folder / "accident.reel";
  const Json info = info_of(reel);
  CHECK(info.at("complete") == false);
  CHECK(info.at("markers").at(0).at("name") == "last-words");  // the last thing that was acknowledged
  CHECK(labreel({"verify", reel}).status == 0);
  CHECK(labreel({"ps"}).out.empty());

  const auto repaired = labreel({"check", "--repair", reel, "-o", folder / "whole.reel"});
  INFO(repaired.out << repaired.err);
  CHECK(repaired.status == 0);
  const Json whole = info_of(folder / "whole.reel");
  CHECK(whole.at("events") >= info.at("events"));
  CHECK(labreel({"verify", folder / "whole.reel"}).status == 0);
  CHECK(labreel({"check", folder / "whole.reel"}).status == 0);
}

TEST_CASE("a node that dies is an event, and the run ends with 5", "[cli]") {
  const TestFolder folder;
  // From inside a pid namespace its first process can only be ended by itself or from outside: find it from outside.
  folder.write("lab.yml", kLab);
  BackgroundProgram lab{{labreel_binary(), "run", "lab.yml", "--for", "20s"}, folder.path()};
  REQUIRE(lab.wait_for_err("runs until it is stopped"));
  const auto ns = lines_of(labreel({"exec", "h2", "--", "readlink", "/proc/self/ns/pid"}).out).at(0);
  pid_t init = 0;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
    std::error_code error;
    if (std::filesystem::read_symlink(entry.path() / "ns/pid", error).string() != ns || error) continue;
    const std::string status = read_file(entry.path() / "status");
    const std::size_t at = status.find("NSpid:");
    if (at != std::string::npos && status.substr(at, status.find('\n', at) - at).ends_with("\t1")) {
      init = std::stoi(entry.path().filename().string());
    }
  }
  REQUIRE(init > 0);
  REQUIRE(::kill(init, SIGKILL) == 0);
  REQUIRE(lab.wait_for_err("node h2 died"));
  CHECK(labreel({"exec", "h1", "--", "true"}).status == 0);
  lab.signal(SIGTERM);
  const auto run = lab.wait();
  CHECK(run.status == 5);
  const auto events = labreel({"events", folder / "accident.reel", "--kind", "node.stopped", "--json"});
  CHECK(events.out.find("died: killed by signal 9") != std::string::npos);
}

TEST_CASE("a full disk ends the lab with a clear error and keeps what was recorded", "[cli]") {
  const TestFolder folder;
  const std::string disk = folder / "disk";
  std::filesystem::create_directory(disk);
  REQUIRE(::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=96m") == 0);
  folder.write("lab.yml", kLab);
  {
    BackgroundProgram lab{{labreel_binary(), "run", folder / "lab.yml", "-o", disk + "/full.reel", "--for", "60s"},
                          folder.path()};
    REQUIRE(lab.wait_for_err("runs until it is stopped"));
    // Fill what the ring left free, then make traffic.
    run_program({"sh", "-c", "cat /dev/zero > " + disk + "/filler"});
    BackgroundProgram traffic{
        {labreel_binary(), "exec", "h1", "--", "ping", "-q", "-f", "-s", "1400", "-c", "30000", "10.0.0.2"},
        folder.path()};
    const auto run = lab.wait(120);
    INFO(run.err);
    CHECK(run.status == 4);
    CHECK(run.err.find("cannot be written") != std::string::npos);
    std::filesystem::remove(disk + "/filler");
    const auto info = labreel({"info", disk + "/full.reel", "--json"});
    INFO(info.err);
    CHECK(info.status == 0);
    const std::uint64_t events = Json::parse(info.out).at("events");
    CHECK(run.err.find(": " + std::to_string(events) + " events") != std::string::npos);
    CHECK(labreel({"verify", disk + "/full.reel"}).status == 0);
  }
  CHECK(::umount(disk.c_str()) == 0);
}

}  // namespace labreel::test
