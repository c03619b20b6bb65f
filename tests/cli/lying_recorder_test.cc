// A reel that is being recorded, whose recorder tells readers what is not so: pages of wrong sizes, no end, other paths.
#include <catch2/catch.hpp>
#include <filesystem>

#include "engine/core/fabric.h"
#include "recorder/control/control_server.h"
#include "recorder/control/registry.h"
#include "store/reel_writer.h"
#include "tests/cli/program.h"
#include "tests/recorder/control/fake_lab.h"

namespace labreel::test {
namespace {

namespace fs = std::filesystem;

// A true recording of a few events, and a recorder in its name that may say anything.
struct LyingRecorder {
  TestFolder folder;
  FakeLab lab;
  ControlServer server{lab, std::move(claim_lab("fake")).value()};
  std::unique_ptr<ReelWriter> writer = record();
  const std::vector<std::string> truth = writer->pages_from(0, 64 << 20);

  LyingRecorder() {
    REQUIRE(truth.size() == 1);
    lab.pages = truth;
  }
  ~LyingRecorder() { writer->seal(); }

  std::string reel() const { return folder / "live.reel"; }
  std::unique_ptr<ReelWriter> record() const {
    ReelOptions options;
    options.control_socket = server.socket_path();
    auto made = ReelWriter::create(reel(), options);
    made->append({}, {}, LabBegun{"fake", "name: fake\n", "fake.yml", 1, "real", kFabricVersion});
    for (const char* const name : {"r1", "../../canary"}) {
      const NodeId node = made->next_seq() == Seq{2} ? NodeId{0} : NodeId{1};
      made->append({}, {}, NodeAdded{node, name, "namespace", {}});
      made->append({}, {}, PortAdded{PortId{index_of(node)}, node, "eth0", {2, 0, 0, 0, 0, 1}, 9216});
    }
    made->append(LabTime{1}, {}, Marker{"here", ""});
    return made;
  }
  // Runs a verb with 2 GiB of memory.
  ProgramResult read(const std::string& words) const {
    return run_program({"/bin/sh", "-c", "ulimit -v 2000000; exec " + labreel_binary() + " " + words}, folder.path(), 60);
  }
};

const std::vector<std::string> kReading{"info live.reel",   "events live.reel --json",         "show live.reel",
                                        "verify live.reel", "query live.reel 'SELECT * FROM event'", "export live.reel -o - | cat"};

}  // namespace

TEST_CASE("a true recorder is believed", "[cli]") {
  LyingRecorder recorder;
  for (const std::string& words : kReading) {
    const auto read = recorder.read(words);
    INFO(words << ": " << read.err);
    CHECK(read.status == 0);
    CHECK(read.err.find("cannot") == std::string::npos);
  }
}

TEST_CASE("pages that a recorder made wrong are refused by every reader, with their place", "[cli]") {
  LyingRecorder recorder;
  const std::string& page = recorder.truth.front();
  std::string flipped = page;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
  const std::vector<std::vector<std::string>> lies{{""},
                                                   {page.substr(0, page.size() - 1)},
                                                   {page.substr(0, 10)},
                                                   {page + "x"},
                                                   {std::string(256 << 10, '\xff')},
                                                   {std::string(20 << 20, '\0')},
                                                   {flipped},
                                                   {std::string(1, '\0') + page}};
  for (const auto& lie : lies) {
    recorder.lab.pages = lie;
    for (const std::string& words : {kReading[0], kReading[1], kReading[3], std::string{"events live.reel --follow --from 1"}}) {
      const auto read = recorder.read(words);
      INFO(words << " of " << lie.front().size() << " bytes: " << read.out << read.err);
      CHECK(read.status == 3);
      CHECK(read.err.starts_with("labreel: "));
      CHECK(read.err.find("internal") == std::string::npos);
    }
  }
}

TEST_CASE("a recorder that never comes to an end is left, before memory is full", "[cli]") {
  LyingRecorder recorder;
  const std::vector<std::string> much(1, std::string(12 << 20, 'x'));
  recorder.lab.on_pages = [&](std::uint64_t, std::size_t) { return much; };
  const auto pages = recorder.read("info live.reel");
  INFO(pages.err);
  CHECK(pages.status == 5);
  CHECK(pages.err.find("tells more than its reel can hold") != std::string::npos);

  recorder.lab.on_pages = nullptr;
  recorder.lab.notes.assign(200'000, HostNote{Seq{1}, "stall", std::string(1'000, 'x')});
  const auto notes = recorder.read("info live.reel");
  INFO(notes.err);
  CHECK(notes.status == 5);
  CHECK(notes.err.find("more notes than its reel can hold") != std::string::npos);
}

TEST_CASE("a recorder's paths are read or shown, never written to, and cannot steer a terminal", "[cli]") {
  LyingRecorder recorder;
  recorder.folder.write("canary", "precious");
  recorder.lab.told_status = LabStatus{"fa\x1b]0;PWN\x07ke", recorder.folder / "canary", "/x\x1b[2J", 1, 0, 0, 0, 0, "run\x9bning"};
  const auto events = recorder.read("events --lab fake");
  CHECK(events.status == 3);
  CHECK(events.err.find("is not a reel") != std::string::npos);
  for (const std::string words : {"ps", "ps --json"}) {
    const auto listed = recorder.read(words);
    CHECK(listed.status == 0);
    CHECK(listed.out.find('\x1b') == std::string::npos);
    CHECK(listed.out.find('\x9b') == std::string::npos);
    CHECK(listed.err.find('\x1b') == std::string::npos);
  }
  recorder.lab.told_status->reel = "/none\x1b]0;PWN\x07.reel";
  const auto none = recorder.read("events --lab fake");
  CHECK(none.status == 3);
  CHECK(none.err.find('\x1b') == std::string::npos);

  // A node that is called like a way out.
  const auto exported = recorder.read("export live.reel --per-port -o out");
  INFO(exported.err);
  CHECK(exported.status == 0);
  for (const auto& entry : fs::directory_iterator{recorder.folder / "out"}) CHECK(entry.path().extension() == ".pcapng");
  CHECK(recorder.folder.read("canary") == "precious");
  CHECK_FALSE(fs::exists(fs::path{recorder.folder.path()}.parent_path().parent_path() / "canary"));
}

TEST_CASE("a socket that lies elsewhere than where recorders put theirs is not asked", "[cli]") {
  LyingRecorder recorder;
  bool was_asked = false;
  recorder.lab.on_pages = [&](std::uint64_t, std::size_t) {
    was_asked = true;
    return recorder.truth;
  };
  fs::create_directory(recorder.folder / "elsewhere");
  fs::permissions(recorder.folder / "elsewhere", fs::perms::owner_all);
  const auto read = run_program({"env", "LABREEL_RUN_DIR=" + (recorder.folder / "elsewhere"), "XDG_RUNTIME_DIR=" + (recorder.folder / "elsewhere"),
                                 labreel_binary(), "info", "live.reel"},
                                recorder.folder.path());
  INFO(read.err);
  CHECK(read.status != 0);
  CHECK(read.err.find("being recorded") != std::string::npos);
  CHECK_FALSE(was_asked);
}

}  // namespace labreel::test
