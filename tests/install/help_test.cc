// What labreel says of itself when it is asked.
#include <catch2/catch.hpp>

#include "tests/install/verbs.h"

namespace labreel::test {
namespace {

// The examples under a verb's help, without what they do.
std::vector<std::string> examples_in(const std::string& help) {
  const std::string mark = "Example: ";
  std::vector<std::string> found;
  for (const std::string& line : lines_of(help)) {
    if (line.starts_with(mark)) found.push_back(line.substr(mark.size(), line.find("   # ") - mark.size()));
  }
  return found;
}

}  // namespace

TEST_CASE("every verb's help ends with an example, and labreel takes every example as it stands", "[help]") {
  const auto verbs = all_verbs();
  CHECK(verbs.size() > 40);
  std::string script = "labreel() { '" + labreel_binary() + "' __parse \"$@\" || echo \"refused: $*\" >&2; }\nsudo() { \"$@\"; }\n";
  for (const auto& words : verbs) {
    std::vector<std::string> asked{"help"};
    asked.insert(asked.end(), words.begin(), words.end());
    const auto help = labreel(asked);
    INFO(words.front() << " " << words.back());
    CHECK(help.status == 0);
    const auto examples = examples_in(help.out);
    CHECK_FALSE(examples.empty());
    for (const std::string& example : examples) script += example + "\n";
    CHECK(lines_of(help.out).back().starts_with("Example: "));
  }
  const auto tried = run_program({"bash", "-c", script});
  CHECK(tried.err.empty());
  CHECK(labreel({"__parse", "run"}).status == 2);  // it does look
  CHECK(labreel({"__parse", "link", "set", "r1:eth1"}).status == 2);
}

TEST_CASE("help and --help say the same, and a word that is no command is named with a suggestion", "[help]") {
  CHECK(labreel({"help"}).out == labreel({"--help"}).out);
  CHECK(labreel({"help", "events"}).out == labreel({"events", "--help"}).out);
  CHECK(labreel({"help", "link", "set"}).out == labreel({"link", "set", "--help"}).out);
  const auto wrong = labreel({"help", "link", "sett"});
  CHECK(wrong.status == 2);
  CHECK(wrong.err.find("no command sett (did you mean set?)") != std::string::npos);
}

TEST_CASE("the flag --version says what the verb version says", "[help]") {
  const auto flag = labreel({"--version"});
  CHECK(flag.status == 0);
  CHECK(flag.out == labreel({"version"}).out);
  CHECK(flag.out.starts_with("labreel "));
}

TEST_CASE("the words of link, lan and node are explained with their units", "[help]") {
  const std::string set = labreel({"link", "set", "--help"}).out;
  for (const char* const word : {"such as r1:eth1", "delay=5ms", "rate=100mbit", "queue=64KiB", "loss.out=1%"}) {
    INFO(word);
    CHECK(set.find(word) != std::string::npos);
  }
}

}  // namespace labreel::test
