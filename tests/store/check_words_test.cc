// What check and repair say, to the word and to the row: a reel is judged by these lines.
#include <algorithm>

#include "sealed_reel.h"
#include "store/database.h"
#include "store/open_reel.h"
#include "store/reel_check.h"
#include "store/reel_tables.h"

namespace labreel {
namespace {

bool finds(const ReelReport& report, const std::string& place, std::string_view what) {
  return std::any_of(report.findings.begin(), report.findings.end(),
                     [&](const ReelFinding& finding) { return finding.place == place && has(finding.what, what); });
}

ReelReport checked_reel(const std::string& path) {
  Result<ReelReport> report = check_reel(path);
  REQUIRE(report.ok());
  return *report;
}

// Writes a reel, sealed or cut off, and returns what check says of it in a line.
std::string summary_of(bool sealed, const std::function<void(ReelWriter&)>& write) {
  const TempFolder folder;
  {
    const auto writer = ReelWriter::create(folder.file("a.reel"), small_options());
    write(*writer);
    if (sealed) writer->seal();
  }
  return checked_reel(folder.file("a.reel")).summary;
}

const LabBegun kBegun{"lab", "name: lab\n", "lab.yml", 7, "real", 1};
constexpr const char* kNothing = R"({"keeps":"nothing","at":1})";

}  // namespace

TEST_CASE("one event is an event, two are events") {
  const auto markers = [](int count) {
    return summary_of(true, [&](ReelWriter& writer) {
      for (int i = 0; i < count; ++i) writer.append(LabTime{1}, {}, Marker{"m", ""});
    });
  };
  CHECK(markers(1) == "whole: 1 event, sealed");
  CHECK(markers(2) == "whole: 2 events, sealed");
}

TEST_CASE("a reel that ends in a gap says in which, until a checkpoint tells again what the switch knew") {
  const auto after = [](const std::vector<EventBody>& bodies) {
    return summary_of(true, [&](ReelWriter& writer) {
      for (const EventBody& body : bodies) writer.append(LabTime{1}, {}, body);
    });
  };
  const std::string in_second = "; it ends in the gap of event 2: what lies behind it is not proved";
  CHECK(has(after({Marker{"m", ""}, Gap{"reel", 1, "lossy"}}), in_second));
  CHECK(has(after({Marker{"m", ""}, Gap{"recorder", 1, "killed"}}), in_second));
  CHECK_FALSE(has(after({Marker{"m", ""}, Gap{"before-fabric", 1, "kernel"}}), "it ends in the gap"));
  CHECK(has(after({Marker{"m", ""}, Gap{"reel", 1, "lossy"}, Gap{"reel", 2, "lossy"}}), in_second));
  CHECK_FALSE(has(after({Gap{"reel", 1, "lossy"}, Checkpoint{}}), "it ends in the gap"));
  CHECK(has(after({Gap{"reel", 1, "lossy"}, Gap{"before-fabric", 1, "kernel"}}), "the gap of event 1:"));
}

TEST_CASE("a cut-off reel says that frames were not recorded if its last word of a lossy recording says so") {
  const std::string words = "; frames were not recorded when it ended";
  const auto with_notes = [](const std::vector<std::pair<std::string, std::string>>& notes, bool sealed = false) {
    return summary_of(sealed, [&](ReelWriter& writer) {
      writer.append(LabTime{1}, {}, kBegun);
      for (const auto& [kind, detail] : notes) writer.note(kind, detail);
    });
  };
  CHECK(has(with_notes({{"lossy", kNothing}}), words));
  CHECK(has(with_notes({{"lossy", kNothing}, {"stall", "{}"}}), words));
  CHECK_FALSE(has(with_notes({{"lossy", kNothing}, {"lossy", R"({"keeps":"everything","at":2})"}}), words));
  CHECK_FALSE(has(with_notes({{"stall", kNothing}}), words));
  CHECK_FALSE(has(with_notes({{"lossy", kNothing}}, true), words));
  // A run that went on knows nothing of how the one before it ended.
  const std::string went_on = summary_of(false, [](ReelWriter& writer) {
    writer.append(LabTime{1}, {}, kBegun);
    writer.note("lossy", kNothing);
    writer.append(LabTime{2}, {}, kBegun);
  });
  CHECK_FALSE(has(went_on, words));
  const std::string both = summary_of(false, [](ReelWriter& writer) {
    writer.append(LabTime{1}, {}, kBegun);
    writer.append(LabTime{1}, {}, Gap{"reel", 1, "lossy"});
    writer.note("lossy", kNothing);
  });
  CHECK(has(both, "it ends in the gap of event 2"));
  CHECK(has(both, words));
}

TEST_CASE("a finding in a table names the row") {
  const Sealed reel{9'000};
  const auto report_after = [&](const std::string& change) {
    write_file(reel.path, reel.bytes);
    sql(reel.path, change);
    INFO(change);
    return checked_reel(reel.path);
  };
  CHECK(finds(report_after("UPDATE block_hash SET hash = zeroblob(32) WHERE block = 2"), "table block_hash, row 2",
              "the hash is not its events'"));
  const ReelReport index = report_after("UPDATE checkpoint SET bytes = bytes + 1 WHERE seq = (SELECT max(seq) FROM checkpoint)");
  CHECK(finds(index, "table checkpoint, row 1", "the index is not what the events say"));
  std::size_t row = 1;
  while (reel_tables()[row - 1].first != "note") ++row;
  const ReelReport schema =
      report_after("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'note (', 'note(') WHERE name = 'note'");
  CHECK(finds(schema, reel.path + ": table sqlite_schema, row " + std::to_string(row), "the tables are not those of a reel"));
  const ReelReport dropped = report_after("DROP TABLE snapshot");
  CHECK(finds(dropped, "table sqlite_schema", "tables are missing"));
  CHECK(finds(dropped, "the database", "no such table: snapshot"));
}

TEST_CASE("each row of an index is compared, not the first alone") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  {
    const auto writer = ReelWriter::create(path, small_options());
    for (const char* const label : {"one", "two", "three"}) writer->append(LabTime{1}, {}, Marker{label, ""});
    writer->seal();
  }
  sql(path, "UPDATE marker SET time_ns = time_ns + 1 WHERE seq = 2");
  CHECK(finds(checked_reel(path), "table marker, row 2", "the index is not what the events say"));
}

TEST_CASE("a digest that is guarded and not the events' is a finding") {
  const Sealed reel{40};
  {
    Database database = Database::open_copy(reel.path);
    ReelMeta meta = *read_meta(database);
    meta.digest = std::string(64, 'a');
    write_meta(database, meta);
  }
  CHECK(finds(checked_reel(reel.path), "table meta", "the digest is " + std::string(64, 'a') + ", but the events' is "));
}

TEST_CASE("a repair keeps each host note behind its event, says once what it found, and which events a gap stands for") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  std::vector<HostNote> notes;
  {
    const auto writer = ReelWriter::create(path, small_options());
    writer->note("first", "before all events");
    Script script{*writer};
    for (unsigned part = 0; part < 40; ++part) {  // so that some are behind events that will be lost
      script.fill(10, part);
      writer->note("part", std::to_string(part));
    }
    notes = writer->notes_so_far();
    writer->seal();
  }
  std::uint64_t first = 0;
  std::uint64_t behind = 0;
  {
    const Database database = Database::open_bytes(*ReelBytes::of(descriptor_of(path), path));
    Statement select{database, "SELECT first_seq, first_seq + count FROM page WHERE number = 3"};
    REQUIRE(select.step());
    first = select.number(0);
    behind = select.number(1);
  }
  sql(path, "UPDATE page SET image = zeroblob(length(image)) WHERE number = 3");
  const auto report = repair_reel(path, folder.file("b.reel"));
  REQUIRE(report.ok());
  REQUIRE_FALSE(report->findings.empty());
  CHECK(has(report->findings[0].place, "page 3"));
  for (std::size_t i = 0; i < report->findings.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) CHECK(report->findings[i].place != report->findings[j].place);
  }
  const auto reader = ReelReader::open(folder.file("b.reel"));
  REQUIRE(reader.ok());
  std::vector<HostNote> kept = reader->notes();
  REQUIRE(kept.back().kind == "repaired");
  kept.pop_back();
  REQUIRE(kept.size() == notes.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    CHECK(kept[i].after.value == notes[i].after.value);
    CHECK(kept[i].kind == notes[i].kind);
    CHECK(kept[i].detail == notes[i].detail);
  }
  const ReadReel read = read_all(*reader);
  REQUIRE(read.events.size() >= behind);
  const auto* gap = std::get_if<Gap>(&read.events[first - 1].body);
  REQUIRE(gap != nullptr);
  CHECK(gap->reason == "damaged: events " + std::to_string(first) + " to " + std::to_string(behind - 1) + " cannot be read");
  CHECK(std::get_if<Gap>(&read.events[behind - 1].body) == nullptr);
}

TEST_CASE("a reel whose tables are lost and that is longer than it says is not said to be cut short") {
  const Sealed reel{40};
  std::string bytes = reel.bytes + std::string(kDatabasePage_bytes, '\0');
  bytes.replace(100, kDatabasePage_bytes - 100, kDatabasePage_bytes - 100, '\0');
  write_file(reel.path, bytes);
  const auto open = OpenReel::open(reel.path);
  REQUIRE(open.ok());
  REQUIRE((*open)->end().damage);
  CHECK_FALSE(has((*open)->end().damage->what, "cut short"));
  CHECK((*open)->end().last.value == reel.events.size());
}

}  // namespace labreel
