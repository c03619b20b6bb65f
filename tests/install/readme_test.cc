// The README, word by word: its first lab runs and prints what stands there, and labreel takes each of its commands.
#include <catch2/catch.hpp>
#include <regex>

#include "tests/cli/program.h"

namespace labreel::test {
namespace {

struct Shown {
  std::string command;
  std::vector<std::string> printed;  // lines under it
};

std::vector<std::string> readme() { return lines_of(read_file(source_dir() + "/README.md")); }

// The commands after "$ " in a section, or in all of it, with the lines under each.
std::vector<Shown> commands_of(const std::string& section) {
  std::vector<Shown> found;
  bool inside = section.empty();
  bool under = false;
  for (const std::string& line : readme()) {
    if (line.starts_with("## ") && !section.empty()) inside = line == "## " + section;
    if (!inside) continue;
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

// Without what differs from run to run: numbers, and how wide they made their columns.
std::string without_numbers(const std::string& line) {
  static const std::regex number("0x[0-9a-f]+|[0-9]+(\\.[0-9]+)?"), blanks(" +");
  return std::regex_replace(std::regex_replace(line, number, "N"), blanks, " ");
}

const std::string kLabreel = "labreel() { '" + labreel_binary() + "' ";

}  // namespace

TEST_CASE("the README's first lab runs as it stands there, and prints what is shown", "[readme]") {
  const TestFolder folder;
  const std::string lab = first_lab_file();
  REQUIRE(lab.starts_with("name: first\n"));
  folder.write("first.yml", lab);
  const auto commands = commands_of("A lab, whole");
  REQUIRE(commands.size() >= 4);
  for (const Shown& shown : commands) {
    const auto ran = run_program({"bash", "-c", kLabreel + "\"$@\"; }\n" + shown.command + " 2>&1"}, folder.path());
    INFO(shown.command << "\n" << ran.out);
    CHECK(ran.status == 0);
    const auto printed = lines_of(ran.out);
    auto at = printed.begin();
    for (const std::string& line : shown.printed) {
      if (line == "…") continue;
      INFO(line);
      at = std::find_if(at, printed.end(), [&](const std::string& other) { return without_numbers(other) == without_numbers(line); });
      REQUIRE(at != printed.end());
      ++at;
    }
  }
}

TEST_CASE("labreel takes every command of the README as it stands", "[readme]") {
  const TestFolder folder;
  const auto commands = commands_of({});
  CHECK(commands.size() > 40);
  // The other programs of these lines are not what is looked at.
  std::string script = kLabreel + "__parse \"$@\" || echo \"refused: $*\" >&2; }\n";
  for (const char* const other : {"wireshark", "tshark", "sed", "grep", "head"}) {
    script += std::string{other} + "() { [ -t 0 ] || cat >/dev/null; }\n";
  }
  for (const Shown& shown : commands) script += shown.command + "\n";
  const auto tried = run_program({"bash", "-c", "exec </dev/null\n" + script}, folder.path());
  CHECK(tried.err == "");
}

}  // namespace labreel::test
