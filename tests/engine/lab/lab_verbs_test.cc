#include "engine/lab/lab_verbs.h"

#include <catch2/catch.hpp>
#include <set>

namespace labreel {

TEST_CASE("each verb is in the table once, with a line of help and what its error says", "[verbs]") {
  std::set<std::string_view> names;
  for (const LabVerb& verb : kLabVerbs) {
    CAPTURE(verb.name);
    CHECK(names.insert(verb.name).second);
    CHECK(lab_verb(verb.name) == &verb);
    CHECK_FALSE(verb.help.empty());
    CHECK_FALSE(verb.needs.empty());
    CHECK(verb.example.starts_with("labreel "));
    const auto arguments = verb.arguments();
    CHECK_FALSE(arguments.empty());
    CHECK(std::is_sorted(arguments.begin(), arguments.end(),
                         [](const VerbArgument& a, const VerbArgument& b) { return !a.is_optional && b.is_optional; }));
  }
  CHECK(lab_verb("link.down")->group() == "link");
  CHECK(lab_verb("link.down")->action() == "down");
  CHECK(lab_verb("mark")->action().empty());
  CHECK(lab_verb("inject") == &kInnerVerbs[0]);
  CHECK(lab_verb("link") == nullptr);
}

TEST_CASE("a verb takes as many arguments as its table says", "[verbs]") {
  const auto takes = [](std::string_view verb, const std::vector<std::string>& words) { return lab_verb(verb)->takes(words); };
  CHECK(takes("link.down", {"r1:eth1"}));
  CHECK_FALSE(takes("link.down", {}));
  CHECK_FALSE(takes("link.down", {"r1:eth1", "r2:eth1"}));
  CHECK(takes("link.set", {"r1:eth1", "delay=5ms", "loss=1%"}));
  CHECK_FALSE(takes("link.set", {"r1:eth1"}));
  CHECK(takes("link.add", {"r1:eth1", "r2:eth1"}));
  CHECK(takes("link.add", {"r1:eth1", "r2:eth1", "delay=5ms", "loss=1%", "rate=1mbit"}));
  CHECK_FALSE(takes("link.add", {"r1:eth1"}));
  CHECK(takes("lan.add", {"office"}));
  CHECK(takes("lan.add", {"office", "hub"}));
  CHECK_FALSE(takes("lan.add", {"office", "switch"}));
  CHECK_FALSE(takes("lan.add", {"office", "hub", "hub"}));
  CHECK(takes("mark", {"here"}));
  CHECK(takes("mark", {"here", "a note"}));
  CHECK_FALSE(takes("mark", {}));
  CHECK_FALSE(takes("mark", {"here", "a note", "more"}));
  CHECK(takes("inject", {"a", "b", "00"}));
  CHECK_FALSE(takes("inject", {"a", "b"}));
  CHECK(takes("scenario.stop", {}));
  CHECK_FALSE(takes("scenario.stop", {"now"}));
}

}  // namespace labreel
