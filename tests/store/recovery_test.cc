// What is wrong with a reel though each of its hashes is right, or though its pages are: found, with its place.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>

#include <thread>

#include "sealed_reel.h"
#include "store/open_reel.h"
#include "store/reel_check.h"
#include "store/reel_start.h"
#include "store/ring_layout.h"

namespace labreel {
namespace {

// The first thing that check finds.
std::string first_finding(const std::string& path) {
  const auto report = check_reel(path);
  REQUIRE(report.ok());
  REQUIRE_FALSE(report->findings.empty());
  return report->findings[0].place + ": " + report->findings[0].what;
}

// A dead recorder's reel, committed up to `committed` frames or a little more; the rest is in its ring.
class CutOff {
 public:
  TempFolder folder;
  std::string path = folder.file("a.reel");
  std::string ring = path + "-ring";
  std::vector<OwnedEvent> events;

  // On a busy host the writing thread may come by once more before the recorder dies: then another one has to.
  CutOff(std::size_t committed, std::size_t in_ring, const std::vector<HostNote>& notes = {}) {
    do {
      for (const char* file : {"", "-ring", "-journal"}) std::filesystem::remove(path + file);
      record_and_die(committed, in_ring, notes);
    } while (committed > 0 && opened(path)->tail().empty());
  }

