// Going on with a reel: whatever became of it, and wherever the one who goes on is killed, nothing of it is lost.
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <system_error>

#include "store/format.h"
#include "store/reel_check.h"
#include "test_reel.h"

namespace labreel {
namespace {

// Small, so that a copy is quickly made; what is appended stays in the ring.
ReelOptions never_committing() { return uncommitted_options(64); }

std::vector<OwnedEvent> write_cut_off(const std::string& path, std::size_t frames) {
  const auto writer = ReelWriter::create(path, never_committing());
  writer->note("host", "{}");
  Script script{*writer};
  script.fill(frames);
  return script.events();
}

std::unique_ptr<ReelWriter> must_reopen(const std::string& path, const ReelOptions& options = small_options()) {
  Result<std::unique_ptr<ReelWriter>> writer = ReelWriter::reopen(path, options);
  if (!writer) FAIL(writer.error().what);
  return std::move(*writer);
}

// Goes on for some frames and adds them to `events`.
void go_on(ReelWriter& writer, std::vector<OwnedEvent>& events, std::size_t frames) {
  Script script{writer, events.empty() ? 0 : events.back().time_ns};
  script.fill(frames, 7);
  const std::size_t before = events.size();
  events.insert(events.end(), script.events().begin(), script.events().end());
  for (std::size_t i = before; i < events.size(); ++i) REQUIRE(events[i].seq == i + 1);
}

void check_whole(const std::string& path, const std::vector<OwnedEvent>& events, bool is_sealed) {
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  INFO(reader->end().why);
  REQUIRE_FALSE(reader->end().damage);
  REQUIRE(reader->end().complete == is_sealed);
  const ReadReel read = read_all(*reader);
  REQUIRE_FALSE(read.error);
  REQUIRE(read.events == events);
  const auto report = check_reel(path);
  REQUIRE(report.ok());
  INFO(report->summary);
  REQUIRE(report->findings.empty());
  if (is_sealed) REQUIRE(reader->recorded_digest() == report->digest);
}

// A reel with everything that lies beside it.
struct Files {
  explicit Files(const std::string& path) {
    for (const std::string& name : {path, journal_path_of(path), ring_path_of(path)}) {
      if (std::filesystem::exists(name)) contents.emplace_back(name.substr(path.size()), read_file(name));
    }
  }
  void write_to(const std::string& path) const {
    for (const char* const beside : {"", "-journal", "-ring", "-ring-new"}) std::filesystem::remove(path + beside);
    for (const auto& [beside, bytes] : contents) write_file(path + beside, bytes);
  }
  bool operator==(const Files&) const = default;
  std::vector<std::pair<std::string, std::string>> contents;
};

// Lets a child reopen the reel and kills it at its nth system call; false if it has fewer.
bool reopen_and_kill_at(const std::string& path, std::uint64_t nth) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    const auto writer = ReelWriter::reopen(path, small_options());
    ::_exit(writer.ok() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  // Each call stops the child twice: before it and after it.
  for (std::uint64_t stop = 0; stop < nth; ++stop) {
    REQUIRE(::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr) == 0);
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (!WIFSTOPPED(status)) {
      REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
      return false;
    }
  }
  REQUIRE(::kill(child, SIGKILL) == 0);
  REQUIRE(::waitpid(child, &status, 0) == child);
  return true;
}

}  // namespace

TEST_CASE("a sealed reel goes on behind its last event, twice, and is sealed as if it had never stopped") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  std::vector<OwnedEvent> events = write_sealed(path, 5000);  // more than a block of the digest
  for (int round = 0; round < 2; ++round) {
    const auto writer = must_reopen(path);
    CHECK(writer->next_seq().value == events.size() + 1);
    CHECK(writer->state().durable.value == events.size());
    go_on(*writer, events, 300);
    writer->note("stall", "{}");
    writer->seal();
    CHECK(writer->state().failure.empty());
    check_whole(path, events, true);
    CHECK(folder.names() == std::vector<std::string>{"a.reel"});
    CHECK(ReelReader::open(path)->notes().size() == 3 + static_cast<std::size_t>(round));
  }
  // The same events in one go have the same digest.
  const auto at_once = ReelWriter::create(folder.file("b.reel"), small_options());
  for (const OwnedEvent& event : events) {
    if (std::holds_alternative<Frame>(event.body)) {
      at_once->append_frame(LabTime{event.time_ns}, std::get<Frame>(event.body).port, bytes_of_text(event.frame_bytes),
                            event.frame_copies);
    } else {
      at_once->append(LabTime{event.time_ns}, Seq{event.cause}, event.body);
    }
  }
  at_once->seal();
  CHECK(ReelReader::open(path)->recorded_digest() == ReelReader::open(folder.file("b.reel"))->recorded_digest());
}

