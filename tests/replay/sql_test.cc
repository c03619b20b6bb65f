// SQL over recordings: the tables say what the events say, conditions change nothing but the speed, and nothing is
// written.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "replay/event_json.h"
#include "replay/final_outcomes.h"
#include "replay/sql/reel_query.h"
#include "tests/replay/damaged_log.h"
#include "tests/replay/event_list.h"
#include "tests/replay/frame_maker.h"
#include "tests/replay/recorded_lab.h"

using namespace labreel;
using namespace labreel::test;

namespace {

using Rows = std::vector<std::vector<SqlValue>>;

Rows ask(const EventLog& log, const std::string& sql) {
  auto query = ReelQuery::make(log, sql);
  if (!query) FAIL(sql << ": " << query.error().what);
  Rows rows;
  std::vector<SqlValue> row;
  for (;;) {
    const Result<bool> more = (*query)->next(row);
    if (!more) FAIL(sql << ": " << more.error().what);
    if (!*more) return rows;
    rows.push_back(row);
  }
}
Error refusal_of(const EventLog& log, const std::string& sql) {
  const auto query = ReelQuery::make(log, sql);
  INFO(sql);
  REQUIRE_FALSE(query);
  return query.error();
}
SqlValue number(std::int64_t value) { return value; }
SqlValue text(const char* value) { return std::string{value}; }

struct RandomLab {
  explicit RandomLab(std::uint64_t seed) {
    ListSink sink{list};
    record_random_lab(sink, seed, 300);
  }
  EventList list;
};

}  // namespace

TEST_CASE("conditions that are found by pages leave the rows that checking each row leaves", "[sql]") {
  const RandomLab lab{GENERATE(1U, 2U, 3U)};
  const EventList& list = lab.list;
  const std::string middle = std::to_string(list.last().value / 2);
  const std::string half_time = std::to_string(list.all()[list.last().value / 2].time.ns);
  const std::vector<std::string> conditions{"@seq = " + middle,
                                            "@seq > " + middle,
                                            "@seq <= " + middle + " AND @time > 0",
                                            "@seq < 2.5",
                                            "@seq >= 2.5",
                                            "@seq BETWEEN 5 AND 9",
                                            "@time = " + half_time,
                                            "@time < " + half_time,
                                            "@time >= " + half_time + ".5",
                                            "@seq < 0",
                                            "@time < -1",
                                            "@seq > 9223372036854775807",
                                            "@seq IN (3, 9, " + middle + ")",
                                            "@seq = 5 OR @seq = 7",
                                            "@time <= 1e30",
                                            "@seq = NULL"};
  for (const std::string& condition : conditions) {
    const auto with = [&](const std::string& before) {
      std::string written = condition;
      for (std::size_t at = 0; (at = written.find('@', at)) != std::string::npos;) written.replace(at, 1, before);
      return written;
    };
    for (const std::string table : {"event", "frame", "copy", "field"}) {
      const std::string select = "SELECT * FROM " + table + " WHERE ";
      INFO(select << condition);
      CHECK(ask(list, select + with("")) == ask(list, select + with("+")));
    }
  }
  const auto ports = ask(list, "SELECT DISTINCT port FROM frame");
  REQUIRE_FALSE(ports.empty());
  for (const auto& port : ports) {
    const std::string is = "port = '" + std::get<std::string>(port[0]) + "'";
    CHECK(ask(list, "SELECT seq FROM frame WHERE " + is) == ask(list, "SELECT seq FROM frame WHERE +" + is));
    CHECK(ask(list, "SELECT seq, copy FROM copy WHERE " + is) == ask(list, "SELECT seq, copy FROM copy WHERE +" + is));
    CHECK(ask(list, "SELECT seq FROM copy WHERE from_" + is) == ask(list, "SELECT seq FROM copy WHERE +from_" + is));
  }
  CHECK(ask(list, "SELECT seq FROM event WHERE kind = 'FRAME' COLLATE NOCASE") ==
        ask(list, "SELECT seq FROM event WHERE kind = 'frame'"));
}

