// A lab file becomes one of virtual time by two changes of its text, wherever its keys stand.
#include <catch2/catch.hpp>

#include "engine/lab/lab_file.h"
#include "engine/lab/virtual_text.h"

using namespace labreel;

namespace {

void check_becomes(const std::string& text, const std::string& expected) {
  INFO(text);
  const auto changed = virtual_lab_text(text, "lab.yml");
  if (!changed) FAIL(changed.error().place << ": " << changed.error().what);
  CHECK(*changed == expected);
  const auto lab = parse_lab_file(*changed, "lab.yml");
  REQUIRE(lab);
  CHECK(lab->clock == "virtual");
  for (const NodeDef& node : lab->nodes) CHECK(node.kind == "uml");
}

void check_refused(const std::string& text, const std::string& place, const std::string& why) {
  const auto changed = virtual_lab_text(text, "lab.yml");
  REQUIRE_FALSE(changed);
  CHECK(changed.error().place == place);
  CHECK_THAT(changed.error().what, Catch::Contains(why));
  CHECK_FALSE(changed.error().hint.empty());
}

}  // namespace

TEST_CASE("clock and kind are put where a person would write them", "[lab]") {
  check_becomes("# mine\nname: a\ntopology:\n  nodes:\n    r1: {}\n",
                "# mine\nclock: virtual\nname: a\ntopology:\n  defaults: {kind: uml}\n  nodes:\n    r1: {}\n");
  check_becomes("name: a\ntopology: {nodes: {r1: }}\n", "clock: virtual\nname: a\ntopology: {defaults: {kind: uml}, nodes: {r1: }}\n");
  check_becomes("{\"name\": a, topology: {nodes: {r1: }}}",
                "{clock: virtual, \"name\": a, topology: {defaults: {kind: uml}, nodes: {r1: }}}\n");
  check_becomes("name: a\nclock: real  # today\ntopology:\n  defaults:\n    exec: [\"true\"]\n  nodes: {r1: }\n",
                "name: a\nclock: virtual  # today\ntopology:\n  defaults:\n    kind: uml\n    exec: [\"true\"]\n  nodes: {r1: }\n");
  check_becomes("name: a\ntopology:\n  nodes: {r1: }\n  defaults: {exec: [\"true\"]}\nclock: real\n",
                "name: a\ntopology:\n  nodes: {r1: }\n  defaults: {kind: uml, exec: [\"true\"]}\nclock: virtual\n");
}

TEST_CASE("a lab that is in virtual time already stays as it is", "[lab]") {
  const std::string text = "name: a\nclock: virtual\ntopology: {defaults: {kind: uml}, nodes: {r1: }}\n";
  check_becomes(text, text);
}

TEST_CASE("a lab whose nodes name a kind, or with what virtual time has not, is refused", "[lab]") {
  check_refused("name: a\ntopology:\n  nodes:\n    r1: {kind: namespace}\n", "lab.yml:4", "node r1 is of kind namespace");
  check_refused("name: a\ntopology:\n  defaults: {kind: namespace}\n  nodes: {r1: }\n", "lab.yml:3",
                "each node is of kind namespace");
  check_refused("name: a\ntopology:\n  defaults:\n  nodes: {r1: }\n", "lab.yml", "does not see where to put clock and kind");
}