TEST_CASE("a cut-off reel goes on behind what its ring held, and its host notes stay") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  std::vector<OwnedEvent> events = write_cut_off(path, 300);
  {
    const auto writer = must_reopen(path, never_committing());
    CHECK(writer->state().durable.value == events.size());
    go_on(*writer, events, 200);
  }
  check_whole(path, events, false);  // cut off a second time
  const auto writer = must_reopen(path);
  go_on(*writer, events, 200);
  writer->seal();
  check_whole(path, events, true);
  REQUIRE(ReelReader::open(path)->notes().size() == 1);
  CHECK(folder.names() == std::vector<std::string>{"a.reel"});
}

TEST_CASE("a live reader of a reel that goes on gets it from its first event") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  std::vector<OwnedEvent> events = write_cut_off(path, 300);
  const auto writer = must_reopen(path);
  go_on(*writer, events, 50);
  std::vector<std::string> pages;
  for (std::vector<std::string> more = writer->pages_from(0, 10'000); !more.empty(); more = writer->pages_from(pages.size(), 10'000)) {
    pages.insert(pages.end(), more.begin(), more.end());
  }
  const auto reader = ReelReader::from_pages(pages, writer->notes_so_far());
  REQUIRE(reader.ok());
  CHECK(read_all(*reader).events == events);
  CHECK(reader->notes().size() == 1);
}

TEST_CASE("a reel without any event goes on") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  std::vector<OwnedEvent> events;
  ReelWriter::create(path, small_options());
  const auto writer = must_reopen(path);
  go_on(*writer, events, 20);
  writer->seal();
  check_whole(path, events, true);
}

TEST_CASE("wherever the reopening of a reel is killed, it is as before, and goes on at the next try") {
  for (const bool was_sealed : {true, false}) {
    const TempFolder folder;
    const std::string path = folder.file("a.reel");
    const std::vector<OwnedEvent> events = was_sealed ? write_sealed(path, 100) : write_cut_off(path, 100);
    const Files before{path};
    std::uint64_t nth = 1;
    for (; reopen_and_kill_at(path, nth); ++nth) {
      INFO((was_sealed ? "sealed" : "cut off") << ", killed at stop " << nth);
      const auto reader = ReelReader::open(path);
      REQUIRE(reader.ok());
      INFO(reader->end().why);
      REQUIRE_FALSE(reader->end().damage);
      REQUIRE_FALSE(reader->end().may_lack_events);
      REQUIRE(read_all(*reader).events == events);
      if (nth % 4 == 0) {
        std::vector<OwnedEvent> more = events;
        const auto writer = must_reopen(path);
        go_on(*writer, more, 20);
        writer->seal();
        check_whole(path, more, true);
        REQUIRE(folder.names() == std::vector<std::string>{"a.reel"});
      }
      before.write_to(path);
    }
    WARN((was_sealed ? "a sealed" : "a cut-off") << " reel, killed at " << nth << " places");
    CHECK(nth > 50);
  }
}

TEST_CASE("a damaged reel does not go on, and is not touched") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  write_sealed(path, 300);
  const auto bytes = std::filesystem::file_size(path);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes; at += 4099) {
    flip(path, at, 4);
    const bool is_whole = check_reel(path).ok() && check_reel(path)->findings.empty();
    if (!is_whole) {
      const Files before{path};
      const auto writer = ReelWriter::reopen(path);
      INFO("byte " << at);
      REQUIRE_FALSE(writer.ok());
      CHECK(writer.error().kind == ErrorKind::input);
      CHECK(Files{path} == before);
      ++refused;
    }
    flip(path, at, 4);
  }
  CHECK(refused > 10);
}

TEST_CASE("a reel that is recorded or continued right now does not go on, and its recorder is named") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  ReelOptions options = small_options();
  options.control_socket = "/run/labreel/classroom.sock";
  auto writer = ReelWriter::create(path, options);
  const auto second = ReelWriter::reopen(path);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().kind == ErrorKind::usage);
  CHECK(second.error().what.find("classroom.sock") != std::string::npos);
  Script{*writer}.fill(20);
  writer->seal();
  writer = must_reopen(path, options);
  const auto third = ReelWriter::reopen(path);
  REQUIRE_FALSE(third.ok());
  CHECK(third.error().what.find("classroom.sock") != std::string::npos);
}

TEST_CASE("what is no reel does not go on") {
  const TempFolder folder;
  CHECK(ReelWriter::reopen(folder.file("none.reel")).error().kind == ErrorKind::input);
  write_file(folder.file("text.reel"), "name: lab\n");
  CHECK(ReelWriter::reopen(folder.file("text.reel")).error().kind == ErrorKind::input);
  CHECK(folder.names() == std::vector<std::string>{"text.reel"});
}

TEST_CASE("without its ring a cut-off reel goes on, and its end says that events may be missing") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  write_cut_off(path, 300);
  std::filesystem::remove(ring_path_of(path));
  CHECK(ReelReader::open(path)->end().may_lack_events);
  std::vector<OwnedEvent> events;
  const auto writer = must_reopen(path);
  go_on(*writer, events, 50);
  writer->seal();
  check_whole(path, events, true);
}

}  // namespace labreel