TEST_CASE("the fields of frames are rows, named as Wireshark names them", "[sql]") {
  EventList list;
  add_two_nodes(list);
  list.add_frame(LabTime{5}, PortId{0}, arp_request(), {});
  list.add_frame(LabTime{6}, PortId{1}, std::string("short"), {});
  using Row = std::vector<SqlValue>;
  const std::string columns = "SELECT seq, port, layer, label, value, number, offset, length FROM field WHERE ";
  CHECK(ask(list, columns + "name = 'arp.opcode'") ==
        std::vector<Row>{{std::int64_t{7}, "r1:eth1", "arp", "Opcode", "1 (request)", std::int64_t{1}, std::int64_t{20}, std::int64_t{2}}});
  CHECK(ask(list, "SELECT number FROM field WHERE name = 'eth.type'") == std::vector<Row>{{std::int64_t{0x806}}});
  CHECK(ask(list, "SELECT number FROM field WHERE name = 'arp.src.proto_ipv4'") == std::vector<Row>{{SqlValue{}}});
  for (const std::string is : {"layer = 'arp'", "name = 'eth.dst'", "port = 'r1:eth1'", "layer = 'none'"}) {
    CHECK(ask(list, "SELECT * FROM field WHERE " + is) == ask(list, "SELECT * FROM field WHERE +" + is));
  }
}

TEST_CASE("an event's JSON is the line that events prints, wherever reading starts", "[sql]") {
  const RandomLab lab{4};
  const EventList& list = lab.list;
  EventJson json;
  Rows lines;
  for (const Event& event : list.all()) lines.push_back({json.line(event)});
  CHECK(ask(list, "SELECT json FROM event") == lines);
  for (const std::uint64_t seq : {std::uint64_t{1}, std::uint64_t{9}, list.last().value}) {
    CHECK(ask(list, "SELECT json FROM event WHERE seq = " + std::to_string(seq)) == Rows{lines[seq - 1]});
  }
}

TEST_CASE("every copy has one final outcome, and frames count them", "[sql]") {
  const RandomLab lab{5};
  const EventList& list = lab.list;
  const auto counts = *tally(list);
  REQUIRE(counts.dropped_in_all() > 0);
  CHECK(ask(list, "SELECT count(*), sum(outcome = 'delivered'), sum(outcome = 'dropped') FROM copy") ==
        Rows{{number(static_cast<std::int64_t>(counts.copies)), number(static_cast<std::int64_t>(counts.delivered)),
              number(static_cast<std::int64_t>(counts.dropped_in_all()))}});
  CHECK(ask(list, "SELECT sum(copies), sum(delivered), sum(dropped) FROM frame") ==
        ask(list, "SELECT count(*), sum(outcome = 'delivered'), sum(reason IS NOT NULL) FROM copy"));
}

TEST_CASE("a frame's columns are what its headers say, and NULL where they say nothing", "[sql]") {
  EventList list;
  add_two_nodes(list);
  list.add_frame(LabTime{5}, PortId{0}, ping_frame("10.0.0.1", "10.0.0.2", 3),
                 {{PortId{1}, Reason::none, 0, 0, LabTime{9}}});
  list.add_frame(LabTime{6}, PortId{1}, std::string("\x01\x02", 2), {});
  list.add(LabTime{7}, Marker{"here", "look"});
  CHECK(
      ask(list,
          "SELECT port, node, src_ip, dst_ip, protocol, icmp_type, echo_seq, src_port FROM frame WHERE seq = 7") ==
      Rows{{text("r1:eth1"), text("r1"), text("10.0.0.1"), text("10.0.0.2"), text("icmp"), number(8), number(3), {}}});
  CHECK(ask(list, "SELECT src_mac, protocol, payload FROM frame WHERE seq = 8") ==
        Rows{{{}, {}, SqlBytes{"\x01\x02"}}});
  CHECK(ask(list, "SELECT name, note, seq FROM marker WHERE seq = pos('here')") ==
        Rows{{text("here"), text("look"), number(9)}});
}

