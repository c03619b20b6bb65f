// The Viewer's answers are what labreel's own verbs say of the same recording.
#include "replay/web/viewer/viewer.h"

#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "replay/event_filter.h"
#include "replay/event_json.h"
#include "replay/event_text.h"
#include "replay/final_outcomes.h"
#include "replay/projection/lab_at.h"
#include "replay/trace.h"
#include "replay/trace/trace_report.h"
#include "replay/verify.h"
#include "tests/replay/recorded_lab.h"

using namespace labreel;
using namespace labreel::test;
using nlohmann::json;

namespace {

std::unique_ptr<const EventList> random_recording(std::uint64_t seed, std::size_t steps) {
  auto list = std::make_unique<EventList>();
  ListSink sink{*list};
  record_random_lab(sink, seed, steps);
  return list;
}

json ask(Viewer& viewer, const json& request) {
  const auto answer = viewer.answer(request.dump());
  INFO(request.dump() << (answer ? "" : ": " + answer.error().what));
  REQUIRE(answer.ok());
  return json::parse(*answer);
}
Error refusal(Viewer& viewer, const std::string& request) {
  const auto answer = viewer.answer(request);
  INFO(request);
  REQUIRE_FALSE(answer.ok());
  CHECK_FALSE(answer.error().what.empty());
  CHECK_FALSE(answer.error().hint.empty());
  return answer.error();
}
std::uint64_t seq_of(const json& answer) { return answer["seq"].is_null() ? 0 : answer["seq"].get<std::uint64_t>(); }

// Every row that a filter shows.
std::vector<json> all_rows(Viewer& viewer, const json& filter) {
  std::vector<json> rows;
  for (;;) {
    const json answer = ask(viewer, {{"op", "rows"}, {"filter", filter}, {"row", rows.size()}, {"count", 97}});
    for (const json& row : answer["rows"]) rows.push_back(row);
    if (rows.size() == answer["total"]) return rows;
  }
}
std::vector<std::uint64_t> seqs_of(const std::vector<json>& rows) {
  std::vector<std::uint64_t> seqs;
  for (const json& row : rows) seqs.push_back(row["seq"]);
  return seqs;
}

// The sample that tests say things of: two nodes, a wait's poll, a marker that asks, a frame that is lost, a cut.
std::unique_ptr<EventList> small_lab() {
  auto list = std::make_unique<EventList>();
  add_two_nodes(*list);
  const Seq step = list->add(LabTime{10}, Scenario{1, "begun", "wait for r1: ping until ok"});                    // 7
  const Seq poll = list->add(LabTime{11}, Exec{NodeId{0}, {"ping"}}, step);                                      // 8
  list->add(LabTime{12}, ExecOutput{NodeId{0}, Stream::stdout_stream, "ok\n"}, poll);                            // 9
  list->add(LabTime{13}, ExecDone{NodeId{0}, 0}, poll);                                                          // 10
  list->add(LabTime{14}, Marker{"cut", "the cable is cut", "What is lost?"});                                    // 11
  const Seq command = list->add(LabTime{15}, Command{"link.down", {"r1:eth1"}, "cli"});                          // 12
  list->add(LabTime{15}, LinkDown{PortId{0}}, command);                                                          // 13
  list->add(LabTime{16}, CommandDone{true, ""}, command);                                                        // 14
  list->add_frame(LabTime{20}, PortId{0}, arp_request(), {{PortId{1}, Reason::link_down, 0, 0, LabTime{20}}});   // 15
  const Seq exec = list->add(LabTime{21}, Exec{NodeId{1}, {"sh", "-c", "echo hi"}}, command);                    // 16
  list->add(LabTime{22}, ExecOutput{NodeId{1}, Stream::stderr_stream, "hi\n"}, exec);                            // 17
  list->add_frame(LabTime{30}, PortId{0}, arp_request(), {{PortId{1}, Reason::none, 0, 0, LabTime{90}}});        // 18
  list->add(LabTime{40}, Outcome{Seq{18}, 0, PortId{1}, Reason::node_stopped}, Seq{18});                         // 19
  list->add_frame(LabTime{50}, PortId{1}, arp_request(), {{PortId{0}, Reason::none, kCorrupted, 0, LabTime{70}}});  // 20
  list->add(LabTime{80}, Marker{"end", "", ""});                                                                 // 21
  return list;
}

}  // namespace

