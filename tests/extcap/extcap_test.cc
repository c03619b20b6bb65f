// Labs and reels in Wireshark's list: tshark captures from them, and the test presses the toolbar's buttons.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

std::string extcap_program() {
  return (std::filesystem::path{labreel_binary()}.parent_path() / "extcap/labreel-extcap").string();
}

// tshark with a home of its own, into which labreel-extcap is installed. As root it ignores WIRESHARK_EXTCAP_DIR.
std::vector<std::string> at_home(const TestFolder& folder, std::vector<std::string> command) {
  std::vector<std::string> argv{"env", "HOME=" + folder.path(), "PWD=" + folder.path()};
  argv.insert(argv.end(), command.begin(), command.end());
  return argv;
}

void install(const TestFolder& folder) {
  const auto installed = run_program(at_home(folder, {labreel_binary(), "extcap", "install"}));
  INFO(installed.err);
  REQUIRE(installed.status == 0);
}

void record_pings(const TestFolder& folder) {
  folder.write("pings.yml",
               two_hosts("pings") + "scenario:\n  - exec: {node: h1, run: \"ping -c 3 -i 0.2 10.0.0.2\"}\n");
  REQUIRE(labreel({"run", "pings.yml"}, folder.path()).status == 0);
}

std::vector<std::string> packets(std::vector<std::string> source) {
  source.insert(source.begin(), "tshark");
  source.insert(source.end(), {"-T", "fields", "-e", "frame.packet_id", "-e", "frame.interface_name", "-e",
                               "frame.time_epoch", "-e", "frame.comment"});
  return source;
}

// The GUI's end of a capture: the packets' FIFO and the toolbar's two.
class Gui {
 public:
  explicit Gui(const TestFolder& folder)
      : packets_path_(folder / "packets"), in_path_(folder / "in"), out_path_(folder / "out") {
    for (const std::string& path : {packets_path_, in_path_, out_path_})
      checked("mkfifo", ::mkfifo(path.c_str(), 0600));
    packets_ = OwnedFd{checked("open", ::open(packets_path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC))};
    in_ = OwnedFd{checked("open", ::open(in_path_.c_str(), O_RDWR | O_CLOEXEC))};
    out_ = OwnedFd{checked("open", ::open(out_path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC))};
  }
  std::vector<std::string> capture(const std::string& interface) const {
    return {extcap_program(),      "--capture", "--extcap-interface",   interface, "--fifo", packets_path_,
            "--extcap-control-in", in_path_,    "--extcap-control-out", out_path_};
  }
  void press(char control) const {
    const char message[] = {'T', 0, 0, 2, control, 1};
    checked("press", ::write(in_.get(), message, sizeof message));
  }
  // Packet blocks that have come within that time; fewer if there are no more.
  int packets_within(int timeout_ms) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{timeout_ms};
    while (std::chrono::steady_clock::now() < deadline) {
      pollfd readable{packets_.get(), POLLIN, 0};
      ::poll(&readable, 1, 20);
      char buffer[4096];
      const ssize_t count = ::read(packets_.get(), buffer, sizeof buffer);
      if (count > 0) bytes_.append(buffer, static_cast<std::size_t>(count));
    }
    return packet_blocks();
  }
  void close() { packets_.reset(); }

 private:
  int packet_blocks() const {
    const auto word = [&](std::size_t at) {
      std::uint32_t value = 0;
      std::memcpy(&value, bytes_.data() + at, sizeof value);
      return value;
    };
    int blocks = 0;
    for (std::size_t at = 0; at + 8 <= bytes_.size() && word(at + 4) >= 12; at += word(at + 4)) blocks += word(at) == 6;
    return blocks;
  }

  std::string packets_path_;
  std::string in_path_;
  std::string out_path_;
  OwnedFd packets_;
  OwnedFd in_;
  OwnedFd out_;
  std::string bytes_;
};

}  // namespace

