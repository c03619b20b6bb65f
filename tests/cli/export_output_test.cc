// What labreel export writes: never over a file that is there, and a lab file that runs where it lies.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

constexpr const char* kLab = R"(name: two
topology:
  nodes:
    h1:
      files: {/etc/hello: h1/hello.conf}
      ports: {eth0: {address: [10.0.0.1/24]}}
    h2: {ports: {eth0: {address: [10.0.0.2/24]}}}
  links:
    - {endpoints: ["h1:eth0", "h2:eth0"]}
scenario:
  # Both are there.
  - exec: {node: h1, run: "cat /etc/hello; ping -c 2 -i 0.2 10.0.0.2"}
  - mark: {name: pinged}
  - link: {set: "h1:eth0", delay: 7ms}
  - mark: {name: slow}
)";

void record(const TestFolder& folder) {
  std::filesystem::create_directories(folder / "lab/h1");
  folder.write("lab/lab.yml", kLab);
  folder.write("lab/h1/hello.conf", "hello from the reel\n");
  const auto run = labreel({"run", "lab/lab.yml", "-o", "two.reel"}, folder.path());
  INFO(run.err);
  REQUIRE(run.status == 0);
}

void check_says(const ProgramResult& result, int status, const std::string& words) {
  INFO(result.out << result.err);
  CHECK(result.status == status);
  CHECK(result.err.find(words) != std::string::npos);
}

void check_runs(const TestFolder& folder, const std::string& lab) {
  INFO(folder.read(lab));
  const auto run = labreel({"run", lab, "-o", "again.reel"}, folder.path());
  INFO(run.err);
  CHECK(run.status == 0);
  const auto printed = labreel({"events", "again.reel", "--kind", "exec.output"}, folder.path());
  CHECK(printed.out.find("hello from the reel") != std::string::npos);
  std::filesystem::remove(folder / "again.reel");
}

}  // namespace

TEST_CASE("no export writes over a file without --force, whatever its ending", "[cli]") {
  const TestFolder folder;
  record(folder);
  for (const char* name : {"a.yml", "a.clab.yml", "a.dot", "a.mmd", "a.pcapng", "a.pcap", "a.ndjson", "a.html"}) {
    CAPTURE(name);
    folder.write(name, "precious");
    check_says(labreel({"export", "two.reel", "-o", name}, folder.path()), 2,
               std::string{name} + ": is there already");
    check_says(labreel({"export", "two.reel", "-o", name}, folder.path()), 2, "--force");
    CHECK(folder.read(name) == "precious");
    check_says(labreel({"export", "two.reel", "-o", name, "--force"}, folder.path()), 0, "");
    CHECK(folder.read(name) != "precious");
  }
  // What fails leaves a file as it was, and none where there was none.
  folder.write("b.pcapng", "precious");
  check_says(labreel({"export", "two.reel", "-o", "b.pcapng", "--force", "--filter", "and"}, folder.path()), 2, "filter");
  check_says(labreel({"export", "absent.reel", "-o", "b.pcapng", "--force"}, folder.path()), 3, "absent.reel");
  check_says(labreel({"export", "absent.reel", "-o", "c.pcapng"}, folder.path()), 3, "absent.reel");
  CHECK(folder.read("b.pcapng") == "precious");
  CHECK_FALSE(std::filesystem::exists(folder / "c.pcapng"));
  std::filesystem::create_symlink("nowhere", folder / "link.pcapng");
  check_says(labreel({"export", "two.reel", "-o", "link.pcapng"}, folder.path()), 2, "is there already");
  CHECK_FALSE(std::filesystem::exists(folder / "nowhere"));
}

