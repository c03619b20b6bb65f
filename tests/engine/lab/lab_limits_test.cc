// Labs that are huge, and texts that were made to hurt. No test asserts a time: a hang is what would show.
#include <catch2/catch.hpp>
#include <random>

#include "engine/lab/lab_file.h"
#include "tests/engine/lab/lab_text.h"

using namespace labreel;
using namespace labreel::test;

namespace {

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

void check_refused(const std::string& text, const std::string& what) {
  const auto lab = parse_lab_file(text, "lab.yml");
  REQUIRE_FALSE(lab);
  CHECK(lab.error().place.rfind("lab.yml", 0) == 0);
  CHECK_THAT(lab.error().what, Catch::Contains(what));
  CHECK(lab.error().what.size() < 1'000);
}

}  // namespace

TEST_CASE("a lab of 10000 links and a lan of 10000 ports is read", "[lab]") {
  std::string text = "name: large\ntopology:\n  nodes:\n";
  for (int i = 0; i <= 10'000; ++i) text += "    n" + std::to_string(i) + ": {position: [1, 2]}\n";
  text += "  links:\n";
  for (int i = 0; i < 10'000; ++i) {
    text += "    - {endpoints: [\"n" + std::to_string(i) + ":eth1\", \"n" + std::to_string(i + 1) +
            ":eth0\"], delay: {out: 1ms, in: 2ms}, loss: 0.1%}\n";
  }
  text += "  lans:\n    all:\n      ports:\n";
  for (int i = 0; i < 10'000; ++i) text += "        - {port: \"n" + std::to_string(i) + ":eth2\", rate: 1mbit}\n";
  const auto lab = parse_lab_file(text, "lab.yml");
  if (!lab) FAIL(lab.error().place << ": " << lab.error().what);
  CHECK(lab->nodes.size() == 10'001);
  CHECK(lab->links.size() == 10'000);
  CHECK(lab->links[9'999].endpoints[1] == "n10000:eth0");
  CHECK(lab->links[9'999].out[1].delay_ns == 2'000'000);
  CHECK(lab->lans[0].ports.size() == 10'000);
  CHECK(lab->nodes[5'000].ports.size() == 3);
}

TEST_CASE("aliases that multiply are refused with the limit named", "[lab]") {
  std::string bomb = "name: a\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated(before + ", ", 9) + before + "]\n";
  }
  check_refused(bomb, "the lab file holds more than 1000000 values");
  check_refused("name: a\nx: &x " + std::string(1'000'000, 'x') + "\ny: [" + repeated("*x, ", 100) + "]\n",
                "more than 20000000 bytes of text");
}

TEST_CASE("defaults that a thousand nodes would copy are refused with the limit named", "[lab]") {
  const std::string exec = repeated("x, ", 50'000);
  for (const std::string place : {"defaults: {exec: [", "kinds: {namespace: {exec: ["}) {
    std::string text = "name: a\ntopology:\n  " + place + exec + "]" + (place[0] == 'k' ? "}" : "") + "}\n  nodes:\n";
    for (int i = 0; i < 50'000; ++i) text += "    n" + std::to_string(i) + ":\n";
    check_refused(text, "more than 4000000 values");
  }
}

TEST_CASE("deep nesting is refused with the limit named, in every style", "[lab]") {
  const std::string limit = "nested more than 32 levels deep";
  check_refused("name: " + repeated("[", 100'000) + repeated("]", 100'000), limit);
  check_refused("name: " + repeated("{a: ", 100'000) + repeated("}", 100'000), limit);
  check_refused("name: " + repeated("{a: ", 100'000), limit);
  check_refused("name:\n  " + repeated("- ", 100'000), limit);
  // Unclosed, or as keys: refused for one reason or another, but refused.
  check_refused("name: " + repeated("[", 100'000), "");
  check_refused("name: " + repeated("[a, ", 100'000), "");
  check_refused(repeated("? ", 100'000), "");
  check_refused("name: " + repeated("{? ", 100'000), "");
  check_refused(repeated(": ", 100'000), "");
  std::string indented;
  for (std::size_t i = 0; i < 1'000; ++i) indented += std::string(i, ' ') + "a:\n";
  check_refused(indented, "nested more than 32 levels deep");
}

TEST_CASE("a text with too many marks, values or bytes is refused with the limit named", "[lab]") {
  check_refused(repeated("[", 1'000'001), "more than 1000000 YAML marks");
  check_refused(repeated("a\n", 5'000'001), "longer than 10000000 bytes");
  check_refused("name: a\nx:\n" + repeated("-\n", 1'000'001), "more than 1000000 values");
}

TEST_CASE("a repeated fragment of YAML never crashes or hangs the parser", "[lab]") {
  for (const std::string part : {"[",
                                 "[\n",
                                 "{",
                                 "- ",
                                 "a\n",
                                 "? ",
                                 "&a ",
                                 "!a ",
                                 "a: b\n",
                                 "\"",
                                 "'",
                                 "a: |\n",
                                 "#\n",
                                 "%A b\n",
                                 "---\n",
                                 "...\n",
                                 "[a]: ",
                                 "*a ",
                                 "- - - -\n",
                                 ": ",
                                 ",",
                                 "]",
                                 "}",
                                 " \n",
                                 "\t",
                                 "? a\n",
                                 "[]",
                                 "{},",
                                 "<<: ",
                                 "|",
                                 ">-\n a\n",
                                 "@",
                                 "`",
                                 "\\",
                                 "%YAML 1.2\n---\n",
                                 "!<a> ",
                                 "\xef\xbb\xbf",
                                 "- {a: b}\n",
                                 "a: [b]\n",
                                 "\"\\x41\" ",
                                 "!!str "}) {
    INFO(part);
    for (const std::string before : {"", "name: [", "name: a\ntopology: {nodes: {", "scenario:\n  - "}) {
      CHECK_FALSE(parse_lab_file(before + repeated(part, 20'000 / part.size()), "lab.yml"));
    }
  }
}

TEST_CASE("no mutation of a valid lab file crashes or hangs, and each refusal has its place", "[lab]") {
  const std::string fragments[] = {"[",  "]",  "{", "}",   ":",  ": ", "- ", "\n",   "  ",
                                   "\t", "\"", "'", "&a ", "*a", "!a", "|",  ">",    "#",
                                   "?",  "%",  "~", "0",   "-1", "r1", "{{", "\xff", "99999999999999999999"};
  std::mt19937_64 random(2026);
  std::size_t accepted = 0;
  for (int round = 0; round < 5'000; ++round) {
    std::string text = kExample;
    for (std::uint64_t edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % (text.size() + 1);
      const std::size_t length = std::min<std::size_t>(random() % 12, text.size() - at);
      switch (random() % 5) {
        case 0:
          text.erase(at, length);
          break;
        case 1:
          text.insert(at, fragments[random() % std::size(fragments)]);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), random() % 60));
          break;
        case 3:
          text.resize(at);
          break;
        default:
          if (at < text.size()) text[at] = static_cast<char>(random());
          break;
      }
      if (text.empty()) text = "a";
    }
    const auto lab = parse_lab_file(text, "lab.yml");
    if (lab) {
      ++accepted;
      continue;
    }
    INFO(text);
    REQUIRE(lab.error().place.rfind("lab.yml", 0) == 0);
    REQUIRE_FALSE(lab.error().what.empty());
  }
  CHECK(accepted > 100);  // edits of comments and notes, at least
  CHECK(accepted < 5'000);
}
