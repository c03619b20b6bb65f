// The settings of nodes: in the lab file, in a step, and in a live command the same words.
#include "engine/lab/node_words.h"

#include <catch2/catch.hpp>

#include "engine/core/node_kinds.h"
#include "engine/lab/lab_file.h"

namespace labreel::test {
namespace {

using Words = std::vector<std::string>;

std::string refusal_of(const Words& words, const LabClock& clock = ClockKind::virtual_time) {
  const auto read = read_node_words(words, clock);
  return read ? "" : read.error().what;
}

std::string lab(const std::string& topology, const std::string& clock = "virtual", const std::string& scenario = {}) {
  return "name: l\nclock: " + clock + "\ntopology:\n" + topology + scenario;
}

std::string refusal_of_lab(const std::string& text) {
  const auto read = parse_lab_file(text, "lab.yml");
  return read ? "" : read.error().place + ": " + read.error().what;
}

}  // namespace

TEST_CASE("the words of a new node are its kind, its position and the settings of its kind", "[lab]") {
  const auto plain = read_node_words(Words{}, ClockKind::real);
  REQUIRE(plain);
  CHECK(*plain == NodeAdded{NodeId{}, "", NodeKindName::host_namespace, std::nullopt});
  const auto whole = read_node_words(Words{"memory=131072KiB", "position=-5,80", "kind=uml"}, ClockKind::virtual_time);
  REQUIRE(whole);
  CHECK(*whole == NodeAdded{NodeId{}, "", NodeKindName::uml, {{-5, 80}}, {{"memory", "128MiB"}}});
  CHECK(size_in(whole->node_kind, whole->settings, "memory") == 128 * kMiB);
}

TEST_CASE("words that no new node can have are refused, with the reason", "[lab]") {
  CHECK(refusal_of({"memory"}) == "`memory` is not KEY=VALUE");
  CHECK(refusal_of({"memroy=1"}) == "a node has no setting \"memroy\" (did you mean memory?)");
  CHECK(refusal_of({"memory=64MiB", "memory=64MiB"}) == "memory is given twice");
  CHECK(refusal_of({"memory=16MiB"}) == "memory must be from 32MiB to 4GiB, not 16MiB");
  CHECK(refusal_of({"memory=1000000GiB"}).starts_with("memory must be from 32MiB to 4GiB"));
  CHECK(refusal_of({"memory=33554433"}) == "memory must be a multiple of 1MiB, not 33554433");
  CHECK(refusal_of({"memory=much"}).starts_with("memory: "));
  CHECK(refusal_of({"position=1"}) == "`1` is no position");
  CHECK(refusal_of({"position=1,2,3"}) == "`1,2,3` is no position");
  CHECK(refusal_of({"position=1,99999999999"}) == "`1,99999999999` is no position");
  CHECK(refusal_of({"kind=namespace"}) == "a node of kind namespace cannot be in this lab, whose clock is virtual");
  CHECK(refusal_of({"kind=qemu"}) == "there is no node kind \"qemu\"");
  CHECK(refusal_of({"image=alpine"}) == "a node of kind uml has no image of its own");
  CHECK(refusal_of({"image=alpine"}, ClockKind::real) == "a node of kind namespace has no image of its own");
  CHECK(read_node_words(Words{"image=alpine"}, ClockKind::virtual_time).error().hint ==
        "all guests of a lab have the same: image: FILE at the top of the lab file");
  CHECK(refusal_of({"memory=64MiB"}, ClockKind::real) == "memory is a setting of nodes of kind uml, not of kind namespace");
}

TEST_CASE("a setting in a stranger's recording that its kind cannot have counts as none", "[lab]") {
  for (const char* const value : {"1", "900GiB", "", "64MiB ", "x"}) {
    CAPTURE(value);
    CHECK_FALSE(size_in(NodeKindName::uml, {{"memory", value}}, "memory"));
  }
  CHECK_FALSE(size_in(NodeKindName::host_namespace, {{"memory", "64MiB"}}, "memory"));
  CHECK_FALSE(size_in(NodeKindName::uml, {}, "memory"));
}

TEST_CASE("a node's settings in a lab file are its own, then its kind's, then those of all", "[lab]") {
  const auto read = parse_lab_file(lab("  defaults: {kind: uml, memory: 48MiB}\n  kinds: {uml: {memory: 96MiB}}\n"
                                       "  nodes: {r1: {memory: 0.125GiB}, r2: {}}\n"),
                                   "lab.yml");
  if (!read) FAIL(read.error().what);
  using Settings = std::vector<NodeSetting>;
  CHECK(read->nodes[0].settings == Settings{{"memory", "128MiB"}});
  CHECK(read->nodes[1].settings == Settings{{"memory", "96MiB"}});
  const auto without_kind = parse_lab_file(lab("  defaults: {memory: 48MiB}\n  nodes: {r1: {}}\n", "real"), "lab.yml");
  REQUIRE(without_kind);
  CHECK(without_kind->nodes[0].settings.empty());  // a namespace has no memory of its own
}

TEST_CASE("a setting that a node of a lab file cannot have is refused at its line", "[lab]") {
  CHECK(refusal_of_lab(lab("  nodes:\n    r1:\n      memory: 64MiB\n", "real")) ==
        "lab.yml:6: memory is a setting of nodes of kind uml, not of kind namespace");
  CHECK(refusal_of_lab(lab("  kinds:\n    namespace:\n      memory: 64MiB\n  nodes: {r1: {}}\n", "real")) ==
        "lab.yml:6: memory is a setting of nodes of kind uml, not of kind namespace");
  CHECK(refusal_of_lab(lab("  defaults: {kind: uml, memory: 8GiB}\n  nodes: {r1: {}}\n")) ==
        "lab.yml:4: memory must be from 32MiB to 4GiB, not 8GiB");
}

TEST_CASE("a step that adds a node takes the words of a live command, and no other step does", "[lab]") {
  const std::string nodes = "  defaults: {kind: uml}\n  nodes: {r1: {}}\n";
  const auto read = parse_lab_file(lab(nodes, "virtual", "scenario:\n  - node: {add: h3, memory: 128MiB, position: [7, -8]}\n"), "lab.yml");
  if (!read) FAIL(read.error().what);
  const auto& step = std::get<NodeStep>(read->scenario[0].action);
  CHECK(step.words == Words{"position=7,-8", "memory=128MiB"});
  CHECK(refusal_of_lab(lab(nodes, "virtual", "scenario:\n  - node: {stop: r1, memory: 128MiB}\n")) ==
        "lab.yml:7: node: stop takes a node's name and no setting");
  CHECK(refusal_of_lab(lab(nodes, "virtual", "scenario:\n  - node: {add: h3, memory: 1}\n")) ==
        "lab.yml:7: node: add: memory must be from 32MiB to 4GiB, not 1");
}

}  // namespace labreel::test