TEST_CASE("of a damaged reel an HTML file has what comes before the damage, and says so", "[cli]") {
  const TestFolder folder;
  record(folder);
  std::string bytes = folder.read("two.reel");
  const std::size_t in_an_event = bytes.rfind("pinged");
  REQUIRE(in_an_event != std::string::npos);
  bytes[in_an_event] = 'P';
  folder.write("damaged.reel", bytes);
  check_says(labreel({"export", "damaged.reel", "-o", "damaged.html"}, folder.path()), 3, "the page has everything before it");
  CHECK(folder.read("damaged.html").size() > 100'000);
}

TEST_CASE("a capture goes into a pipe that is there without being asked twice", "[cli]") {
  const TestFolder folder;
  record(folder);
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  BackgroundProgram reader{{"cp", "pipe", "copy.pcapng"}, folder.path()};
  check_says(labreel({"export", "two.reel", "-o", "pipe"}, folder.path()), 0, "");
  CHECK(reader.wait().status == 0);
  check_says(labreel({"export", "two.reel", "-o", "whole.pcapng"}, folder.path()), 0, "");
  CHECK(folder.read("copy.pcapng") == folder.read("whole.pcapng"));
}

TEST_CASE("an exported lab file runs in another folder, with its scenario, its files found where they are", "[cli]") {
  const TestFolder folder;
  record(folder);
  std::filesystem::create_directory(folder / "elsewhere");
  check_says(labreel({"export", "two.reel", "--at", "pinged", "-o", "elsewhere/lab.yml"}, folder.path()), 0, "");
  CHECK(folder.read("elsewhere/lab.yml").find("# Both are there.") != std::string::npos);
  check_runs(folder, "elsewhere/lab.yml");
  // In its own folder the names stay as they were.
  check_says(labreel({"export", "two.reel", "--at", "pinged", "-o", "lab/again.yml"}, folder.path()), 0, "");
  CHECK(folder.read("lab/again.yml").find("\"h1/hello.conf\"") != std::string::npos);
  check_runs(folder, "lab/again.yml");
}

TEST_CASE("a packed reel's lab file has its node files beside it, never over others", "[cli]") {
  const TestFolder folder;
  record(folder);
  REQUIRE(labreel({"pack", "two.reel"}, folder.path()).status == 0);
  std::filesystem::remove_all(folder / "lab");
  std::filesystem::create_directories(folder / "new/h1");
  folder.write("new/h1/hello.conf", "mine");
  check_says(labreel({"export", "two.reel", "--at", "pinged", "-o", "new/lab.yml"}, folder.path()), 2,
             "h1/hello.conf: is there already");
  CHECK(folder.read("new/h1/hello.conf") == "mine");
  CHECK_FALSE(std::filesystem::exists(folder / "new/lab.yml"));
  check_says(labreel({"export", "two.reel", "--at", "pinged", "-o", "new/lab.yml", "--force"}, folder.path()), 0,
             "1 node file of the reel beside it");
  check_runs(folder, "new/lab.yml");
}

TEST_CASE("a scenario or a node file that the exported lab lacks is said in the file and on stderr", "[cli]") {
  const TestFolder folder;
  record(folder);
  const auto exported = labreel({"export", "two.reel", "-o", "end.yml"}, folder.path());
  check_says(exported, 0, "the scenario is left out: at event");
  CHECK(folder.read("end.yml").find("# The scenario is left out: at event") != std::string::npos);
  const auto run = labreel({"run", "end.yml", "--for", "300ms"}, folder.path());
  INFO(run.err);
  CHECK(run.status == 0);
  std::filesystem::remove_all(folder / "lab");
  check_says(labreel({"export", "two.reel", "-o", "gone.yml"}, folder.path()), 0, "put it at");
  CHECK(folder.read("gone.yml").find("# node h1's file h1/hello.conf is not in the reel") != std::string::npos);
}

TEST_CASE("one file a port has what --port has, and none is written over a file", "[cli]") {
  const TestFolder folder;
  record(folder);
  const auto packets_in = [&](const std::string& file) {
    const auto seen = run_program({"tshark", "-r", file, "-T", "fields", "-e", "frame.packet_id", "-e", "frame.time_epoch",
                                   "-e", "frame.interface_name", "-e", "frame.comment"},
                                  folder.path());
    INFO(seen.err);
    REQUIRE(seen.status == 0);
    return seen.out;
  };
  check_says(labreel({"export", "two.reel", "--per-port", "-o", "ports/"}, folder.path()), 0, "in 2 files, one a port");
  check_says(labreel({"export", "two.reel", "--port", "h1:eth0", "-o", "h1.pcapng"}, folder.path()), 0, "packets");
  CHECK_FALSE(packets_in("h1.pcapng").empty());
  CHECK(packets_in("ports/h1_eth0.pcapng") == packets_in("h1.pcapng"));
  CHECK(std::filesystem::exists(folder / "ports/h2_eth0.pcapng"));

  std::filesystem::remove(folder / "ports/h1_eth0.pcapng");
  folder.write("ports/h2_eth0.pcapng", "precious");
  check_says(labreel({"export", "two.reel", "--per-port", "-o", "ports"}, folder.path()), 2,
             "ports/h2_eth0.pcapng: is there already");
  CHECK_FALSE(std::filesystem::exists(folder / "ports/h1_eth0.pcapng"));
  CHECK(folder.read("ports/h2_eth0.pcapng") == "precious");
  check_says(labreel({"export", "two.reel", "--per-port", "-o", "ports", "--force"}, folder.path()), 0, "2 files");
  CHECK(std::filesystem::file_size(folder / "ports/h2_eth0.pcapng") > 100);
  check_says(labreel({"export", "absent.reel", "--per-port", "-o", "none"}, folder.path()), 3, "absent.reel");
  CHECK_FALSE(std::filesystem::exists(folder / "none"));
}

TEST_CASE("in Wireshark's list a marker is told from a command, and the file says when lab time began", "[cli]") {
  const TestFolder folder;
  record(folder);
  check_says(labreel({"export", "two.reel", "--with-events", "-o", "a.pcapng"}, folder.path()), 0, "");
  const auto seen = run_program({"tshark", "-r", "a.pcapng", "-Y", "frame.interface_name == \"labreel\"", "-T", "fields",
                                 "-e", "_ws.col.Protocol", "-e", "frame.comment"},
                                folder.path());
  CHECK(seen.out.find("MARKER pinged/JSON\tmarker pinged\n") != std::string::npos);
  CHECK(seen.out.find("COMMAND link") != std::string::npos);
  const auto about = run_program({"capinfos", "a.pcapng"}, folder.path());
  CHECK(about.out.find("begin_utc: " + info_of(folder / "two.reel")["begin_utc"].get<std::string>()) != std::string::npos);
}

}  // namespace labreel::test
