// LAB_FILE.md against the parser: every key that the parser knows is there, and every example parses.
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "engine/core/cable_table.h"
#include "engine/core/node_kinds.h"
#include "engine/core/units.h"
#include "engine/lab/lab_file.h"
#include "engine/lab/lab_verbs.h"
#include "tests/places.h"

namespace labreel::test {
namespace {

using Keys = std::set<std::string>;

struct Section {
  std::string title;
  Keys keys;                          // of its table
  std::vector<std::string> examples;  // its yaml blocks
};

// The keys in backquotes of a table's row, whose other cells must say something: value, default (needed but for steps,
// which have none), meaning.
Keys keys_of_row(const std::string& row) {
  const std::string cell = row.substr(1, row.find('|', 1) - 1);
  static const std::regex quoted("`([a-z_]+)`");
  Keys keys;
  for (std::sregex_iterator found(cell.begin(), cell.end(), quoted), end; found != end; ++found) keys.insert((*found)[1]);
  return keys;
}

std::vector<Section> read_reference() {
  std::ifstream in(source_dir() + "/engine/lab/LAB_FILE.md");
  REQUIRE(in);
  std::vector<Section> sections{{}};
  bool in_example = false;
  for (std::string line; std::getline(in, line);) {
    Section& section = sections.back();
    if (line == "```") {
      in_example = false;
    } else if (line == "```yaml") {
      in_example = true;
      section.examples.emplace_back();
    } else if (in_example) {
      section.examples.back() += line + "\n";
    } else if (line.starts_with("## ")) {
      sections.push_back({line.substr(3), {}, {}});
    } else if (line.starts_with("| `")) {
      section.keys.merge(keys_of_row(line));
    }
  }
  return sections;
}

// The example with what it leaves out: every example says what it speaks of, and the rest is this lab's.
std::string whole_lab(const std::string& example) {
  std::string lab = example;
  const auto has = [&](const std::string& key) { return ("\n" + lab).find("\n" + key) != std::string::npos; };
  if (!has("name:")) lab += "name: example\n";
  if (!has("topology:")) {
    lab +=
        "topology:\n  nodes: {r1: {}, r2: {}, h1: {}, h2: {}}\n"
        "  links: [{endpoints: [\"r1:eth1\", \"r2:eth1\"]}]\n"
        "  lans: {office: {ports: [\"h1:eth0\", \"h2:eth0\"]}}\n";
  }
  return lab;
}

// The keys that the parser names when it is given one that it does not know.
Keys known_keys(const std::string& broken) {
  const auto lab = parse_lab_file(whole_lab(broken), "lab.yml");
  INFO(broken);
  REQUIRE_FALSE(lab);
  INFO(lab.error().what << " / " << lab.error().hint);
  REQUIRE(lab.error().what.find("no key \"zzz\"") != std::string::npos);
  const std::string& hint = lab.error().hint;
  std::istringstream words(hint.substr(hint.find(" has: ") + 6));
  Keys keys;
  for (std::string key; std::getline(words, key, ',');) keys.insert(key.substr(key.find_first_not_of(' ')));
  return keys;
}

std::string step(const std::string& text) { return "scenario: [" + text + "]\n"; }
std::string topology(const std::string& text) { return "topology: {nodes: {r1: {}}, " + text + "}\n"; }

// A lab file for each section, in which the parser meets a key zzz.
const std::map<std::string, std::string>& broken_files() {
  static const std::map<std::string, std::string> files{
      {"The file", "zzz: 1\n"},
      {"Topology", topology("zzz: 1")},
      {"Defaults", topology("defaults: {zzz: 1}")},
      {"Kinds", topology("kinds: {namespace: {zzz: 1}}")},
      {"A node", "topology: {nodes: {r1: {zzz: 1}}}\n"},
      {"A port", "topology: {nodes: {r1: {ports: {eth1: {zzz: 1}}}}}\n"},
      {"A link", topology("links: [{zzz: 1}]")},
      {"A direction", step("link: {set: \"r1:eth1\", loss: {zzz: 1%}}")},
      {"A lan", topology("lans: {office: {zzz: 1}}")},
      {"A port of a lan", topology("lans: {office: {ports: [{zzz: 1}]}}")},
      {"A step", step("zzz: 1")},
      {"wait", step("wait: {zzz: 1}")},
      {"expect", step("expect: {zzz: 1}")},
      {"mark", step("mark: {zzz: 1}")},
      {"link", step("link: {zzz: 1}")},
      {"node", step("node: {zzz: 1}")},
      {"lan", step("lan: {zzz: 1}")},
      {"exec", step("exec: {zzz: 1}")},
      {"flap", step("flap: {zzz: 1}")},
      {"ramp", step("ramp: {zzz: 1}")},
      {"A range", step("ramp: {port: \"r1:eth1\", over: 1s, loss: {zzz: 1}}")},
      {"repeat", step("repeat: {zzz: 1}")},
      {"A watch", "watch: [{zzz: 1}]\n"},
  };
  return files;
}

}  // namespace

TEST_CASE("the lab file reference has exactly the keys that the parser knows, and an example of each", "[lab]") {
  std::size_t found = 0;
  for (const Section& section : read_reference()) {
    const auto broken = broken_files().find(section.title);
    INFO("## " << section.title);
    if (broken == broken_files().end()) {
      CHECK(section.keys.empty());  // a table of keys that nobody holds against the parser
      continue;
    }
    ++found;
    CHECK(section.keys == known_keys(broken->second));
    std::string examples;
    for (const std::string& example : section.examples) examples += example;
    for (const std::string& key : section.keys) {
      INFO(key);
      CHECK(std::regex_search(examples, std::regex("(^|[^A-Za-z_])" + key + ":")));
    }
  }
  CHECK(found == broken_files().size());
}

TEST_CASE("the lab file reference says of each setting of a cable what its table says", "[lab]") {
  std::ifstream in(source_dir() + "/engine/lab/LAB_FILE.md");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::map<CableUnit, std::string> nouns{
      {CableUnit::time, "duration"}, {CableUnit::rate, "rate"}, {CableUnit::size, "size"}, {CableUnit::probability, "chance"}};
  std::string rows;
  for (const CableSetting& setting : kCableSettings) {
    const std::uint64_t plain = setting.value_of(CableSettings{});
    std::string value = "`" + (plain == 0 ? "0" : setting.print(plain)) + "`";
    if (setting.unit == CableUnit::rate) value = "no limit";
    rows += "| `" + std::string(setting.key) + "` | " + nouns.at(setting.unit) + " | " + value + " | " + std::string(setting.help) + " |\n";
  }
  INFO(rows);
  CHECK(text.find(rows) != std::string::npos);
}

TEST_CASE("the lab file reference says of each setting of a node what its kind's table says", "[lab]") {
  std::ifstream in(source_dir() + "/engine/lab/LAB_FILE.md");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  for (const NodeKindFacts& facts : kNodeKinds) {
    for (const NodeSettingFacts& setting : facts.settings) {
      const std::string row = "| `" + std::string(setting.key) + "` | size from `" + format_size(setting.least) + "` to `" +
                              format_size(setting.most) + "` | `" + format_size(setting.unset) + "` | with kind `" +
                              std::string(NodeKind(facts.kind).text()) + "`: " + std::string(setting.help) + " |\n";
      INFO(row);
      CHECK(text.find(row) != std::string::npos);
    }
  }
}

TEST_CASE("the lab file reference has a row for each action of a step that is a verb", "[lab]") {
  for (const Section& section : read_reference()) {
    if (section.title != "link" && section.title != "lan" && section.title != "node") continue;
    for (const LabVerb& verb : kLabVerbs) {
      if (verb.group() != section.title) continue;
      INFO(verb.name);
      CHECK(section.keys.contains(std::string(verb.action())));
    }
  }
}

TEST_CASE("every example of the lab file reference is a lab that runs, with what it leaves out", "[lab]") {
  std::size_t examples = 0;
  for (const Section& section : read_reference()) {
    for (const std::string& example : section.examples) {
      INFO("## " << section.title << "\n" << example);
      const auto lab = parse_lab_file(whole_lab(example), "lab.yml");
      if (!lab) FAIL(lab.error().place << ": " << lab.error().what);
      ++examples;
    }
  }
  CHECK(examples > broken_files().size());
}

TEST_CASE("the defaults that the lab file reference names are those of the parser", "[lab]") {
  const std::map<std::string, std::string> defaults{
      {"| `seed` |", "`1`"},      {"| `clock` |", "`real`"},    {"| `queue` |", "`64KiB`"}, {"| `mac_limit` |", "`4096`"},
      {"| `ageing` |", "`5m`"},   {"| `timeout` |", "`60s`"},   {"| `down` | duration |", "`1s`"},
      {"| `up` | duration |", "`1s`"},
      {"| `steps` | number", "`10`"}, {"| `every` | duration of", "`500ms`"}};
  const auto parsed = parse_lab_file(
      whole_lab("scenario:\n  - wait: {node: r1, run: x}\n  - flap: {port: \"r1:eth1\", times: 1}\n"
                "  - ramp: {port: \"r1:eth1\", loss: {from: 0, to: 1%}, over: 1s}\nwatch: [{name: w, node: r1, run: x}]\n"),
      "lab.yml");
  REQUIRE(parsed);
  CHECK(parsed->seed == 1);
  CHECK(parsed->clock == "real");
  CHECK(parsed->links[0].out[0].queue_bytes == 64 * 1024);
  CHECK(parsed->lans[0].mac_limit == 4096);
  CHECK(parsed->lans[0].ageing_ns == 300'000'000'000);
  CHECK(std::get<WaitStep>(parsed->scenario[0].action).timeout_ns == 60'000'000'000);
  CHECK(std::get<FlapStep>(parsed->scenario[1].action).down_ns == 1'000'000'000);
  CHECK(std::get<FlapStep>(parsed->scenario[1].action).up_ns == 1'000'000'000);
  CHECK(std::get<RampStep>(parsed->scenario[2].action).steps == 10);
  CHECK(parsed->watches[0].every_ns == 500'000'000);
  std::ifstream in(source_dir() + "/engine/lab/LAB_FILE.md");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  for (const auto& [row, value] : defaults) {
    INFO(row);
    const std::size_t at = text.find(row);
    REQUIRE(at != std::string::npos);
    CHECK(text.substr(at, text.find('\n', at) - at).find(value) != std::string::npos);
  }
}

}  // namespace labreel::test