TEST_CASE("tshark replays a reel from Wireshark's list as its export has it", "[extcap]") {
  const TestFolder folder;
  record_pings(folder);
  install(folder);
  const auto listed = run_program(at_home(folder, {"tshark", "-D"}), folder.path());
  CHECK(listed.out.find("labreel:pings.reel") != std::string::npos);
  REQUIRE(labreel({"export", "pings.reel", "-o", "pings.pcapng"}, folder.path()).status == 0);
  const auto exported = run_program(packets({"-r", "pings.pcapng"}), folder.path());
  const auto captured = run_program(at_home(folder, packets({"-i", "labreel:pings.reel"})), folder.path(), 60);
  INFO(captured.err);
  CHECK(captured.status == 0);
  CHECK(lines_of(exported.out).size() > 12);
  CHECK(captured.out == exported.out);
}

TEST_CASE("install and remove leave alone what labreel did not put there, but for --force", "[extcap]") {
  const TestFolder folder;
  const auto extcap = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {labreel_binary(), "extcap"});
    return run_program(at_home(folder, words));
  };
  const std::filesystem::path place = folder / ".config/wireshark/extcap/labreel-extcap";
  std::filesystem::create_directories(place.parent_path());
  folder.write(".config/wireshark/extcap/labreel-extcap", "#!/bin/sh\n# somebody's own\n");
  for (const char* const verb : {"install", "remove"}) {
    const auto refused = extcap({verb});
    INFO(refused.err);
    CHECK(refused.status == 2);
    CHECK(refused.err.find("not a link that labreel made") != std::string::npos);
    CHECK(refused.err.find("--force") != std::string::npos);
    CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(place)));
  }
  CHECK(extcap({"install", "--force"}).status == 0);
  CHECK(std::filesystem::read_symlink(place) == extcap_program());
  CHECK(extcap({"install"}).status == 0);  // over our own link
  CHECK(extcap({"remove"}).status == 0);
  CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(place)));
  CHECK(extcap({"remove"}).status == 0);  // nothing is there

  std::filesystem::create_symlink("/usr/bin/somebody", place);
  CHECK(extcap({"install"}).status == 2);
  CHECK(std::filesystem::read_symlink(place) == "/usr/bin/somebody");
  std::filesystem::remove(place);
  std::filesystem::create_symlink("/gone/libexec/labreel/labreel-extcap", place);  // of a labreel that was moved
  CHECK(extcap({"install"}).status == 0);
  CHECK(std::filesystem::read_symlink(place) == extcap_program());
}

TEST_CASE("a capture filter holds, and a bad one is an error in tshark's hands", "[extcap]") {
  const TestFolder folder;
  record_pings(folder);
  install(folder);
  const auto arp = run_program(at_home(folder, packets({"-i", "labreel:pings.reel", "-f", "icmp"})), folder.path(), 60);
  CHECK(lines_of(arp.out).size() == 12);  // three pings and their answers, each at two ports
  const auto bad =
      run_program(at_home(folder, packets({"-i", "labreel:pings.reel", "-f", "icmpp"})), folder.path(), 60);
  INFO(bad.err);
  CHECK(bad.err.find("filter \"icmpp\"") != std::string::npos);  // tshark's own exit code is 0 by then
  const auto refused =
      run_program(at_home(folder, {extcap_program(), "--capture", "--extcap-interface", "labreel:pings.reel",
                                   "--extcap-capture-filter", "icmpp", "--fifo", "/dev/null"}),
                  folder.path());
  CHECK(refused.status != 0);
  const auto judged =
      run_program({extcap_program(), "--extcap-interface", "labreel:x", "--extcap-capture-filter", "icmpp"});
  CHECK(!judged.out.empty());
  const auto gone =
      run_program({extcap_program(), "--capture", "--extcap-interface", "labreel:gone.reel", "--fifo", "/dev/null"});
  CHECK(gone.status != 0);
  CHECK(gone.err.find("gone.reel") != std::string::npos);
}

