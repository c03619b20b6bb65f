// Recordings that ended without a seal: every event that was appended is read back.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "store/reel_check.h"
#include "test_reel.h"

namespace labreel {
namespace {

ReelOptions never_committing() { return uncommitted_options(1024); }

std::vector<OwnedEvent> prefix_of(const std::vector<OwnedEvent>& events, std::size_t count) {
  return {events.begin(), events.begin() + static_cast<std::ptrdiff_t>(std::min(count, events.size()))};
}

// Records in a child until it is told to stop by SIGKILL; the child says after each event which it was.
std::uint64_t record_and_kill(const std::string& path, const ReelOptions& options, std::uint64_t kill_after) {
  int told[2];
  REQUIRE(::pipe(told) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto writer = ReelWriter::create(path, options);
    class Telling final : public EventSink {
     public:
      Telling(ReelWriter& to, int fd) : to_(to), fd_(fd) {}
      Seq append(LabTime at, Seq cause, const EventBody& body) override { return tell(to_.append(at, cause, body)); }
      Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override {
        return tell(to_.append_frame(at, port, bytes, copies));
      }
      Seq next_seq() const override { return to_.next_seq(); }
      void note(std::string_view kind, std::string_view detail) override { to_.note(kind, detail); }

     private:
      Seq tell(Seq seq) {
        if (::write(fd_, &seq, sizeof(seq)) != sizeof(seq)) ::_exit(1);
        return seq;
      }
      ReelWriter& to_;
      int fd_;
    } telling{*writer, told[1]};
    telling.note("host", "{\"name\":\"classroom\"}");
    Script script{telling};
    for (;;) script.fill(100);
  }
  ::close(told[1]);
  Seq last;
  while (last.value < kill_after) REQUIRE(::read(told[0], &last, sizeof(last)) == sizeof(last));
  REQUIRE(::kill(child, SIGKILL) == 0);
  while (::read(told[0], &last, sizeof(last)) == sizeof(last)) {
  }
  ::close(told[0]);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  return last.value;
}

// What the child above records.
std::vector<OwnedEvent> expected_of(std::uint64_t count) {
  class Counting final : public EventSink {
   public:
    Seq append(LabTime, Seq, const EventBody&) override { return Seq{next_++}; }
    Seq append_frame(LabTime, PortId, Bytes, std::span<const Copy>) override { return Seq{next_++}; }
    Seq next_seq() const override { return Seq{next_}; }
    void note(std::string_view, std::string_view) override {}

   private:
    std::uint64_t next_ = 1;
  } counting;
  Script script{counting};
  while (script.events().size() < count) script.fill(100);
  return prefix_of(script.events(), count);
}

}  // namespace

TEST_CASE("a writer that is gone without a seal leaves every event, committed or not") {
  for (const bool commits : {false, true}) {
    const TempFolder folder;
    const std::string path = folder.file("a.reel");
    std::vector<OwnedEvent> written;
    {
      const auto writer = ReelWriter::create(path, commits ? small_options() : never_committing());
      Script script{*writer};
      for (int i = 0; i < 10; ++i) {
        script.fill(100);
        if (commits) std::this_thread::sleep_for(std::chrono::milliseconds(15));
      }
      writer->note("stall", "{}");
      written = script.events();
      if (commits) CHECK(writer->state().durable > Seq{0});
      CHECK(writer->state().appended.value == written.size());
    }
    const std::string before = read_file(path);
    const auto reader = ReelReader::open(path);
    REQUIRE(reader.ok());
    CHECK_FALSE(reader->end().complete);
    CHECK_FALSE(reader->end().damage);
    CHECK(reader->end().last.value == written.size());
    CHECK(reader->end().why.find("killed") != std::string::npos);
    const ReadReel read = read_all(*reader);
    CHECK_FALSE(read.error);
    CHECK(read.events == written);
    REQUIRE(reader->notes().size() == 1);
    CHECK(reader->notes()[0].kind == "stall");
    CHECK(*reader->last_at_or_before(kNever) == Seq{written.size()});
    CHECK(read_file(path) == before);
  }
}

TEST_CASE("killing a recorder at any moment loses nothing that was appended") {
  for (std::uint64_t round = 0; round < 20; ++round) {
    const TempFolder folder;
    const std::string path = folder.file("a.reel");
    ReelOptions options = small_options();
    options.commit_interval_ms = 1 + round % 5;
    const std::uint64_t last = record_and_kill(path, options, 1 + round * 331);
    CHECK_FALSE(ReelReader::live_recorder_of(path));
    const auto reader = ReelReader::open(path);
    REQUIRE(reader.ok());
    INFO(reader->end().why);
    REQUIRE_FALSE(reader->end().damage);
    // One more may be whole in the ring: the child was killed before it could say so.
    const std::uint64_t count = reader->end().last.value;
    REQUIRE((count == last || count == last + 1));
    const ReadReel read = read_all(*reader);
    REQUIRE_FALSE(read.error);
    REQUIRE(read.events == expected_of(count));
    CHECK(reader->notes().size() == 1);
    const auto report = check_reel(path);
    REQUIRE(report.ok());
    CHECK(report->findings.empty());
    CHECK_FALSE(report->complete);
  }
}

TEST_CASE("a live recorder is known by its ring, and its reel is not opened") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  ReelOptions options = small_options();
  options.control_socket = "/run/labreel/lab.sock";
  {
    const auto writer = ReelWriter::create(path, options);
    CHECK(ReelReader::live_recorder_of(path) == "/run/labreel/lab.sock");
    const auto reader = ReelReader::open(path);
    REQUIRE_FALSE(reader.ok());
    CHECK(reader.error().what.find("being recorded") != std::string::npos);
  }
  CHECK_FALSE(ReelReader::live_recorder_of(path));
  CHECK(ReelReader::open(path).ok());
}