TEST_CASE("a viewer shows the lab as show prints it, at every position and in any order") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const auto list = random_recording(seed, 300);
    ViewerFacts facts;
    facts.ports["n0:p0"] = {1500, {"10.0.0.1/24"}};
    Viewer viewer{*list, facts};
    for (std::uint64_t i = 0; i < 60; ++i) {
      const Seq at{1 + i * 7919 % list->last().value};
      const LabAt lab = *lab_at(*list, at);
      const auto answer = viewer.answer(json{{"op", "state"}, {"at", at.value}}.dump());
      REQUIRE(answer.ok());
      REQUIRE(*answer == lab_to_json(lab, facts.ports, node_ends(*list, lab.fabric.topology(), at)));
    }
  }
}

TEST_CASE("a viewer's rows are the lines of events, with what became of each copy") {
  const auto list = random_recording(5, 400);
  Viewer viewer{*list, {}};
  const auto rows = all_rows(viewer, {{"bookkeeping", true}});
  REQUIRE(rows.size() == list->last().value);
  Names names;
  FinalOutcomes outcomes = *find_final_outcomes(*list);
  for (const Event& event : list->all()) {
    names.follow(event);
    const json& row = rows[event.seq.value - 1];
    REQUIRE(row["seq"] == event.seq.value);
    CHECK(row["time_ns"] == event.time.ns);
    CHECK(row["kind"] == name_of(event.kind()));
    const std::string line = event_text(event, names);
    CHECK(line.ends_with(row["text"].get<std::string>()));
    CHECK(line.size() == 26 + row["text"].get<std::string>().size());
    CHECK(row.value("cause", 0U) == event.cause.value);
    const auto* const frame = std::get_if<Frame>(&event.body);
    if (frame == nullptr) {
      CHECK(row["to"].empty());
      continue;
    }
    CHECK(row["from"] == names(frame->port));
    REQUIRE(row["to"].size() == frame->copies.size());
    for (std::uint32_t i = 0; i < frame->copies.size(); ++i) {
      const Fate fate = outcomes.of(event.seq, i, frame->copies[i]);
      CHECK(row["to"][i]["due_ns"] == frame->copies[i].due.ns);
      CHECK((row["to"][i]["outcome"] == "delivered") == fate.delivered());
      CHECK((row["to"][i]["outcome"] == "in-flight") == fate.in_flight);
      if (fate.reason != Reason::none) CHECK(row["to"][i]["reason"] == name_of(fate.reason));
    }
  }
}

TEST_CASE("a viewer filters ports and kinds as events does") {
  const auto list = random_recording(6, 400);
  Viewer viewer{*list, {}};
  const auto ports = *ports_of(*list);
  REQUIRE(ports.size() > 3);
  for (const std::string& port : {ports[0], ports[2], ports[1].substr(0, ports[1].find(':'))}) {
    auto filter = *EventFilter::make({.kinds = "frame,link.down,outcome", .port = port}, *list);
    std::vector<std::uint64_t> expected;
    for (const Event& event : list->all()) {
      if (filter.passes(event)) expected.push_back(event.seq.value);
    }
    const json asked{{"ports", {port}}, {"kinds", {"frame", "link.down", "outcome"}}, {"bookkeeping", true}};
    CHECK(seqs_of(all_rows(viewer, asked)) == expected);
    CHECK_FALSE(expected.empty());
  }
}

TEST_CASE("find and rank walk over the rows that a filter shows, in both directions") {
  const auto list = random_recording(7, 300);
  Viewer viewer{*list, {}};
  const json filter{{"kinds", {"frame"}}};
  const auto seqs = seqs_of(all_rows(viewer, filter));
  REQUIRE(seqs.size() > 20);
  std::vector<std::uint64_t> forwards;
  for (std::uint64_t at = 0; (at = seq_of(ask(viewer, {{"op", "find"}, {"filter", filter}, {"from", at}, {"dir", 1}}))) != 0;) {
    forwards.push_back(at);
    CHECK(ask(viewer, {{"op", "rank"}, {"filter", filter}, {"seq", at}})["row"] == forwards.size() - 1);
  }
  CHECK(forwards == seqs);
  std::vector<std::uint64_t> backwards;
  for (std::uint64_t at = ~0ULL; (at = seq_of(ask(viewer, {{"op", "find"}, {"filter", filter}, {"from", at}, {"dir", -1}}))) != 0;) {
    backwards.insert(backwards.begin(), at);
  }
  CHECK(backwards == seqs);
  CHECK(ask(viewer, {{"op", "rank"}, {"filter", filter}, {"seq", seqs.front() - 1}})["row"] == -1);
}

