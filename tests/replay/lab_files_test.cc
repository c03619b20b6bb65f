// Pictures and lab files of a lab whose names somebody chose to steer their readers.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <yaml-cpp/yaml.h>

#include "engine/core/cable_table.h"
#include "engine/lab/yaml/lab_to_yaml.h"
#include "engine/lab/yaml/lab_yaml_parts.h"
#include "engine/text/json_writer.h"
#include "engine/text/text.h"
#include "replay/projection/lab_at.h"
#include "tests/replay/event_list.h"
#include "tests/temp_folder.h"

using namespace labreel;
using namespace labreel::test;

namespace {

// What a command prints.
std::string output_of(const std::string& command) {
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) output += static_cast<char>(c);
  REQUIRE(::pclose(pipe) == 0);
  return output;
}

std::string utf8_of(std::uint32_t code) {
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80U | (code >> shift & 0x3FU)); };
  if (code < 0x80) return {static_cast<char>(code)};
  if (code < 0x800) return {static_cast<char>(0xC0U | code >> 6U), tail(0)};
  if (code < 0x10000) return {static_cast<char>(0xE0U | code >> 12U), tail(6), tail(0)};
  return {static_cast<char>(0xF0U | code >> 18U), tail(12), tail(6), tail(0)};
}

// Every character, as one text; without NUL, which no program's argument can hold.
std::string all_characters() {
  std::string text;
  for (std::uint32_t code = 1; code < 0x11000; ++code) {
    if (code < 0xD800 || code > 0xDFFF) text += utf8_of(code);
  }
  return text;
}