TEST_CASE("SQL that does not compile says where and what was meant", "[sql]") {
  const RandomLab lab{6};
  const EventList& list = lab.list;
  const Error column = refusal_of(list, "SELECT seq,\n  src_pi FROM frame");
  CHECK(column.kind == ErrorKind::usage);
  CHECK(column.what == "no such column: src_pi (did you mean src_ip?)\n    src_pi FROM frame\n    ^");
  CHECK(refusal_of(list, "SELECT * FROM frames").what.find("(did you mean frame?)") != std::string::npos);
  CHECK(refusal_of(list, "SELEC 1").what.find("\n  SELEC 1\n  ^") != std::string::npos);
  CHECK(refusal_of(list, "SELECT 1; SELECT 2").what.find("second statement") != std::string::npos);
  CHECK(refusal_of(list, " -- nothing").what.find("no statement") != std::string::npos);
}

TEST_CASE("host notes are a table, lateness and stalls are views of it", "[sql]") {
  EventList list;
  add_two_nodes(list);
  list.notes_ = {{Seq{1}, "host", R"({"name":"h"})"},
                 {Seq{2}, "lateness", R"({"copies":4,"max_ns":41097844,"until":15})"},
                 {Seq{3}, "lateness", R"({"copies":2,"max_ns":9,"until":16,"median_ns":7,"frame":3,"copy":1})"},
                 {Seq{4}, "stall", R"({"from":10,"to":35,"backlog":3})"}};
  CHECK(ask(list, "SELECT count(*) FROM note") == Rows{{number(4)}});
  CHECK(ask(list, "SELECT detail ->> 'name' FROM note WHERE kind = 'host' AND after = 1") == Rows{{text("h")}});
  CHECK(ask(list, "SELECT * FROM lateness") ==
        Rows{{number(2), number(15), number(4), {}, number(41097844), {}, {}},
             {number(3), number(16), number(2), number(7), number(9), number(3), number(1)}});
  CHECK(ask(list, "SELECT * FROM stall") == Rows{{number(4), number(10), number(35), number(25)}});
}

TEST_CASE("a query can write nothing and reach no file", "[sql]") {
  const RandomLab lab{7};
  const EventList& list = lab.list;
  for (const char* const sql :
       {"DELETE FROM frame", "INSERT INTO event(seq) VALUES (1)", "CREATE TABLE t(x)", "CREATE TEMP TABLE t(x)",
        "DROP VIEW marker", "ATTACH '/tmp/labreel-must-not-be' AS other", "PRAGMA journal_mode = DELETE",
        "PRAGMA temp_store_directory = '/tmp'", "VACUUM INTO '/tmp/labreel-must-not-be'", "BEGIN",
        "SELECT load_extension('x')"}) {
    CHECK_FALSE(refusal_of(list, sql).what.empty());
  }
  CHECK_FALSE(ask(list, "PRAGMA table_info(frame)").empty());
}

TEST_CASE("a position that is not there ends the query with a suggestion", "[sql]") {
  EventList list;
  add_two_nodes(list);
  list.add(LabTime{7}, Marker{"here", ""});
  const auto query = ReelQuery::make(list, "SELECT seq FROM event WHERE seq > pos('hree')");
  REQUIRE(query);
  std::vector<SqlValue> row;
  const auto more = (*query)->next(row);
  REQUIRE_FALSE(more);
  CHECK(more.error().kind == ErrorKind::usage);
  CHECK(more.error().what.find("did you mean here?") != std::string::npos);
}

TEST_CASE("of a damaged recording the events before the damage are asked, and the damage is told", "[sql]") {
  const RandomLab lab{8};
  const EventList& list = lab.list;
  const DamagedLog log{list, Seq{50}};
  const auto query = ReelQuery::make(log, "SELECT count(*) FROM event");
  REQUIRE(query);
  std::vector<SqlValue> row;
  REQUIRE(*(*query)->next(row));
  CHECK(row == std::vector<SqlValue>{number(50)});
  REQUIRE((*query)->damage());
  CHECK((*query)->damage()->what == "wrong bytes");
}