TEST_CASE("a viewer folds bookkeeping away unless it is asked for") {
  const auto list = small_lab();
  Viewer viewer{*list, {}};
  const auto shown = seqs_of(all_rows(viewer, json::object()));
  const std::set<std::uint64_t> seqs(shown.begin(), shown.end());
  for (const std::uint64_t hidden : {7, 8, 9, 10}) CHECK_FALSE(seqs.contains(hidden));
  for (const std::uint64_t kept : {11, 12, 16, 17}) CHECK(seqs.contains(kept));
  CHECK(all_rows(viewer, {{"bookkeeping", true}}).size() == list->last().value);
}

TEST_CASE("a viewer filters by protocol, address and text") {
  const auto list = small_lab();
  Viewer viewer{*list, {}};
  const auto seqs = [&](const json& filter) { return seqs_of(all_rows(viewer, filter)); };
  const std::vector<std::uint64_t> frames{15, 18, 20};
  CHECK(seqs({{"protocol", "arp"}}) == frames);
  CHECK(seqs({{"protocol", "ARP"}}) == frames);
  CHECK(seqs({{"kinds", {"arp"}}}) == frames);
  CHECK(seqs({{"protocol", "tcp"}}).empty());
  CHECK(seqs({{"address", "10.0.0.1"}}) == frames);
  CHECK(seqs({{"address", "02:00:00:00:01:01"}}) == frames);
  CHECK(seqs({{"address", "10.0.0.9"}}).empty());
  CHECK(seqs({{"text", "who has"}}) == frames);
  CHECK(seqs({{"text", "Who Has 10.0.0.2"}, {"ports", {"r2"}}}) == frames);
  CHECK(seqs({{"text", "dropped: link-down"}}) == std::vector<std::uint64_t>{15});
}

TEST_CASE("a viewer says hello with markers, reasons and how the recording ends") {
  const auto list = small_lab();
  Viewer viewer{*list, {.name = "two", .file = "two.reel", .labreel = "1", .complete = true, .end = "sealed"}};
  const json hello = ask(viewer, {{"op", "hello"}});
  CHECK(hello["name"] == "two");
  CHECK(hello["clock"] == "real");
  CHECK(hello["complete"] == true);
  CHECK(hello["end"] == "sealed");
  CHECK(hello["last"] == 21);
  CHECK(hello["end_ns"] == 80);
  CHECK(hello["level"] == "fabric");
  CHECK(hello["markers"][0] == json{{"seq", 11}, {"time_ns", 14}, {"name", "cut"}, {"note", "the cable is cut"}, {"ask", "What is lost?"}});
  CHECK(hello["markers"].size() == 2);
  CHECK(hello["reasons"].size() == kReasonCount - 1);
  viewer.set_damage(Error{ErrorKind::input, "the page's hash does not fit its bytes"});
  const json damaged = ask(viewer, {{"op", "hello"}});
  CHECK(damaged["complete"] == false);
  CHECK(damaged["end"] == "it is damaged after event 21: the page's hash does not fit its bytes");
}

TEST_CASE("a viewer moves to markers, drops, positions and causes") {
  const auto list = small_lab();
  Viewer viewer{*list, {}};
  const auto next = [&](const char* op, std::uint64_t from, int dir) { return seq_of(ask(viewer, {{"op", op}, {"from", from}, {"dir", dir}})); };
  CHECK(next("marker", 1, 1) == 11);
  CHECK(next("marker", 11, 1) == 21);
  CHECK(next("marker", 21, 1) == 0);
  CHECK(next("marker", 21, -1) == 11);
  CHECK(next("marker", 11, -1) == 0);
  CHECK(next("drop", 0, 1) == 15);
  CHECK(next("drop", 15, 1) == 19);
  CHECK(next("drop", 19, 1) == 0);
  CHECK(next("drop", 21, -1) == 19);
  CHECK(next("drop", ~0ULL, -1) == 19);
  CHECK(next("drop", 15, -1) == 0);
  CHECK(seq_of(ask(viewer, {{"op", "position"}, {"text", "cut"}})) == 11);
  CHECK(seq_of(ask(viewer, {{"op", "position"}, {"text", "end"}})) == 21);
  CHECK(seq_of(ask(viewer, {{"op", "position"}, {"text", "+15ns"}})) == 13);
  CHECK(refusal(viewer, R"({"op":"position","text":"cat"})").what == "there is no marker \"cat\" (did you mean cut?)");
  const json cause = ask(viewer, {{"op", "cause"}, {"seq", 17}});
  REQUIRE(cause["chain"].size() == 3);
  CHECK(cause["chain"][1]["seq"] == 16);
  CHECK(cause["chain"][2]["text"] == "command       link.down r1:eth1 (cli)");
}