// Two nodes of these names, a link, and a lan of the first name with " lan" behind.
LabAt lab_named(const std::string& node, const std::string& port) {
  Fabric fabric{1};
  const auto apply = [&](const EventBody& effect) { REQUIRE(fabric.apply(effect, LabTime{}).ok()); };
  CableSettings slow;
  slow.delay_ns = 5'000'000;
  for (std::uint16_t i = 0; i < 3; ++i) {
    apply(NodeAdded{NodeId{i}, i == 0 ? node : "r" + std::to_string(i), "namespace", {}});
    apply(PortAdded{PortId{i}, NodeId{i}, port, {2, 0, 0, 0, 0, 1}, 9216});
  }
  apply(LinkAdded{LinkId{0}, {PortId{0}, PortId{1}}, {slow, slow}});
  apply(LanAdded{LanId{0}, node + "lan", false, 10, 1'000'000'000});
  apply(LanJoined{LanId{0}, PortId{2}, {}, {}});
  return LabAt{Seq{1}, LabTime{}, std::move(fabric)};
}

LabMoment moment_of(const LabAt& lab) { return {lab.fabric.topology(), lab.at, lab.time}; }

LabFile lab_file() {
  const auto file = parse_lab_file("name: lab\ntopology: {nodes: {r9: {}}}\n", "lab.yml");
  REQUIRE(file);
  return *file;
}

}  // namespace

TEST_CASE("YAML's quotes hold every character, for yaml-cpp and for Python", "[projection]") {
  const std::string text = all_characters() + std::string(1, '\0');
  const std::string yaml = "a: " + yaml_quoted(text) + "\n";
  CHECK(YAML::Load(yaml)["a"].as<std::string>() == text);
  CHECK(yaml.find('\n') == yaml.size() - 1);
  CHECK(YAML::Load(yaml_quoted("a\xffz")).as<std::string>() == "a\xEF\xBF\xBDz");
  if (std::system("python3 -c 'import yaml' 2>/dev/null") != 0) return;
  const TempFolder folder;
  const std::string file = folder.write("all.yml", yaml);
  const std::string read = output_of("python3 -c 'import sys,yaml; t=yaml.safe_load(open(sys.argv[1], encoding=\"utf-8\"))[\"a\"]; "
                                     "sys.stdout.buffer.write(t.encode())' " + file);
  CHECK(read == text);
}

TEST_CASE("a shell reads a quoted word back as it was", "[projection]") {
  for (const std::string word : {"plain-1.2", "$(touch x)", "a'b\"c`d`", "a b", "", "~root", "*", "\\", "-n", "a;b&c|d"}) {
    CHECK(output_of("printf %s " + shell_quoted(word)) == word);
  }
  CHECK(shell_quoted("clab-lab-r1") == "clab-lab-r1");
}

TEST_CASE("no name can end a label of a Mermaid picture", "[projection]") {
  const std::string mermaid = lab_to_mermaid(lab_named("a\"]; n9[label=\"x<img src=x onerror=alert(1)>`#35;\u2028", "e\"| n8"));
  CHECK_THAT(mermaid, Catch::Contains("  n0[\"a#34;#93;#59; n9#91;label=#34;x#60;img src=x onerror=alert#40;1#41;#62;#96;#35;35#59;"));
  CHECK_THAT(mermaid, Catch::Contains("|\"e#34;#124; n8 – e#34;#124; n8\"|"));
  CHECK_THAT(mermaid, Catch::Contains("  n1[\"r1\"]\n"));
  CHECK(mermaid.find('<') == std::string::npos);
  CHECK(mermaid.find("\u2028") == std::string::npos);
}

TEST_CASE("a Graphviz picture of hostile names has no raw one in it", "[projection]") {
  const std::string dot = lab_to_dot(lab_named("a\"\xc2\x9b\u202e", "e\\"), "x\n\x1b.reel");
  CHECK_THAT(dot, Catch::StartsWith("graph \"x\\\\n\\\\x1b.reel\" {") && Catch::Contains("\"a\\\"\\\\u009b\\\\u202e\""));
  CHECK(printable_lines(dot) == dot);
}

TEST_CASE("a lab file is written only of names that a lab file may have", "[projection]") {
  for (const std::string node : {"a b", "a\u2028b", "$(x)", "-a", "a\"b"}) {
    const LabAt lab = lab_named(node, "eth1");
    for (const auto& written : {lab_to_yaml(moment_of(lab), lab_file()), lab_to_containerlab(moment_of(lab), lab_file())}) {
      INFO(node);
      REQUIRE_FALSE(written);
      CHECK_THAT(written.error().what, Catch::Contains("cannot be the name of a node"));
    }
  }
  CHECK_FALSE(lab_to_yaml(moment_of(lab_named("r0", "eth 1")), lab_file()));
  CHECK_FALSE(lab_to_yaml(moment_of(lab_named("r0", "lo")), lab_file()));
}

TEST_CASE("a node's settings are in JSON and in the lab file, and one that nobody knows is said to be left out", "[projection]") {
  Fabric fabric{1};
  REQUIRE(fabric.apply(NodeAdded{NodeId{0}, "h1", "uml", {{3, 4}}, {{"memory", "128MiB"}, {"wings", "2"}}}, LabTime{}).ok());
  const LabAt lab{Seq{1}, LabTime{}, std::move(fabric)};
  CHECK_THAT(lab_to_json(lab), Catch::Contains(R"("settings":{"memory":"128MiB","wings":"2"})"));
  LabFile file = lab_file();
  file.clock = ClockKind::virtual_time;
  const auto yaml = lab_to_yaml(moment_of(lab), file);
  REQUIRE(yaml);
  INFO(yaml->text);
  CHECK(yaml->left_out == std::vector<std::string>{"node h1 has a setting wings that this version does not know"});
  const auto read = parse_lab_file(yaml->text, "lab.yml");
  if (!read) FAIL(read.error().what);
  CHECK(read->nodes[0].settings == std::vector<NodeSetting>{{"memory", "128MiB"}});
}

TEST_CASE("the netem commands of a containerlab file are safe to give to a shell", "[projection]") {
  const auto written = lab_to_containerlab(moment_of(lab_named("r0", "$(id>x)")), lab_file());
  REQUIRE(written);
  CHECK_THAT(written->text, Catch::Contains("# containerlab tools netem set -n clab-lab-r0 -i '$(id>x)' --delay 5000us"));
  CHECK_THAT(written->text, Catch::Contains("ip link set dev '$(id>x)' address"));
  CHECK(YAML::Load(written->text)["topology"]["links"].size() == 2);
}

TEST_CASE("a lab in words and JSON has each port's card, MTU and addresses", "[projection]") {
  const RecordedPorts recorded{{"r1:eth1", {1400, {"10.0.0.1/24"}}}};
  LabAt lab = lab_named("r0", "eth1");
  REQUIRE(lab.fabric.apply(PortDown{PortId{2}}, LabTime{}).ok());
  const std::string text = lab_to_text(lab, recorded);
  CHECK_THAT(text, Catch::Contains("node r1  stopped\n  port r1:eth1  ") && Catch::Contains("  mtu 1400 (its cable carries 9216)  10.0.0.1/24\n"));
  CHECK_THAT(text, Catch::Contains("  port r2:eth1  down  02:00:00:00:00:01  mtu 9216\n"));
  const std::string json = lab_to_json(lab, recorded);
  CHECK_THAT(json, Catch::Contains(R"("interface_mtu":1400,"addresses":["10.0.0.1/24"])"));
  CHECK_THAT(json, Catch::Contains(R"("interface_mtu":null,"addresses":[])"));
}

TEST_CASE("a lab in words tells every setting of a cable that is not as on a plain one", "[projection]") {
  LabAt lab = lab_named("r0", "eth1");
  CableSettings all;
  for (const CableSetting& setting : kCableSettings) setting.put(all, setting.parse(setting.example).value());
  all.queue_bytes = 1'500;
  REQUIRE(lab.fabric.apply(LinkChanged{PortId{0}, Direction::out, all, fields_that_differ(all, {})}, LabTime{}).ok());
  CHECK_THAT(lab_to_text(lab), Catch::Contains("link r0:eth1 -- r1:eth1  up  out: delay 5ms, jitter 1ms, rate 100mbit, queue 1500B, "
                                               "loss 0.5%, duplicate 0.1%, corrupt 0.1%, reorder 1%  in: delay 5ms\n"));
}