 private:
  void record_and_die(std::size_t committed, std::size_t in_ring, const std::vector<HostNote>& notes) {
    ReelOptions options = small_options();
    if (committed > 0) options.commit_interval_ms = 1;
    else options = uncommitted_options(64);
    const auto writer = ReelWriter::create(path, options);
    Script script{*writer};
    if (committed > 0) {
      script.fill(committed);
      while (writer->state().durable.value < script.events().size()) std::this_thread::yield();
      // Nothing more is committed until so much waits.
      writer->append(LabTime{script.events().back().time_ns}, {}, Marker{"committed", ""});
    }
    script.fill(in_ring);
    for (const HostNote& note : notes) writer->note(note.kind, note.detail);
    events = script.events();
  }
};

std::vector<Seq> checkpoints_of(const std::vector<OwnedEvent>& events) {
  std::vector<Seq> checkpoints;
  for (const OwnedEvent& event : events) {
    if (std::holds_alternative<Checkpoint>(event.body)) checkpoints.push_back(Seq{event.seq});
  }
  return checkpoints;
}

// None if there is none up to `seq`.
Seq last_up_to(Seq seq, const std::vector<Seq>& checkpoints) {
  const auto behind = std::upper_bound(checkpoints.begin(), checkpoints.end(), seq);
  return behind == checkpoints.begin() ? Seq{} : *(behind - 1);
}

std::vector<std::string> live_pages(ReelWriter& writer) {
  std::vector<std::string> pages;
  for (;;) {
    std::vector<std::string> more = writer.pages_from(pages.size(), 10'000);
    if (more.empty()) return pages;
    for (std::string& page : more) pages.push_back(std::move(page));
  }
}

}  // namespace

TEST_CASE("pages that a recorder gives are refused with their number if one is empty, does not follow or is another lab's") {
  const TempFolder folder;
  const auto writer = ReelWriter::create(folder.file("a.reel"), uncommitted_options(64));
  Script script{*writer};
  script.fill(100);
  const std::vector<std::string> pages = live_pages(*writer);
  REQUIRE(pages.size() > 3);
  const auto refusal = [&](std::vector<std::string> images) {
    const Result<std::shared_ptr<OpenReel>> reel = OpenReel::from_pages(std::move(images), {});
    REQUIRE_FALSE(reel.ok());
    return reel.error();
  };
  CHECK(refusal({pages[0], ""}).place.find("page 1") == 0);
  CHECK(has(refusal({pages[0], pages[2]}).what, "does not follow"));
  CHECK(has(refusal({pages[1]}).what, "does not follow"));
  CHECK(has(refusal({forged(pages[0], [](PageParts& page) { page.head.number = 4; })}).what, "does not follow"));
  CHECK(has(refusal({forged(pages[0], [](PageParts& page) { page.head.previous_hash.low = 4; })}).what, "does not follow"));
  CHECK(has(refusal({pages[0], forged(pages[1], [](PageParts& page) { page.head.lab_id.low ^= 1U; })}).what, "another lab"));
  const Error newer = refusal({forged(pages[0], [](PageParts& page) { page.head.format_version = 9; })});
  CHECK(has(newer.what, "version 9"));
  CHECK(has(newer.hint, "newer labreel"));

  const std::shared_ptr<OpenReel> reel = *OpenReel::from_pages(pages, {});
  CHECK(reel->page_seqs_behind(0).empty());
  CHECK(reel->longest_page_bytes() == 0);
  CHECK(reel->checkpoint_before(Seq{1}).is_none());
  CHECK(*reel->last_at_or_before(LabTime{0}) == Seq{});
}

TEST_CASE("a recorder that answers nowhere is known all the same") {
  const TempFolder folder;
  const auto writer = ReelWriter::create(folder.file("a.reel"), small_options());
  const auto reader = ReelReader::open(folder.file("a.reel"));
  REQUIRE_FALSE(reader.ok());
  CHECK(reader.error().what == "is being recorded right now");
}

TEST_CASE("a page that lies about its lab, its number, its flags or the page before it ends the reading before it") {
  for (const auto& [change, words] : std::vector<std::pair<std::function<void(PageParts&)>, std::string>>{
           {[](PageParts& page) { page.head.lab_id.high ^= 1U; }, "another lab"},
           {[](PageParts& page) { page.head.number += 100; }, "does not follow"},
           {[](PageParts& page) { page.head.flags = kPageOpen; }, "columns are not its page's"},
           {[](PageParts& page) { page.head.previous_hash.low ^= 1U; }, "does not follow"}}) {
    const Sealed reel{400};
    reel.forge(3, change);
    INFO(words);
    CHECK(has(first_finding(reel.path), words));
    const auto reader = ReelReader::open(reel.path);
    REQUIRE(reader.ok());
    const ReadReel read = read_all(*reader);
    REQUIRE(read.error);
    CHECK(std::equal(read.events.begin(), read.events.end(), reel.events.begin()));
    CHECK(read.events.size() > 10);
    // The same when someone asks for an event of it, and when the end of the reel is gone too.
    CHECK_FALSE(opened(reel.path)->page_with(Seq{read.events.size() + 1}).ok());
    sql(reel.path, "DELETE FROM page WHERE first_seq = (SELECT max(first_seq) FROM page)");
    CHECK(opened(reel.path)->end().last.value == read.events.size());
  }
}

TEST_CASE("an event that cannot be decoded, in a page whose hash is right, is found with its number and repaired by a gap") {
  const Sealed reel{40};
  std::uint64_t lost = 0;
  for (std::uint64_t number = 0; lost == 0; ++number) {
    reel.forge(number, [&](PageParts& page) {
      for (std::size_t i = 0; i < page.records.size() && lost == 0; ++i) {
        if (page.records[i].kind != static_cast<std::uint8_t>(EventKind::command)) continue;
        page.payloads[i].assign(page.payloads[i].size(), '\xFF');
        page.records[i].payload_length = static_cast<std::uint32_t>(page.payloads[i].size());
        lost = page.head.first_seq + i;
      }
    });
  }
  CHECK(has(first_finding(reel.path), "event " + std::to_string(lost)));
  const auto report = repair_reel(reel.path, reel.folder.file("b.reel"));
  REQUIRE(report.ok());
  REQUIRE_FALSE(report->findings.empty());
  CHECK(has(report->findings[0].place, "page "));
  const ReadReel read = read_all(*ReelReader::open(reel.folder.file("b.reel")));
  REQUIRE(read.events.size() >= reel.events.size());
  CHECK(std::get_if<Gap>(&read.events[lost - 1].body) != nullptr);
  for (std::size_t i = 0; i < reel.events.size(); ++i) {
    if (i != lost - 1) REQUIRE(read.events[i] == reel.events[i]);
  }
}

TEST_CASE("a repair passes over pages that claim to lie a million events ahead, or before what is kept") {
  for (const bool is_early : {false, true}) {
    const Sealed reel{400};
    sql(reel.path, "DELETE FROM page WHERE number = 2");
    std::uint64_t kept = 0;
    reel.forge(4, [&](PageParts& page) {
      kept = page.records.size();
      if (is_early) {
        for (Record& record : page.records) record.time_ns = 0;
      } else {
        page.head.first_seq += 5'000'000;
      }
    });
    const auto report = repair_reel(reel.path, reel.folder.file("b.reel"));
    REQUIRE(report.ok());
    CHECK(report->events < reel.events.size() + 2);
    CHECK(report->complete);
    CHECK(kept > 0);
  }
}

TEST_CASE("what is no reel is not repaired") {
  const TempFolder folder;
  write_file(folder.file("a.reel"), "name: a lab\n");
  CHECK_FALSE(repair_reel(folder.file("a.reel"), folder.file("b.reel")).ok());
  CHECK(folder.names() == std::vector<std::string>{"a.reel"});
}

TEST_CASE("an event whose page is missing is not there, from either side") {
  const Sealed reel{400};
  const std::shared_ptr<OpenReel> whole = opened(reel.path);
  const PagePtr first = *whole->page_with(Seq{1});
  const Seq in_second = Seq{first->head().last_seq() + 2};
  // Not read on from: the page is looked for.
  CHECK((*whole->page_with(Seq{in_second.value + 200}, first.get()))->head().first_seq > in_second.value);
  sql(reel.path, "DELETE FROM page WHERE number = 1");
  CHECK(has(opened(reel.path)->page_with(in_second).error().what, "missing"));
  sql(reel.path, "DELETE FROM page WHERE number = 0");
  CHECK(has(opened(reel.path)->page_with(in_second).error().what, "missing"));
  CHECK_FALSE(opened(reel.path)->last_at_or_before(LabTime{0}).ok());
}

TEST_CASE("a lab time is found, or the page that makes it unknown is named") {
  const Sealed reel{400};
  const auto asked_for = [&](std::uint64_t number, const std::string& change) {
    write_file(reel.path, reel.bytes);
    const std::shared_ptr<OpenReel> whole = opened(reel.path);
    std::uint64_t seq = 1;
    for (std::uint64_t page = 0; page < number; ++page) seq = (*whole->page_with(Seq{seq}))->head().last_seq() + 1;
    const LabTime last{(*whole->page_with(Seq{seq}))->head().last_time_ns};
    sql(reel.path, change);
    return opened(reel.path)->last_at_or_before(last);
  };
  CHECK(asked_for(3, "SELECT 1").ok());
  CHECK_FALSE(asked_for(3, "UPDATE page SET image = zeroblob(length(image)) WHERE number = 3").ok());
  CHECK_FALSE(asked_for(3, "UPDATE page SET image = zeroblob(length(image)) WHERE number = 4").ok());
  // Rows that no writer makes: searching ends, and the page that was found must agree.
  CHECK_FALSE(asked_for(14, "UPDATE page SET count = 0 WHERE number BETWEEN 3 AND 15").ok());
  CHECK_FALSE(asked_for(0, "DELETE FROM page WHERE number = 0; INSERT INTO page (first_seq) VALUES (0)").ok());
  CHECK_FALSE(asked_for(0, "DELETE FROM page WHERE number = 0; INSERT INTO page (first_seq) VALUES (-5)").ok());
}

TEST_CASE("an empty reel has no event at any time, no checkpoint and no page") {
  const TempFolder folder;
  ReelWriter::create(folder.file("a.reel"), small_options())->seal();
  const std::shared_ptr<OpenReel> reel = opened(folder.file("a.reel"));
  CHECK(*reel->last_at_or_before(LabTime{5}) == Seq{});
  CHECK(reel->last_page() == nullptr);
  CHECK(reel->checkpoint_before(Seq{5}).is_none());
}

TEST_CASE("checkpoints are found in the index of a sealed reel and in the pages of one that was cut off") {
  const Sealed reel{400};
  REQUIRE_FALSE(checkpoints_of(reel.events).empty());
  const Seq sealed = checkpoints_of(reel.events).front();
  CHECK(opened(reel.path)->checkpoint_before(Seq{sealed.value + 1}) == sealed);
  CHECK(opened(reel.path)->checkpoint_before(Seq{sealed.value - 1}).is_none());
  const CutOff cut_off{0, 200};
  REQUIRE_FALSE(checkpoints_of(cut_off.events).empty());
  const Seq kept = checkpoints_of(cut_off.events).front();
  CHECK(opened(cut_off.path)->checkpoint_before(kept) == kept);
  CHECK(opened(cut_off.path)->checkpoint_before(Seq{kept.value - 1}).is_none());
}

TEST_CASE("a checkpoint is found in the database's pages of a reel that was cut off before its index was written") {
  const CutOff reel{300, 60};
  const std::vector<Seq> checkpoints = checkpoints_of(reel.events);
  REQUIRE_FALSE(checkpoints.empty());
  const std::shared_ptr<OpenReel> open = opened(reel.path);
  const std::uint64_t committed = open->database_last();
  REQUIRE(checkpoints.front().value < committed);
  for (std::uint64_t seq = 0; seq <= reel.events.size(); ++seq) {
    CHECK(open->checkpoint_before(Seq{seq}) == last_up_to(Seq{seq}, checkpoints));
  }
  // Damage on the way back: there is no short way, and nothing is said of it here.
  const Seq first = checkpoints.front();
  const Seq behind{(*open->page_with(first))->head().last_seq() + 1};  // the next page's first event
  REQUIRE(open->checkpoint_before(behind) == first);
  sql(reel.path, "UPDATE page SET image = zeroblob(length(image)) WHERE first_seq = " + std::to_string(behind.value));
  const std::shared_ptr<OpenReel> damaged = opened(reel.path);
  CHECK(damaged->checkpoint_before(behind).is_none());
  CHECK(damaged->checkpoint_before(first) == first);
  CHECK(damaged->checkpoint_before(Seq{committed}) <= last_up_to(Seq{committed}, checkpoints));
}

TEST_CASE("a checkpoint is found in the database's pages of a reel that was cut off and lost its description, too") {
  const CutOff reel{300, 60};
  const std::uint64_t committed = opened(reel.path)->database_last();
  lose_database_page(reel.path, kDatabasePage_bytes);
  const std::shared_ptr<OpenReel> open = opened(reel.path);
  REQUIRE(has(open->end().damage->place, "table meta"));
  REQUIRE_FALSE(open->meta());
  const Seq last = last_up_to(Seq{committed}, checkpoints_of(reel.events));
  REQUIRE_FALSE(last.is_none());
  CHECK(open->checkpoint_before(Seq{committed}) == last);
}

TEST_CASE("a checkpoint of a reel without an index is not looked for further back than 262,144 events") {
  constexpr std::uint64_t kEvents = (1 << 18) + 20'000;  // some pages more: the one that the border lies in is looked at whole
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  ReelOptions options;
  options.ring_pages = 64;  // a small ring, so that nearly all is committed
  options.commit_interval_ms = 1;
  {
    const auto writer = ReelWriter::create(path, options);
    writer->append(LabTime{1}, {}, Checkpoint{});
    for (std::uint64_t i = 0; i < kEvents; ++i) writer->append(LabTime{2}, {}, Marker{"m", ""});
    while (writer->state().durable.value < kEvents) std::this_thread::yield();
  }
  const std::shared_ptr<OpenReel> open = opened(path);
  REQUIRE(open->database_last() >= kEvents);
  CHECK(open->checkpoint_before(Seq{1000}) == Seq{1});
  CHECK(open->checkpoint_before(Seq{open->database_last()}).is_none());
}

TEST_CASE("any event is read, from anywhere, of a reel that is searched for rows and of one whose journal is rolled back") {
  const Sealed reel{400};
  const auto reads_backwards = [&] {
    const std::shared_ptr<OpenReel> open = opened(reel.path);
    REQUIRE(open->end().last.value == reel.events.size());
    for (std::uint64_t seq = reel.events.size(); seq > 0; seq -= std::min<std::uint64_t>(seq, 7)) {
      const Result<PagePtr> page = open->page_with(Seq{seq});
      REQUIRE(page.ok());
      CHECK(((*page)->head().first_seq <= seq && seq <= (*page)->head().last_seq()));
    }
    return open->database() == nullptr;
  };
  // A writer that was killed in the middle of a transaction leaves the pages as they were in its journal.
  const std::string journal = reel.path + "-journal";
  {
    Database database = Database::open_copy(reel.path);
    database.run("PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN");
    database.run("UPDATE page SET image = zeroblob(length(image))");
    std::filesystem::copy_file(journal, reel.folder.file("kept"));
    std::filesystem::copy_file(reel.path, reel.folder.file("half"));
  }
  std::filesystem::rename(reel.folder.file("kept"), journal);
  std::filesystem::rename(reel.folder.file("half"), reel.path);
  REQUIRE(has_hot_journal(reel.path));
  REQUIRE(read_file(reel.path) != reel.bytes);
  CHECK_FALSE(reads_backwards());
  std::filesystem::remove(journal);
  write_file(reel.path, reel.bytes);
  lose_database_page(reel.path, 0);
  CHECK(reads_backwards());
}

TEST_CASE("times before a ring's first event are looked for in the reel") {
  const CutOff reel{300, 60};
  const std::shared_ptr<OpenReel> open = opened(reel.path);
  REQUIRE(open->database_last() > 0);
  REQUIRE_FALSE(open->tail().empty());
  CHECK(*open->last_at_or_before(LabTime{reel.events[9].time_ns}) == Seq{reel.events[9].seq});
  for (const PagePtr& page : open->tail()) {
    CHECK(open->last_at_or_before(LabTime{page->head().first_time_ns})->value >= page->head().first_seq);
  }
}

TEST_CASE("a ring whose entries no recorder writes ends the reading where they begin") {
  const auto damage_after = [](const std::function<void(Record&)>& change) {
    const CutOff reel{300, 60};
    forge_first_entry(reel.ring, change);
    const std::shared_ptr<OpenReel> open = opened(reel.path);
    REQUIRE(open->end().damage);
    CHECK(open->end().last.value == open->database_last());
    CHECK(open->database_last() > 0);
    return open->end().damage->what;
  };
  CHECK(has(damage_after([](Record& record) { record.kind = 100; }), "kind 100"));
  CHECK(has(damage_after([](Record& record) { record.time_ns = 0; }), ""));
}

TEST_CASE("a ring of another run of the machine, a newer version or an impossible size is known by its head") {
  CutOff reel{0, 60};
  const std::string bytes = read_file(reel.ring);
  const auto with_head = [&](const std::function<void(RingHead&)>& change) {
    write_file(reel.ring, bytes);
    forge_ring_head(reel.ring, change);
    return opened(reel.path)->end();
  };
  const ReelEnd after_crash = with_head([](RingHead& head) { head.boot_id[0] ^= 1; });
  CHECK(has(after_crash.why, "the machine stopped"));
  CHECK(after_crash.may_lack_events);
  CHECK(has(with_head([](RingHead& head) { head.version = 9; }).why, "version 9"));
  CHECK(has(with_head([](RingHead& head) { head.data_bytes = kRingBytesMax + 1; }).why, "cut short"));
  CHECK(has(with_head([](RingHead& head) { head.data_bytes = 0; }).why, "cut short"));
  std::filesystem::remove(reel.ring);
  std::filesystem::create_directory(reel.ring);
  CHECK(has(opened(reel.path)->end().why, "cannot be read"));
}

TEST_CASE("host notes that fill their room in the ring to the last byte are all read") {
  const HostNote half{.after = {}, .kind = "note", .detail = std::string(kRingNotes_bytes / 2 - sizeof(RingNote) - 4, 'n')};
  const CutOff reel{0, 10, {half, half}};
  const std::shared_ptr<OpenReel> open = opened(reel.path);
  CHECK_FALSE(open->end().damage);
  CHECK(open->notes().size() == 2);
}

TEST_CASE("a description that is right in itself but not about these pages is a finding") {
  const Sealed reel{400};
  {
    Database database = Database::open_copy(reel.path);
    ReelMeta meta = *read_meta(database);
    ++meta.pages;
    write_meta(database, meta);
  }
  const std::shared_ptr<OpenReel> open = opened(reel.path);
  CHECK(open->end().last.value == reel.events.size());
  CHECK(has(first_finding(reel.path), "pages"));
}

TEST_CASE("a description whose leaf is lost is damage with its place, and every event is read") {
  const Sealed reel{400};
  lose_database_page(reel.path, kDatabasePage_bytes);
  const std::shared_ptr<OpenReel> open = opened(reel.path);
  REQUIRE(open->end().damage);
  CHECK(has(open->end().damage->place, "table meta"));
  CHECK(open->end().last.value == reel.events.size());
  CHECK(read_all(*ReelReader::open(reel.path)).events == reel.events);
}

TEST_CASE("a reel without a description and with a blank page gives every event before it") {
  const Sealed reel{400};
  sql(reel.path, "UPDATE meta SET digest = 'none'");
  // All copies: a search would find an older one that SQLite left behind.
  std::string bytes = read_file(reel.path);
  for (const std::string& image : {reel.image(5), reel.last_image()}) {
    for (std::size_t at = 0; (at = bytes.find(image, at)) != std::string::npos;) bytes.replace(at, image.size(), image.size(), '\0');
  }
  write_file(reel.path, bytes);
  const std::shared_ptr<OpenReel> open = opened(reel.path);
  CHECK(open->end().damage);
  CHECK(open->end().last.value > 0);
  CHECK(open->end().last.value < reel.events.size());
}

TEST_CASE("a reel from which everything was deleted is damaged, and nothing is invented") {
  const Sealed reel{40};
  for (const std::string pages : {"DELETE FROM page", "UPDATE page SET image = zeroblob(100)"}) {
    write_file(reel.path, reel.bytes);
    sql(reel.path, "PRAGMA secure_delete = ON; " + pages + "; DELETE FROM note; UPDATE meta SET digest = 'none'; VACUUM");
    const std::shared_ptr<OpenReel> emptied = opened(reel.path);
    CHECK(emptied->end().damage);
    CHECK(emptied->end().last.is_none());
  }
}

TEST_CASE("a lab time that lies in a lost leaf of the page table is damage, and times before and after it are found") {
  const Sealed reel{3000};
  const std::shared_ptr<OpenReel> whole = opened(reel.path);
  const auto time_of = [&](std::size_t event) { return LabTime{reel.events[event].time_ns}; };
  lose_database_page(reel.path, reel.bytes.find(reel.image(60)));
  const std::shared_ptr<OpenReel> open = opened(reel.path);
  REQUIRE(open->end().last.value == reel.events.size());
  std::size_t found = 0;
  std::size_t refused = 0;
  for (std::size_t event = 0; event < reel.events.size(); event += 10) {
    const Result<Seq> at = open->last_at_or_before(time_of(event));
    if (at) CHECK(*at == *whole->last_at_or_before(time_of(event)));
    ++(at ? found : refused);
  }
  CHECK(found > 20);
  CHECK(refused > 20);
}

TEST_CASE("what lies behind a lost leaf of the page table is repaired, though the reel lost its last page, too") {
  const Sealed reel{3000};
  std::string bytes = reel.bytes;
  const std::size_t lost = bytes.find(reel.image(60)) / kDatabasePage_bytes * kDatabasePage_bytes;
  bytes.replace(lost, kDatabasePage_bytes, kDatabasePage_bytes, '\0');
  const std::string last = reel.last_image();
  const std::size_t last_at = bytes.find(last);
  REQUIRE(last_at != std::string::npos);
  bytes.replace(last_at, last.size(), last.size(), '\0');
  write_file(reel.path, bytes);
  REQUIRE(repair_reel(reel.path, reel.folder.file("b.reel")).ok());
  const ReadReel read = read_all(*ReelReader::open(reel.folder.file("b.reel")));
  const std::size_t behind = reel.events.size() - 100;
  REQUIRE(read.events.size() > behind);
  CHECK(read.events[behind] == reel.events[behind]);
}

TEST_CASE("a reel whose description is damaged and whose pages are all in the ring is read from the ring") {
  const CutOff reel{0, 60};
  sql(reel.path, "UPDATE meta SET digest = 'none'");
  const std::shared_ptr<OpenReel> open = opened(reel.path);
  CHECK(open->end().damage);
  CHECK(open->end().last.is_none());
  CHECK_FALSE(open->ring_pages().empty());
}

TEST_CASE("a salvaged page that is gone when it is read again is damage, not nonsense") {
  const Sealed reel{400};
  lose_database_page(reel.path, 0);
  const std::shared_ptr<OpenReel> open = opened(reel.path);
  REQUIRE(open->end().last.value == reel.events.size());
  std::filesystem::resize_file(reel.path, 0);
  CHECK(has(open->page_with(Seq{1}).error().what, "cannot be read"));
}

TEST_CASE("tables, columns and page sizes that no writer makes are findings") {
  const Sealed reel{5000};
  for (const std::string change :
       {"DROP TABLE checkpoint; CREATE VIEW checkpoint AS SELECT 1 AS seq, 2 AS bytes",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET tbl_name = 'other' WHERE name = 'snapshot'",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET tbl_name = 'Snapshot' WHERE name = 'snapshot'",
        "PRAGMA page_size = 8192; VACUUM", "DELETE FROM block_hash", "UPDATE block_hash SET block = block + 7",
        "UPDATE node SET name = CAST(name AS BLOB)", "UPDATE marker SET note = 7"}) {
    write_file(reel.path, reel.bytes);
    sql(reel.path, change);
    INFO(change);
    const auto report = check_reel(reel.path);
    CHECK((!report.ok() || !report->findings.empty()));
  }
}

TEST_CASE("a reel of no format version is refused") {
  const Sealed reel{10};
  sql(reel.path, "PRAGMA user_version = 0");
  const auto reader = ReelReader::open(reel.path);
  REQUIRE_FALSE(reader.ok());
  CHECK(has(reader.error().what, "version 0"));
}

TEST_CASE("a reel that cannot be read for want of memory is not searched for rows") {
  const Sealed reel{400};
  struct Limit {
    Limit() { sqlite3_hard_heap_limit64(sqlite3_memory_used() + 60'000); }
    ~Limit() { sqlite3_hard_heap_limit64(0); }
  };
  {
    const Limit limit;
    const auto reader = ReelReader::open(reel.path);
    REQUIRE_FALSE(reader.ok());
    CHECK(has(reader.error().what, "memory"));
  }
  CHECK(ReelReader::open(reel.path).ok());
}

TEST_CASE("a reel that another process goes on with is not gone on with twice") {
  const CutOff reel{0, 30};
  const OwnedFd other{::open(reel.path.c_str(), O_RDONLY | O_CLOEXEC)};
  REQUIRE(::flock(other.get(), LOCK_EX | LOCK_NB) == 0);
  const auto reopened = reopen_reel(reel.path);
  REQUIRE_FALSE(reopened.ok());
  CHECK(reopened.error().kind == ErrorKind::usage);
  CHECK(has(reopened.error().what, "continued right now"));
}

}  // namespace labreel
