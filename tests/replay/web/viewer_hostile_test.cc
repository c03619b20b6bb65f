// What a stranger may ask of a Viewer, and what a stranger's recording may hold.
#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "engine/core/fabric.h"
#include "engine/text/text.h"
#include "replay/web/viewer/facts.h"
#include "replay/web/viewer/viewer.h"
#include "tests/replay/event_list.h"

using namespace labreel;
using namespace labreel::test;
using nlohmann::json;

namespace {

constexpr const char* kOps[] = {"hello", "state", "rows", "rank", "find", "frame", "flights", "strip",
                                "cause", "trace", "conversation", "drop", "marker", "position", "terminals", "verify"};

EventList& hostile_lab() {
  static EventList list;
  if (!list.last().is_none()) return list;
  const std::string evil = "<script>\x1b]52;c;x\x07\xe2\x80\xae\xff" + std::string(100'000, 'n');
  list.add({}, LabBegun{evil, "\xff", evil, 42, "real", kFabricVersion});
  list.add({}, NodeAdded{NodeId{0}, evil, evil, {}});
  list.add({}, PortAdded{PortId{0}, NodeId{0}, evil, {2, 0, 0, 0, 1, 1}, 9216});
  list.add({}, PortAdded{PortId{0}, NodeId{77}, "again", {}, 1});
  list.add({}, Marker{evil, evil, evil});
  list.add({}, Command{evil, {evil, evil}, evil});
  list.add({}, Exec{NodeId{99}, {evil}});
  for (int i = 0; i < 40; ++i) list.add({}, ExecOutput{NodeId{99}, Stream::stdout_stream, evil}, Seq{7});
  list.add_frame({}, PortId{12'345}, evil, std::vector<Copy>(300, Copy{PortId{9}, Reason::none, 0xFF, 9, kNever}));
  list.add({}, Outcome{Seq{1'000'000}, 9, PortId{3}, Reason::loss});
  list.add({}, LinkRemoved{LinkId{5}});
  list.add({}, UnknownNote{250, 1, evil});
  return list;
}

}  // namespace

TEST_CASE("every answer about a hostile recording is JSON, and no string of it is long") {
  const EventList& list = hostile_lab();
  Viewer viewer{list, {.name = std::string(50'000, 'x'), .file = "\xff"}};
  for (const char* const op : kOps) {
    for (std::uint64_t seq = 0; seq <= list.last().value + 1; seq += 1) {
      const json request{{"op", op}, {"seq", seq}, {"at", seq}, {"from", seq}, {"row", seq}, {"dir", seq % 2 == 0 ? 1 : -1},
                         {"from_ns", 0}, {"to_ns", ~0ULL}, {"text", "#" + std::to_string(seq)}};
      const auto answer = viewer.answer(request.dump());
      const std::string text = answer ? *answer : error_answer(answer.error());
      REQUIRE(is_utf8(text));
      const json parsed = json::parse(text);
      if (std::string_view(op) == "state" || std::string_view(op) == "trace" || std::string_view(op) == "terminals") continue;
      const std::function<void(const json&)> look = [&](const json& value) {
        if (value.is_string() && std::string_view(op) != "frame") REQUIRE(value.get<std::string>().size() < 5'000);
        if (value.is_structured()) {
          for (const auto& each : value) look(each);
        }
      };
      look(parsed);
    }
  }
}

TEST_CASE("a request that is none is refused with a hint") {
  const EventList& list = hostile_lab();
  Viewer viewer{list, {}};
  for (const std::string request :
       {"", "{", "[]", "null", "{}", R"({"op":7})", R"({"op":"nothing"})", R"({"op":"state"})", R"({"op":"state","at":"1"})",
        R"({"op":"state","at":0})", R"({"op":"state","at":-1})", R"({"op":"state","at":99999999999999999999})",
        R"({"op":"rows","row":-1})", R"({"op":"rows","filter":{"kinds":"frame"}})", R"({"op":"rows","filter":{"kinds":["fram"]}})",
        R"({"op":"rows","filter":{"ports":["r9"]}})", R"({"op":"rows","filter":{"text":1}})", R"({"op":"find","from":1})",
        R"({"op":"find","from":1,"dir":2})", R"({"op":"flights","from_ns":1})", R"({"op":"position"})", R"({"op":"cause","seq":999})"}) {
    const auto answer = viewer.answer(request);
    INFO(request);
    REQUIRE_FALSE(answer.ok());
    CHECK_FALSE(answer.error().hint.empty());
    CHECK(json::parse(error_answer(answer.error()))["error"].is_string());
  }
  CHECK_FALSE(viewer.answer(R"({"op":"hello","x":")" + std::string(100'000, 'x') + "\"}").ok());
}

TEST_CASE("a recording without events says so") {
  const EventList list;
  Viewer viewer{list, {}};
  const auto answer = viewer.answer(R"({"op":"hello"})");
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().what == "the recording has no events");
}

TEST_CASE("a recording as long as lab time can be has a strip") {
  EventList list;
  list.add({}, LabBegun{"long", "", "lab.yml", 42, "real", kFabricVersion});
  list.add(kNever, LabEnded{"stopped"});
  Viewer viewer{list, {}};
  for (const std::uint64_t buckets : {1, 3, 2048}) {
    const auto answer = viewer.answer(json{{"op", "strip"}, {"buckets", buckets}}.dump());
    REQUIRE(answer.ok());
    const json strip = json::parse(*answer);
    REQUIRE(strip["buckets"].size() == buckets);
    CHECK(strip["buckets"][buckets - 1]["effect"] == (buckets == 1 ? 2 : 1));
  }
}

TEST_CASE("facts that are none are refused, and what is not known in them is passed over") {
  for (const char* const text : {"", "[]", "{", R"({"notes":[{}]})", R"({"notes":[{"seq":1,"kind":2,"value":""}]})",
                                 R"({"ports":[{"port":"r1:eth1","addresses":[1]}]})"}) {
    INFO(text);
    CHECK_FALSE(facts_of(text).ok());
  }
  const auto facts = facts_of(R"({"name":"a","new":[],"complete":true,"at":7,"notes":[{"seq":3,"kind":"utc","value":"{}"}],
                                  "ports":[{"port":"r1:eth1","addresses":["10.0.0.1/24"],"mtu":1500},{"port":{"hex":"ff"}}]})");
  REQUIRE(facts.ok());
  CHECK(facts->name == "a");
  CHECK(facts->complete);
  CHECK(facts->at == Seq{7});
  CHECK(facts->notes == std::vector<HostNote>{{Seq{3}, "utc", "{}"}});
  CHECK(facts->ports.at("r1:eth1").addresses == std::vector<std::string>{"10.0.0.1/24"});
  CHECK(facts->ports.at("r1:eth1").interface_mtu == 1500);
}
