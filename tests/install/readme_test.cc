// The README, word by word: its commands run in their order, as they stand, and print what it shows.
#include <catch2/catch.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <regex>

#include "tests/cli/program.h"

namespace labreel::test {
namespace {

namespace fs = std::filesystem;

struct Shown {
  std::string command;
  std::vector<std::string> printed;  // lines under it
};

// How a command is run that is no program which prints and ends. The first that a command begins with.
struct Way {
  enum Kind { never, interrupted, at_keyboard, of_frame } kind;
  std::string begin;
  std::string why;
  std::string waits_for = {};  // at_keyboard: until the screen shows this …
  std::string keys = {};       // … these are typed
  std::string then = {};       // and until this, Ctrl-C
};

const std::vector<Way> kWays{
    {Way::never, "labreel image build", "fetches packages, for minutes; tests/determinism/image_test.cc"},
    {Way::of_frame, "labreel events --trace", "which frame has that number differs from run to run"},
    {Way::interrupted, "labreel events --follow", "goes on until Ctrl-C"},
    {Way::interrupted, "labreel run samples/ospf-triangle/lab.yml --continue", "its scenario was seen to its end above"},
    {Way::at_keyboard, "labreel replay --step", "a person steps", "1", "q"},
    {Way::at_keyboard, "labreel connect", "a person types", "connected to r1", "\x1d"},
    {Way::at_keyboard, "labreel branch", "asks", "[y/N]", "y\r"},
    {Way::at_keyboard, "labreel run ospf-triangle.reel", "asks; its scenario was seen to its end above", "[y/N]", "y\r",
     "[1/15]"},
};

// Nothing if it is run to its end and its exit code looked at.
const Way* way_of(const std::string& command) {
  const auto found = std::find_if(kWays.begin(), kWays.end(), [&](const Way& way) { return command.starts_with(way.begin); });
  return found == kWays.end() ? nullptr : &*found;
}

// Lines of the README that stand in the output only if the host was so busy that frames were late.
const std::string kOfBusyHosts = "late ";

std::vector<std::string> readme() { return lines_of(read_file(source_dir() + "/README.md")); }

// The commands after "$ ", with the lines under each.
std::vector<Shown> commands() {
  std::vector<Shown> found;
  bool under = false;
  for (const std::string& line : readme()) {
    const bool is_command = line.starts_with("    $ ");
    if (is_command) {
      found.push_back({line.substr(6), {}});
    } else if (under && line.starts_with("    ")) {
      found.back().printed.push_back(line.substr(4));
    }
    under = is_command || (under && line.starts_with("    "));
  }
  return found;
}

// The first fenced block of YAML.
std::string first_lab_file() {
  std::string text;
  bool inside = false;
  for (const std::string& line : readme()) {
    if (inside && line == "```") return text;
    if (inside) text += line + "\n";
    inside = inside || line == "```yaml";
  }
  return {};
}

// Without what differs from run to run: MAC addresses, numbers, and how wide they made their columns.
std::string shape_of(const std::string& line) {
  static const std::regex mac("([0-9a-f]{2}:){5}[0-9a-f]{2}"), number("0x[0-9a-f]+|[0-9]+"), blanks("[ \t]+"), end(" +$");
  const std::string without_macs = std::regex_replace(line, mac, "MAC");
  return std::regex_replace(std::regex_replace(std::regex_replace(without_macs, number, "N"), blanks, " "), end, "");
}

// Does a line look as the README shows it? Within a line, too, "…" is anything.
bool looks_like(const std::string& printed, const std::string& shown) {
  std::string pattern = std::regex_replace(shape_of(shown), std::regex(R"([.*+?^${}()|[\]\\])"), R"(\$&)");
  pattern = std::regex_replace(pattern, std::regex(" ?…"), ".*");
  return std::regex_match(shape_of(printed), std::regex(pattern));
}

// Is what was printed what the README shows?
void compare(const std::vector<std::string>& shown, const std::vector<std::string>& printed) {
  bool may_skip = false;
  std::size_t at = 0;
  for (const std::string& line : shown) {
    if (line == "…") {
      may_skip = true;
      continue;
    }
    std::size_t found = at;
    while (may_skip && found < printed.size() && !looks_like(printed[found], line)) ++found;
    const bool is_there = found < printed.size() && looks_like(printed[found], line);
    if (!is_there && line.starts_with(kOfBusyHosts)) continue;
    INFO("the README shows: " << line << "\nprinted: " << (found < printed.size() ? printed[found] : "nothing more"));
    REQUIRE(is_there);
    may_skip = false;
    at = found + 1;
  }
  INFO("printed, and not in the README: " << (at < printed.size() ? printed[at] : ""));
  CHECK((shown.empty() || may_skip || at == printed.size()));
}

// A folder as a reader of the README has it: the samples, labreel in PATH, a home of one's own, and a Wireshark that says
// nothing.
class Reader {
 public:
  Reader() {
    const char* const cache = std::getenv("XDG_CACHE_HOME");
    const char* const home = std::getenv("HOME");
    const std::string kernels = cache != nullptr ? cache : std::string{home != nullptr ? home : "/root"} + "/.cache";
    fs::create_directories(folder_ / "home/bin");
    fs::create_directory_symlink(source_dir() + "/samples", folder_ / "samples");
    fs::create_symlink(labreel_binary(), folder_ / "home/bin/labreel");
    fs::create_symlink("/bin/true", folder_ / "home/bin/wireshark");
    folder_.write("first.yml", first_lab_file());
    settings_ = "exec 2>&1\nexport HOME='" + (folder_ / "home") + "' XDG_CACHE_HOME='" + kernels +
                "' TERM=xterm\nexport PATH=\"$HOME/bin:$PATH\"\nunset LABREEL_REELS LABREEL_LAB\n";
  }

