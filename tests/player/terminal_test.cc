// `labreel replay` as a person meets it: in a terminal (tmux holds it), in a pipe, with reels that are damaged.
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "engine/core/fabric.h"
#include "store/reel_writer.h"
#include "tests/cli/program.h"
#include "tests/player/player_reel.h"

namespace labreel::test {
namespace {

void write_small_reel(const std::string& path, bool sealed = true) {
  const auto writer = ReelWriter::create(path);
  SmallLab{*writer}.record();
  if (sealed) writer->seal();
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A shell in a terminal of 80x24, on a tmux server of its own.
class Tmux {
 public:
  explicit Tmux(const TestFolder& folder) : folder_(folder.path()), socket_(folder / "tmux") {
    REQUIRE(run({"-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", "env", "PS1=ready> ", "ENV=", "sh"}).status == 0);
    REQUIRE(shows("ready>"));
  }
  ~Tmux() { run({"kill-server"}); }
  Tmux(const Tmux&) = delete;
  Tmux& operator=(const Tmux&) = delete;

  ProgramResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"tmux", "-S", socket_});
    return run_program(arguments, folder_, 20);
  }
  void type(const std::string& text) const { REQUIRE(run({"send-keys", "-l", text}).status == 0); }
  void key(const std::string& name) const { REQUIRE(run({"send-keys", name}).status == 0); }
  void enter(const std::string& line) const {
    type(line);
    key("Enter");
  }
  std::string screen() const { return run({"capture-pane", "-p"}).out; }
  bool shows(const std::string& text) const {
    return waits_for_screen([&](const std::string& shown) { return has(shown, text); });
  }
  // Waits for the shell's prompt: the player that is ending throws away what is typed before.
  bool prompts() const {
    return waits_for_screen([](std::string shown) {
      shown.erase(shown.find_last_not_of(" \n") + 1);
      return shown.substr(shown.rfind('\n') + 1) == "ready>";
    });
  }
  // The shell answers, and the terminal echoes and edits lines as before.
  void check_restored(const std::string& status) const {
    REQUIRE(prompts());
    enter("echo status $?; stty -a | tr ';' '\\n' | grep -oE -- '-?(icanon|echo)\\b' | tr '\\n' ' '");
    CHECK(shows("status " + status));
    CHECK(shows("icanon echo"));
    CHECK_FALSE(has(screen(), "-icanon"));
  }

 private:
  bool waits_for_screen(const std::function<bool(const std::string&)>& holds) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (std::chrono::steady_clock::now() < end) {
      if (holds(screen())) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    UNSCOPED_INFO("the screen:\n" << screen());
    return false;
  }

  std::string folder_;
  std::string socket_;
};

}  // namespace

TEST_CASE("stepping in a terminal: forwards, back, markers, go to, the picture, help and quit", "[player]") {
  const TestFolder folder;
  write_small_reel(folder / "small.reel");
  const Tmux tmux{folder};
  tmux.enter(labreel_binary() + " replay small.reel --step");
  REQUIRE(tmux.shows("event 1 of 20"));
  CHECK(tmux.shows("view level"));
  tmux.key("Space");
  tmux.key("Enter");
  tmux.key("Right");
  REQUIRE(tmux.shows("event 4 of 20"));
  tmux.key("Left");
  REQUIRE(tmux.shows("event 3 of 20"));
  tmux.type("]");
  REQUIRE(tmux.shows("the first ping"));
  tmux.enter("g12");
  REQUIRE(tmux.shows("dropped, link-down"));
  tmux.type("t");
  REQUIRE(tmux.shows("link h1:eth0 -- h2:eth0  up"));
  tmux.type("?");
  REQUIRE(tmux.shows("this page"));
  tmux.type("?");
  REQUIRE(tmux.shows("> "));
  tmux.enter("/arp");
  REQUIRE(tmux.shows("only: arp"));
  tmux.enter("gnowhere");
  REQUIRE(tmux.shows("there is no marker"));
  tmux.type("q");
  tmux.check_restored("0");
}

