// What diff says of events that read alike, of branches, and of order.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "replay/diff/diff_report.h"
#include "replay/diff/reel_diff.h"
#include "tests/replay/event_list.h"

namespace labreel::test {
namespace {

constexpr std::size_t kAll = 1'000'000;

ReelDiff compare(const EventList& a, const EventList& b, Aspects ignored, std::size_t listed_max = kListedOnlyIn) {
  auto diff = diff_reels(a, b, ignored, listed_max);
  REQUIRE(diff.ok());
  return std::move(diff).value();
}

std::string text_of(const ReelDiff& diff, bool all = false) { return to_text(diff, {"a.reel", "b.reel"}, all); }

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

void begin(EventList& list, const std::string& lab_file, const std::optional<BranchPoint>& branch = {}) {
  list.add({}, LabBegun{"two", lab_file, "lab.yml", 42, "virtual", 1, branch});
  list.add({}, NodeAdded{NodeId{0}, "r1", "uml", {}});
}

}  // namespace

TEST_CASE("of two ports that read alike, the MTU that differs is shown", "[replay][diff]") {
  EventList a, b;
  for (EventList* list : {&a, &b}) {
    begin(*list, "name: two\n");
    list->add({}, PortAdded{PortId{0}, NodeId{0}, "eth1", {2, 0, 0, 0, 0, 1}, list == &a ? 9216U : 1400U});
    list->add({}, LabEnded{"stopped"});
  }
  const ReelDiff diff = compare(a, b, kIgnoreTime);
  const std::string text = text_of(diff);
  INFO(text);
  CHECK(has(text, "\n  a | b       mtu 9216 | 1400\n"));
  CHECK(has(text, "of these, 1 read alike and differ inside (a | b):\n  3 | 3  port.added    r1:eth1 02:00:00:00:00:01: mtu 9216 | 1400\n"));
  const auto json = nlohmann::json::parse(to_json(diff));
  CHECK(json["first_difference"]["fields"] == nlohmann::json::parse(R"([{"field":"mtu","a":"9216","b":"1400"}])"));
  CHECK(json["changed"][0]["fields"][0]["field"] == "mtu");
  CHECK(json["changed"][0]["a"] == 3);
  CHECK(json["branch"].is_null());
}

TEST_CASE("lab files that differ are shown by the lines that do", "[replay][diff]") {
  EventList a, b;
  begin(a, "name: two\nlinks:\n  - delay: 5ms\n  - delay: 7ms\nend: \"x\"\n");
  begin(b, "name: two\nlinks:\n  - delay: 5ms\n  - delay: 9ms\n  - loss: 1%\nend: \"x\"\n");
  const std::string text = text_of(compare(a, b, kIgnoreTime));
  INFO(text);
  CHECK(has(text, "\n  a | b       lab_file line 4 - delay: 7ms | - delay: 9ms, lab_file line 5 none | - loss: 1%\n"));
}

TEST_CASE("frames that read alike are shown by the first byte that differs", "[replay][diff]") {
  EventList a, b;
  for (EventList* list : {&a, &b}) {
    add_two_nodes(*list);
    const std::string data = list == &a ? "first" : "other";
    list->add_frame(LabTime{1}, PortId{0}, from_hex("020000000002 020000000001 88b5") + data, {{PortId{1}, Reason::none, 0, 0, LabTime{9}}});
  }
  const std::string text = text_of(compare(a, b, kIgnoreTime));
  INFO(text);
  CHECK(has(text, "payload from byte 14 on 6669727374 | 6f74686572"));
}

TEST_CASE("a branch is named with its branch point, and compared from there", "[replay][diff]") {
  EventList parent, branch;
  begin(parent, "name: two\n");
  begin(branch, "name: two\n", BranchPoint{"two", Seq{3}, "digest-at-3"});
  for (EventList* list : {&parent, &branch}) list->add(LabTime{1}, Marker{"both", ""});
  parent.add(LabTime{2}, Marker{"cut", ""});
  branch.add(LabTime{2}, Marker{"another way", ""});
  for (const Aspects ignored : {Aspects{0}, Aspects{kIgnoreTime}}) {
    const ReelDiff diff = compare(parent, branch, ignored);
    REQUIRE(diff.first);
    CHECK(diff.first->a->seq == Seq{4});
    CHECK(diff.first->last_common->seq == Seq{3});
    CHECK(diff.only_in[0].count == 1);
    CHECK(has(text_of(diff), "b is a branch of a at event 3; they part at\n"));
    const auto json = nlohmann::json::parse(to_json(diff));
    CHECK(json["branch"]["branch_is"] == "b");
    CHECK(json["branch"]["position"] == 3);
    CHECK(has(text_of(compare(branch, parent, ignored)), "a is a branch of b at event 3; they part at\n"));
  }
}

TEST_CASE("two branches of one lab are compared from where they part, and other labs are no branches of it", "[replay][diff]") {
  EventList one, other, foreign;
  begin(one, "name: two\n", BranchPoint{"two", Seq{3}, "the parent's at 3"});
  begin(other, "name: two\n", BranchPoint{"two", Seq{2}, "the parent's at 2"});
  begin(foreign, "name: two # changed\n", BranchPoint{"two", Seq{2}, "some"});
  one.add(LabTime{1}, Marker{"one", ""});
  other.add(LabTime{1}, Marker{"other", ""});
  const ReelDiff diff = compare(one, other, 0);
  REQUIRE(diff.first);
  CHECK(diff.first->a->seq == Seq{3});
  CHECK(has(text_of(diff), "branches of the same lab, the earlier one at event 2; they part at"));
  CHECK_FALSE(compare(one, foreign, kIgnoreTime).branch);
}

TEST_CASE("a branch in which all came as in its parent differs by being one, unless something is ignored", "[replay][diff]") {
  EventList parent, branch;
  begin(parent, "name: two\n");
  begin(branch, "name: two\n", BranchPoint{"two", Seq{2}, "digest-at-2"});
  const ReelDiff strict = compare(parent, branch, 0);
  REQUIRE(strict.first);
  CHECK(strict.first->a->seq == Seq{1});
  CHECK(compare(parent, branch, kIgnoreTime).identical());
}

TEST_CASE("without order there is no place where two recordings part, only what one of them lacks", "[replay][diff]") {
  EventList a, b;
  for (EventList* list : {&a, &b}) begin(*list, "name: two\n");
  a.add(LabTime{1}, Marker{"common", ""});
  a.add(LabTime{2}, Marker{"mine", ""});
  b.add(LabTime{1}, Marker{"yours", ""});
  b.add(LabTime{2}, Marker{"common", ""});
  const std::string text = text_of(compare(a, b, kIgnoreTime | kIgnoreOrder));
  INFO(text);
  CHECK_FALSE(has(text, "they part at"));
  CHECK_FALSE(has(text, "last common"));
  CHECK(has(text, "they differ, whatever came first\n  first only in a        4     0.000000002  marker        mine\n"
                  "  first only in b        3     0.000000001  marker        yours\n"));
}

TEST_CASE("what the list leaves out is counted with the option that shows it, which shows all", "[replay][diff]") {
  EventList a, b;
  for (EventList* list : {&a, &b}) begin(*list, "name: two\n");
  for (int i = 0; i < 130; ++i) a.add(LabTime{1}, Marker{"m" + std::to_string(i), ""});
  const std::string short_text = text_of(compare(a, b, kIgnoreTime));
  CHECK(has(short_text, "  … and 120 more (--all)\n"));
  CHECK_FALSE(has(short_text, "marker        m11\n"));
  const std::string full_text = text_of(compare(a, b, kIgnoreTime, kAll), true);
  CHECK_FALSE(has(full_text, "more (--all)"));
  for (int i = 0; i < 130; ++i) CHECK(has(full_text, "marker        m" + std::to_string(i) + "\n"));
}

TEST_CASE("fields are compared whatever is nested in them, and nothing else is read as JSON of ours", "[replay][diff]") {
  const auto fields = differing_fields(R"({"seq":1,"cause":2,"out":{"delay_ns":5},"copies":[{"due":1},{"due":2}],"x":"a\\\"b"})",
                                       R"({"seq":9,"cause":8,"out":{"delay_ns":6},"copies":[{"due":1}],"x":"a\\\"c"})");
  CHECK(fields_text(fields) == R"(out.delay_ns 5 | 6, copies[1].due 2 | none, x a\"b | a\"c)");
  for (const char* const odd : {"", "{", "[", "{\"a\"", "{\"a\":", "{\"a\":[", "{{{{", "[1", "\"", "{\"a\":\"\\"}) {
    static_cast<void>(differing_fields(odd, "{\"a\":1}"));
    static_cast<void>(differing_fields("{\"a\":1}", odd));
  }
}

}  // namespace labreel::test