TEST_CASE("a hot journal is rolled back in a copy, and the reel is not touched") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  ReelOptions options = small_options();
  options.commit_interval_ms = 1;
  // Until a kill comes while a transaction is written.
  bool was_hot = false;
  for (int round = 0; round < 200 && !was_hot; ++round) {
    std::filesystem::remove(path);
    std::filesystem::remove(path + "-journal");
    std::filesystem::remove(path + "-ring");
    const std::uint64_t last = record_and_kill(path, options, 500 + static_cast<std::uint64_t>(round) * 7);
    const std::string journal = read_file(path + "-journal");
    was_hot = !journal.empty() && journal[0] == '\xd9';
    const std::string before = read_file(path);
    const auto reader = ReelReader::open(path);
    REQUIRE(reader.ok());
    INFO(reader->end().why);
    REQUIRE_FALSE(reader->end().damage);
    REQUIRE(reader->end().last.value >= last);
    REQUIRE(read_all(*reader).events == expected_of(reader->end().last.value));
    REQUIRE(read_file(path) == before);
    REQUIRE(read_file(path + "-journal") == journal);
  }
  CHECK(was_hot);
}

TEST_CASE("a journal that cannot be looked at is not taken for none") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  {
    const auto writer = ReelWriter::create(path, small_options());
    Script{*writer}.fill(100);
  }
  std::filesystem::remove(path + "-journal");
  std::filesystem::create_symlink(path + "-journal", path + "-journal");  // open: too many levels of symbolic links
  const auto reader = ReelReader::open(path);
  REQUIRE_FALSE(reader.ok());
  CHECK(reader.error().what.find("journal") != std::string::npos);
}

TEST_CASE("without its ring, a cut-off reel gives what was committed and says that the ring is gone") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  std::vector<OwnedEvent> written;
  {
    const auto writer = ReelWriter::create(path, small_options());
    Script script{*writer};
    for (int i = 0; i < 10; ++i) {
      script.fill(100);
      std::this_thread::sleep_for(std::chrono::milliseconds(15));
    }
    written = script.events();
  }
  std::filesystem::remove(path + "-ring");
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  CHECK_FALSE(reader->end().complete);
  CHECK(reader->end().why.find("ring") != std::string::npos);
  CHECK(reader->end().may_lack_events);
  CHECK(read_all(*reader).events == prefix_of(written, reader->end().last.value));
}

TEST_CASE("a sealed writer gives no pages: a reader that asks too late turns to the file") {
  const TempFolder folder;
  const auto writer = ReelWriter::create(folder.file("a.reel"), small_options());
  Script script{*writer};
  script.fill(40);
  CHECK_FALSE(writer->pages_from(0, 10'000).empty());
  writer->seal();
  CHECK(writer->pages_from(0, 10'000).empty());
}

TEST_CASE("pages that a live writer gives make a reader of everything so far") {
  for (const bool commits : {false, true}) {
    const TempFolder folder;
    const auto writer = ReelWriter::create(folder.file("a.reel"), commits ? small_options() : never_committing());
    Script script{*writer};
    for (int i = 0; i < 6; ++i) {
      script.fill(40);
      if (commits && i % 2 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(40));
      std::vector<std::string> pages;
      for (;;) {
        std::vector<std::string> more = writer->pages_from(pages.size(), 10'000);
        if (more.empty()) break;
        for (std::string& page : more) pages.push_back(std::move(page));
      }
      const auto reader = ReelReader::from_pages(pages, writer->notes_so_far());
      REQUIRE(reader.ok());
      const ReadReel read = read_all(*reader);
      REQUIRE_FALSE(read.error);
      REQUIRE(read.events == script.events());
      CHECK_FALSE(reader->end().complete);
      CHECK(*reader->last_at_or_before(kNever) == Seq{script.events().size()});
    }
    writer->seal();
    CHECK(read_all(*ReelReader::open(folder.file("a.reel"))).events == script.events());
  }
}

TEST_CASE("when the writer falls behind, append waits, and nothing is lost") {
  const TempFolder folder;
  ReelOptions options = small_options();
  options.ring_pages = 2;
  const auto writer = ReelWriter::create(folder.file("a.reel"), options);
  Script script{*writer};
  script.fill(2000);
  CHECK(writer->state().waits > 0);
  CHECK(writer->state().waited_ns > 0);
  writer->seal();
  CHECK(read_all(*ReelReader::open(folder.file("a.reel"))).events == script.events());
}

}  // namespace labreel