TEST_CASE("tshark sees a running lab's frames as they come, and its end", "[extcap]") {
  const TestFolder folder;
  folder.write("watched.yml", two_hosts("watched"));
  install(folder);
  BackgroundProgram lab{{labreel_binary(), "run", "watched.yml"}, folder.path()};
  REQUIRE(lab.wait_for_err("runs until it is stopped"));
  const auto listed = run_program({extcap_program(), "--extcap-interfaces"});
  CHECK(listed.out.find("{value=labreel:watched}") != std::string::npos);
  CHECK(listed.out.find("{value=labreel:watched:h2:eth0}") != std::string::npos);

  std::vector<std::string> live = packets({"-l", "-i", "labreel:watched:h2:eth0", "-f", "icmp"});
  BackgroundProgram tshark{at_home(folder, live), folder.path()};
  REQUIRE(tshark.wait_for_err("Capturing on"));
  // Until the capture has begun, frames pass unseen: ping until one is seen.
  bool seen = false;
  for (int round = 0; round < 30 && !seen; ++round) {
    REQUIRE(labreel({"exec", "h1", "--", "ping", "-c", "1", "10.0.0.2"}).status == 0);
    seen = tshark.wait_for_out("h2:eth0", 1);
  }
  CHECK(seen);
  REQUIRE(labreel({"stop"}).status == 0);
  const auto captured = tshark.wait(30);
  INFO(captured.err);
  CHECK(captured.status == 0);
  CHECK(captured.out.find("h1:eth0") == std::string::npos);
  CHECK(lab.wait().status == 0);
}

TEST_CASE("Pause, Step and Play of the toolbar hold packets back and let them go", "[extcap]") {
  const TestFolder folder;
  record_pings(folder);
  Gui gui{folder};
  gui.press(1);
  BackgroundProgram extcap{gui.capture("labreel:" + (folder / "pings.reel")), folder.path()};
  CHECK(gui.packets_within(1500) == 0);
  gui.press(2);
  CHECK(gui.packets_within(700) == 1);
  gui.press(2);
  gui.press(2);
  CHECK(gui.packets_within(700) == 3);
  gui.press(0);
  const auto ended = extcap.wait(30);
  INFO(ended.err);
  CHECK(ended.status == 0);
  CHECK(gui.packets_within(200) > 12);
}

TEST_CASE("Wireshark that is closed in the middle ends the capture, also a paused one", "[extcap]") {
  const TestFolder folder;
  record_pings(folder);
  Gui gui{folder};
  gui.press(1);
  BackgroundProgram extcap{gui.capture("labreel:" + (folder / "pings.reel")), folder.path()};
  REQUIRE(gui.packets_within(1000) == 0);
  gui.close();
  const auto ended = extcap.wait(20);
  CHECK(ended.status == 0);
  CHECK(ended.err.empty());
}

TEST_CASE("open says what is missing without Wireshark, and gives it the frame at a position", "[extcap]") {
  const TestFolder folder;
  record_pings(folder);
  const auto without = run_program({"env", "PATH=/nowhere", labreel_binary(), "open", "pings.reel"}, folder.path());
  CHECK(without.status == 4);
  CHECK(without.err.find("hint: ") != std::string::npos);
  folder.write("wireshark", "#!/bin/sh\necho \"$3|$4\"\ntshark -r \"$2\" -Y \"$4\" 2>/dev/null | head -1\n");
  ::chmod((folder / "wireshark").c_str(), 0755);
  const auto opened = run_program(
      {"env", "PATH=" + folder.path() + ":/usr/bin:/bin", labreel_binary(), "open", "pings.reel", "--at", "end"},
      folder.path());
  INFO(opened.err);
  CHECK(opened.status == 0);
  CHECK(opened.out.starts_with("-J|frame.packet_id == "));
  CHECK(lines_of(opened.out).size() == 2);
}

}  // namespace labreel::test