TEST_CASE("a viewer shows a frame's bytes, and what flies when") {
  const auto list = small_lab();
  Viewer viewer{*list, {}};
  const json frame = ask(viewer, {{"op", "frame"}, {"seq", 18}});
  CHECK(frame["bytes"].get<std::string>().size() == 84);
  CHECK(frame["class"] == "arp");
  REQUIRE(frame["layers"].size() == 2);
  CHECK(frame["layers"][1]["name"] == "arp");
  CHECK(frame["summary"] == "ARP Who has 10.0.0.2? Tell 10.0.0.1");
  CHECK(frame["copies"][0] == json{{"port", "r2:eth1"}, {"due_ns", 90}, {"outcome", "dropped"}, {"reason", "node-stopped"}});
  CHECK(refusal(viewer, R"({"op":"frame","seq":2})").what == "event 2 is no frame: it is node.added");
  const auto flying = [&](std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> seqs;
    const json answer = ask(viewer, {{"op", "flights"}, {"from_ns", from}, {"to_ns", to}});
    for (const json& flight : answer["flights"]) seqs.push_back(flight["seq"]);
    return seqs;
  };
  CHECK(flying(0, 100) == std::vector<std::uint64_t>{15, 18, 20});
  CHECK(flying(21, 29).empty());
  CHECK(flying(60, 60) == std::vector<std::uint64_t>{18, 20});
  CHECK(flying(71, 75) == std::vector<std::uint64_t>{18});
  const json first = ask(viewer, {{"op", "flights"}, {"from_ns", 0}, {"to_ns", 100}, {"max", 2}});
  CHECK(first["flights"].size() == 2);
  CHECK(first["more"] == true);
  CHECK(ask(viewer, {{"op", "flights"}, {"from_ns", 0}, {"to_ns", 100}, {"max", 3}})["more"] == false);
  CHECK(first["flights"][0] == json{{"seq", 15}, {"from", "r1:eth1"}, {"to", "r2:eth1"}, {"sent_ns", 20}, {"class", "arp"},
                                    {"due_ns", 20}, {"outcome", "dropped"}, {"reason", "link-down"}});
}

TEST_CASE("what flies at an event is what show has in flight there") {
  const auto list = random_recording(8, 500);
  Viewer viewer{*list, {}};
  std::size_t seen = 0;
  for (const Event& event : list->all()) {
    // Of events at one time, the last has all that the time's flights have.
    if (event.seq < list->last() && list->all()[event.seq.value].time == event.time) continue;
    std::multiset<std::pair<std::uint64_t, std::uint64_t>> flying;
    const json answer = ask(viewer, {{"op", "flights"}, {"from_ns", event.time.ns + 1}, {"to_ns", event.time.ns}});
    for (const json& flight : answer["flights"]) flying.emplace(flight["seq"], flight["due_ns"]);
    const json state = ask(viewer, {{"op", "state"}, {"at", event.seq.value}});
    std::multiset<std::pair<std::uint64_t, std::uint64_t>> shown;
    for (const json& flight : state["in_flight"]) shown.emplace(flight["frame"], flight["due"]);
    // A copy that an effect ended at once flies no more; its planned time stays what it was.
    for (const auto& each : shown) CHECK(flying.contains(each));
    seen += shown.size();
  }
  CHECK(seen > 50);
}