  // Returns what it printed, on either stream.
  std::vector<std::string> run(const Shown& shown) {
    const std::string& command = shown.command;
    const Way* const way = way_of(command);
    if (way == nullptr) return run_to_end(command);
    if (way->kind == Way::of_frame) return run_to_end(of_frame_here(shown));
    return way->kind == Way::interrupted ? run_interrupted(command) : run_at_keyboard(*way, command);
  }

 private:
  std::vector<std::string> shell(const std::string& command) const { return {"bash", "-c", settings_ + command}; }

  std::vector<std::string> run_to_end(const std::string& command) {
    const auto ran = run_program(shell(command), folder_.path());
    INFO(command << "\n" << ran.out);
    // diff(1) answers so, too.
    CHECK(ran.status == (command.starts_with("labreel diff a.reel") ? 1 : 0));
    return lines_of(ran.out);
  }

  // The command with the number that the frame which the README shows has in this recording.
  std::string of_frame_here(const Shown& shown) {
    static const std::regex number("[0-9]+");
    for (const std::string& line : run_to_end("labreel events --kind frame")) {
      const auto is_it = [&](const std::string& wanted) { return wanted != "…" && looks_like(line, wanted); };
      std::smatch found;
      if (std::none_of(shown.printed.begin(), shown.printed.end(), is_it) || !std::regex_search(line, found, number)) continue;
      return std::regex_replace(shown.command, std::regex("--trace [0-9]+"), "--trace " + found.str());
    }
    FAIL("no frame of this recording looks as the README's trace shows it");
    return {};
  }

  // Once it has begun to print, in a process group of its own, as a terminal's Ctrl-C reaches all of one.
  std::vector<std::string> run_interrupted(const std::string& command) {
    TerminalProgram program{shell(command), folder_.path()};
    CHECK(program.shows("\n"));
    CHECK(program.shows(command.find("--continue") == std::string::npos ? "\n" : "[1/15]"));
    program.type("\x03");
    INFO(command << "\n" << program.screen());
    CHECK(program.wait() % 128 <= 2);  // 0, 130, or by the shell
    return {};
  }

  std::vector<std::string> run_at_keyboard(const Way& way, const std::string& command) {
    TerminalProgram program{shell(command), folder_.path()};
    INFO(command << "\n" << program.screen());
    REQUIRE(program.shows(way.waits_for));
    program.type(way.keys);
    if (!way.then.empty()) {
      REQUIRE(program.shows(way.then));
      program.type("\x03");
    }
    const int status = program.wait(120);
    CHECK(status == (way.then.empty() ? 0 : 130));
    return lines_of(std::regex_replace(program.screen(), std::regex("\r|\x1b\\[[0-9;?]*[A-Za-z]"), ""));
  }

  TestFolder folder_;
  std::string settings_;
};

}  // namespace

TEST_CASE("the README's commands run in their order as they stand, and print what it shows", "[readme]") {
  REQUIRE(first_lab_file().starts_with("name: first\n"));
  const auto shown_commands = commands();
  REQUIRE(shown_commands.size() > 40);
  Reader reader;
  for (const Shown& shown : shown_commands) {
    if (const Way* const way = way_of(shown.command); way != nullptr && way->kind == Way::never) continue;
    INFO("$ " << shown.command);
    compare(shown.printed, reader.run(shown));
  }
}

TEST_CASE("each command of the README that is run otherwise than it stands is one of it", "[readme]") {
  const auto all = commands();
  for (const Way& way : kWays) {
    INFO(way.begin << ": " << way.why);
    CHECK(std::any_of(all.begin(), all.end(), [&](const Shown& shown) { return shown.command.starts_with(way.begin); }));
  }
}

TEST_CASE("labreel takes every command of the README as it stands", "[readme]") {
  const TestFolder folder;
  // The other programs of these lines are not what is looked at.
  std::string script = "labreel() { '" + labreel_binary() + "' __parse \"$@\" || echo \"refused: $*\" >&2; }\n";
  for (const char* const other : {"wireshark", "tshark", "sed", "grep", "head"}) {
    script += std::string{other} + "() { [ -t 0 ] || cat >/dev/null; }\n";
  }
  for (const Shown& shown : commands()) script += shown.command + "\n";
  const auto tried = run_program({"bash", "-c", "exec </dev/null\n" + script}, folder.path());
  CHECK(tried.err == "");
}

}  // namespace labreel::test