TEST_CASE("the page follows the terminal's size", "[player]") {
  const TestFolder folder;
  write_small_reel(folder / "small.reel");
  const Tmux tmux{folder};
  tmux.enter(labreel_binary() + " replay small.reel --step --from end");
  REQUIRE(tmux.shows("lab.ended"));
  REQUIRE(tmux.shows("lab.begun"));  // 20 events fit
  REQUIRE(tmux.run({"resize-window", "-x", "40", "-y", "6"}).status == 0);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (has(tmux.screen(), "exec.output") && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  CHECK_FALSE(has(tmux.screen(), "exec.output"));  // what led here has less room
  CHECK(tmux.shows("lab.ended"));
  tmux.key("C-c");
  REQUIRE(tmux.run({"resize-window", "-x", "80", "-y", "24"}).status == 0);
  tmux.check_restored("130");
}

TEST_CASE("the terminal is as before after Ctrl-C, and after a kill", "[player]") {
  const TestFolder folder;
  write_small_reel(folder / "small.reel");
  const Tmux tmux{folder};
  tmux.enter(labreel_binary() + " replay small.reel --step");
  REQUIRE(tmux.shows("event 1 of 20"));
  tmux.key("C-c");
  tmux.check_restored("130");
  tmux.enter("clear");
  tmux.enter(labreel_binary() + " replay small.reel --step");
  REQUIRE(tmux.shows("event 1 of 20"));
  const std::string shell = tmux.run({"display-message", "-p", "#{pane_pid}"}).out;
  const std::string child = run_program({"pgrep", "-P", shell.substr(0, shell.find('\n')), "labreel"}, ".", 20).out;
  REQUIRE_FALSE(child.empty());
  REQUIRE(::kill(std::stoi(child), SIGTERM) == 0);
  tmux.check_restored("130");
}

TEST_CASE("stepping without a terminal is refused with the way to go", "[player]") {
  const TestFolder folder;
  write_small_reel(folder / "small.reel");
  const auto refused = labreel({"replay", "small.reel", "--step"}, folder.path());
  CHECK(refused.status == 2);
  CHECK(has(refused.err, "--step needs a terminal"));
  CHECK(has(refused.err, "hint: "));
  CHECK(refused.out.empty());
}

TEST_CASE("playing prints what events prints, says its level and how late it was", "[player]") {
  const TestFolder folder;
  write_small_reel(folder / "small.reel");
  const auto events = labreel({"events", "small.reel"}, folder.path());
  const auto fast = labreel({"replay", "small.reel", "--speed", "max"}, folder.path());
  CHECK(fast.status == 0);
  CHECK(fast.out == events.out);
  CHECK(has(fast.err, "view level"));
  CHECK(has(fast.err, "played 20 events"));
  CHECK_FALSE(has(fast.err, "late by"));
  const auto begun = std::chrono::steady_clock::now();
  const auto paced = labreel({"replay", "small.reel"}, folder.path());
  CHECK(std::chrono::steady_clock::now() - begun >= std::chrono::milliseconds{500});
  CHECK(paced.out == events.out);
  CHECK(has(paced.err, "late by p50 "));
  const auto part = labreel({"replay", "small.reel", "--speed", "100", "--from", "10", "--to", "start#2"}, folder.path());
  CHECK(part.out == labreel({"events", "small.reel", "--from", "10", "--to", "start#2"}, folder.path()).out);
}

TEST_CASE("a node's consoles and commands play as its terminal had them", "[player]") {
  const TestFolder folder;
  write_small_reel(folder / "small.reel");
  const auto one = labreel({"replay", "small.reel", "--console", "h1", "--speed", "max"}, folder.path());
  CHECK(one.out == "64 bytes from 10.0.0.2\n");
  CHECK(labreel({"replay", "small.reel", "--console", "h2", "--speed", "max"}, folder.path()).out == "h2 login: ");
  const auto unknown = labreel({"replay", "small.reel", "--console", "h3"}, folder.path());
  CHECK(unknown.status == 2);
  CHECK(has(unknown.err, "did you mean h1?"));
}

TEST_CASE("a stranger's console cannot steer a terminal, but a pipe and --raw get its bytes", "[player]") {
  const TestFolder folder;
  const std::string hostile = "\x1b[31mred\x1b[0m \x1b]2;PWNED\x07\x1b[2J\x1b[6nafter\n";
  {
    const auto writer = ReelWriter::create(folder / "evil.reel");
    writer->append({}, {}, LabBegun{"evil", "name: evil\n", "evil.yml", 1, "real", kFabricVersion});
    writer->append({}, {}, NodeAdded{NodeId{0}, "h1", "namespace", {}});
    writer->append({}, {}, Console{NodeId{0}, false, hostile});
    writer->append({}, {}, LabEnded{"stopped"});
    writer->seal();
  }
  const std::vector<std::string> replay{"replay", "evil.reel", "--console", "h1", "--speed", "max"};
  CHECK(labreel(replay, folder.path()).out == hostile);

  const Tmux tmux{folder};
  tmux.enter(labreel_binary() + " replay evil.reel --console h1 --speed max 2>/dev/null; echo sta''tus $?");
  REQUIRE(tmux.shows("status 0"));
  CHECK(has(tmux.screen(), "red \\x1b]2;PWNED\\x07\\x1b[2J\\x1b[6nafter"));
  CHECK(has(tmux.run({"capture-pane", "-p", "-e"}).out, "\x1b[31mred"));
  CHECK_FALSE(has(tmux.run({"display-message", "-p", "#{pane_title}"}).out, "PWNED"));
  tmux.enter("clear; " + labreel_binary() + " replay evil.reel --console h1 --speed max --raw 2>/dev/null");
  REQUIRE(tmux.shows("after"));
  CHECK_FALSE(has(tmux.screen(), "red"));  // cleared by the reel: as it was
  CHECK(has(tmux.run({"display-message", "-p", "#{pane_title}"}).out, "PWNED"));
  CHECK(labreel({"replay", "evil.reel", "--raw"}, folder.path()).status == 2);
}

TEST_CASE("speeds and positions that are none are refused", "[player]") {
  const TestFolder folder;
  write_small_reel(folder / "small.reel");
  for (const char* wrong : {"0", "-1", "fast", "nan", "inf", "1e999", "2x", ""}) {
    const auto refused = labreel({"replay", "small.reel", std::string{"--speed="} + wrong}, folder.path());
    INFO(wrong << ": " << refused.err);
    CHECK(refused.status == 2);
    CHECK(has(refused.err, "hint: "));
  }
  CHECK(labreel({"replay", "small.reel", "--from", "99"}, folder.path()).status == 2);
  CHECK(has(labreel({"replay", "small.reel", "--from", "strat"}, folder.path()).err, "did you mean start?"));
  CHECK(labreel({"replay", "nothing.reel"}, folder.path()).status == 3);
}

TEST_CASE("Ctrl-C ends the playing at once, and it still says how it went", "[player]") {
  const TestFolder folder;
  write_small_reel(folder / "small.reel");
  BackgroundProgram slow{{labreel_binary(), "replay", "small.reel", "--speed", "0.001"}, folder.path()};
  REQUIRE(slow.wait_for_out("link.added"));
  slow.signal(SIGINT);
  const auto ended = slow.wait(20);
  CHECK(ended.status == 130);
  CHECK(has(ended.err, "played "));
}

TEST_CASE("a cut-off reel plays and steps to its last event, and its end is said", "[player]") {
  const TestFolder folder;
  write_small_reel(folder / "cut.reel", false);
  const auto played = labreel({"replay", "cut.reel", "--speed", "max"}, folder.path());
  INFO(played.err);
  CHECK(played.status == 0);
  CHECK(has(played.out, "lab.ended"));
  CHECK(has(played.err, "labreel: cut.reel: "));
  const Tmux tmux{folder};
  tmux.enter(labreel_binary() + " replay cut.reel --step --from end");
  REQUIRE(tmux.shows("lab.ended"));
  tmux.key("Space");
  CHECK(tmux.shows("this is the last event: "));
  tmux.type("q");
  tmux.check_restored("0");
}

}  // namespace labreel::test
