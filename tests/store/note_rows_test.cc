// Host notes and a reel's end where the database gives only a part of them.
#include <thread>

#include "sealed_reel.h"
#include "store/open_reel.h"
#include "store/reel_start.h"
#include "store/ring.h"

namespace labreel {
namespace {

// A sealed reel with so many notes that they fill several leaves, most of them behind the pages.
struct Noted {
  static constexpr std::size_t kNotes = 600;
  TempFolder folder;
  std::string path = folder.file("a.reel");
  std::vector<OwnedEvent> events;

  Noted() {
    const auto writer = ReelWriter::create(path, small_options());
    Script script{*writer};
    script.fill(200);
    for (std::size_t i = 0; i < kNotes; ++i) writer->note("test", note(i));
    writer->seal();
    events = script.events();
  }
  static std::string note(std::size_t number) { return std::to_string(number) + std::string(400, 'n'); }
  // Makes a leaf of the file unreadable: the one that holds these bytes last.
  void lose_leaf_of(const std::string& part) const {
    lose_database_page(path, read_file(path).rfind(part));
  }
};

}  // namespace

TEST_CASE("a lost leaf of host notes is damage with its place, and the notes before it and every event are read") {
  const Noted reel;
  reel.lose_leaf_of(Noted::note(Noted::kNotes / 2));
  const std::shared_ptr<OpenReel> open = opened(reel.path);
  REQUIRE(open->end().damage);
  CHECK(open->end().damage->place.find("table note") != std::string::npos);
  CHECK(open->end().last.value == reel.events.size());
  CHECK(open->notes().size() > 10);
  CHECK(open->notes().size() <= Noted::kNotes / 2);
}

TEST_CASE("events and notes of a reel without its tables are found, whatever lies last in the file") {
  const Noted reel;
  lose_database_page(reel.path, 0);
  const std::shared_ptr<OpenReel> open = opened(reel.path);
  CHECK(open->end().damage);
  CHECK(open->end().last.value == reel.events.size());
  REQUIRE(open->notes().size() == Noted::kNotes);
  CHECK(open->notes().back().detail == Noted::note(Noted::kNotes - 1));
}

TEST_CASE("a reel whose page table lost its last leaf is read up to there, and damaged") {
  const Sealed reel{3000};
  lose_database_page(reel.path, reel.bytes.find(reel.last_image()));
  const std::shared_ptr<OpenReel> open = opened(reel.path);
  REQUIRE(open->end().damage);
  CHECK_FALSE(open->end().complete);
  CHECK(open->end().last.value > reel.events.size() / 2);
  CHECK(open->end().last.value < reel.events.size());
}

TEST_CASE("notes that are committed and notes that are in the ring are each there once after a recording goes on") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  {
    ReelOptions options = small_options();
    options.commit_interval_ms = 1;
    const auto writer = ReelWriter::create(path, options);
    writer->note("test", "committed");
    const Seq last = writer->append(LabTime{1}, {}, Marker{"one", ""});
    while (writer->state().durable < last) std::this_thread::yield();
  }
  {
    Result<std::unique_ptr<ReelWriter>> writer = ReelWriter::reopen(path, uncommitted_options(64));
    REQUIRE(writer.ok());
    (*writer)->note("test", "in the ring");
    (*writer)->append(LabTime{2}, {}, Marker{"two", ""});
  }
  {
    const std::shared_ptr<OpenReel> open = opened(path);
    CHECK(open->database_last() == 1);
    CHECK(open->end().why == "the recorder was killed; 1 event was read from the ring");
  }
  Result<std::unique_ptr<ReelWriter>> writer = ReelWriter::reopen(path, small_options());
  REQUIRE(writer.ok());
  (*writer)->seal();
  std::vector<std::string> details;
  const std::shared_ptr<OpenReel> sealed = opened(path);
  for (const HostNote& note : sealed->notes()) details.push_back(note.detail);
  CHECK(details == std::vector<std::string>{"committed", "in the ring"});
}

TEST_CASE("which events are missing between a reel and its ring is said") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  {
    ReelOptions options = small_options();
    options.commit_interval_ms = 1;
    const auto writer = ReelWriter::create(path, options);
    Script script{*writer};
    script.fill(300);
    while (writer->state().durable.value < script.events().size()) std::this_thread::yield();
  }
  const std::uint64_t ring_begins = (**RingFile::read(path + "-ring")).first_seq();
  sql(path, "DELETE FROM page WHERE first_seq = (SELECT max(first_seq) FROM page)");
  const std::shared_ptr<OpenReel> open = opened(path);
  REQUIRE(open->end().damage);
  CHECK(open->database_last() + 1 < ring_begins);
  CHECK(open->end().damage->what == "events " + std::to_string(open->database_last() + 1) + " to " +
                                        std::to_string(ring_begins - 1) + " are missing between the reel and its ring");
}

}  // namespace labreel