TEST_CASE("the strip counts every event and every drop once") {
  const auto list = random_recording(9, 400);
  Viewer viewer{*list, {}};
  for (const std::uint64_t buckets : {1, 7, 2048}) {
    const json strip = ask(viewer, {{"op", "strip"}, {"buckets", buckets}});
    REQUIRE(strip["buckets"].size() == buckets);
    std::uint64_t events = 0;
    std::uint64_t drops = 0;
    for (const json& bucket : strip["buckets"]) {
      for (const auto& [key, count] : bucket.items()) (key == "dropped" ? drops : events) += count.get<std::uint64_t>();
    }
    CHECK(events == list->last().value);
    CHECK(drops > 0);
  }
}

TEST_CASE("a viewer goes along a conversation, and traces a packet as events --trace does") {
  const auto list = small_lab();
  Viewer viewer{*list, {}};
  CHECK(seq_of(ask(viewer, {{"op", "conversation"}, {"seq", 15}, {"dir", 1}})) == 18);
  CHECK(seq_of(ask(viewer, {{"op", "conversation"}, {"seq", 20}, {"dir", -1}})) == 18);
  CHECK(seq_of(ask(viewer, {{"op", "conversation"}, {"seq", 15}, {"dir", -1}})) == 0);
  refusal(viewer, R"({"op":"conversation","seq":11,"dir":1})");
  const Trace trace = *trace_packet(*list, Seq{18}, {});
  const json answer = ask(viewer, {{"op", "trace"}, {"seq", 18}});
  REQUIRE(answer["hops"].size() == trace.hops.size());
  EventJson lines;
  std::size_t hop = 0;
  for (const Event& event : list->all()) {
    const std::string line = lines.line(event);
    if (hop < trace.hops.size() && event.seq == trace.hops[hop].frame) {
      CHECK(answer["hops"][hop] == json::parse(hop_json(line, trace.hops[hop])));
      ++hop;
    }
  }
  refusal(viewer, R"({"op":"trace","seq":1})");
}

TEST_CASE("a viewer has the terminals as they were at a position") {
  const auto list = small_lab();
  Viewer viewer{*list, {}};
  CHECK(ask(viewer, {{"op", "terminals"}, {"at", 15}})["terminals"].empty());
  const json begun = ask(viewer, {{"op", "terminals"}, {"at", 16}})["terminals"];
  REQUIRE(begun.size() == 1);
  CHECK(begun[0] == json{{"node", "r2"}, {"command", "sh -c echo hi"}, {"seq", 16}, {"text", ""}});
  CHECK(ask(viewer, {{"op", "terminals"}, {"at", 21}})["terminals"][0]["text"] == "hi\n");
  const json polls = ask(viewer, {{"op", "terminals"}, {"at", 21}, {"bookkeeping", true}})["terminals"];
  REQUIRE(polls.size() == 2);
  CHECK(polls[0] == json{{"node", "r1"}, {"command", "ping"}, {"seq", 8}, {"end_seq", 10}, {"exit", 0}, {"text", "ok\n"}});
}

TEST_CASE("a viewer verifies as verify does, and names a planted difference") {
  const auto list = random_recording(10, 400);
  Viewer viewer{*list, {}};
  const json same = ask(viewer, {{"op", "verify"}});
  CHECK(same["identical"] == true);
  CHECK(same["events"] == list->last().value);

  EventList planted;
  Seq changed;
  for (const Event& event : list->all()) {
    const auto* const frame = std::get_if<Frame>(&event.body);
    if (frame == nullptr) {
      planted.add(event.time, event.body, event.cause);
      continue;
    }
    std::vector<Copy> copies(frame->copies.begin(), frame->copies.end());
    if (changed.is_none() && !copies.empty() && copies[0].scheduled()) {
      copies[0].due.ns += 1;
      changed = event.seq;
    }
    planted.add_frame(event.time, frame->port, std::string(reinterpret_cast<const char*>(frame->bytes.data()), frame->bytes.size()),
                      copies, frame->length);
  }
  Viewer other{planted, {}};
  const json differs = ask(other, {{"op", "verify"}});
  CHECK(differs["identical"] == false);
  CHECK(differs["difference"]["seq"] == changed.value);
  CHECK(differs["difference"]["recorded"] != differs["difference"]["now"]);

  Viewer claims{*list, {.complete = true, .digest = "another"}};
  const json digest = ask(claims, {{"op", "verify"}});
  CHECK(digest["identical"] == false);
  CHECK(digest["difference"]["why"] == "the recording claims another digest than its events have");
}
