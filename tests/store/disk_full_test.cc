// A disk that is full: said at once, nothing recorded before is lost, and no append waits for ever.
#include <signal.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "store/reel_check.h"
#include "packing.h"
#include "test_reel.h"
#include "tests/waits_for.h"

namespace labreel {
namespace {

using std::chrono::milliseconds;

// Runs `body` in a process of its own, since its limit on the size of files holds for all of a process.
int in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::_exit(body());
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

void allow_files_of(rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

// Appends until the writer says that it failed, no faster than a disk could take it.
void append_until_failure(ReelWriter& writer, std::uint64_t& at) {
  const std::string bytes(1000, 'a');
  while (writer.state().failure.empty() && at < 100'000) {
    writer.append_frame(LabTime{++at}, PortId{1}, bytes_of_text(bytes), {});
    if (at % 20 == 0) std::this_thread::sleep_for(milliseconds(1));
  }
}

// A ring with room for what is appended until the failure is seen.
ReelOptions roomy_options() {
  ReelOptions options = small_options();
  options.ring_pages = 1024;
  return options;
}

std::string bytes_of_one(char letter) { return std::string(1000, letter); }

}  // namespace

TEST_CASE("a full disk is said, events stay in the ring, and a later reader finds them all") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const int failed = in_child([&] {
    const auto writer = ReelWriter::create(path, roomy_options());
    allow_files_of(1 << 20);  // the file is nearly so long already; the ring is there
    std::uint64_t at = 0;
    append_until_failure(*writer, at);
    const WriterState state = writer->state();
    if (state.failure.find("room") == std::string::npos) return 1;
    if (state.refused != 0 || state.appended.value != at || state.durable >= state.appended) return 2;
    writer->seal();
    return writer->state().failure.empty() ? 3 : static_cast<int>(at > 200 ? 0 : 4);
  });
  CHECK(failed == 0);
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  INFO(reader->end().why);
  CHECK_FALSE(reader->end().damage);
  const ReadReel read = read_all(*reader);
  CHECK_FALSE(read.error);
  CHECK(read.events.size() > 200);
  CHECK(check_reel(path)->findings.empty());
}

TEST_CASE("a repair that finds no room says so, and the damaged reel is as it was") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  {
    const auto writer = ReelWriter::create(path);
    for (std::uint64_t i = 1; i <= 75; ++i) {
      writer->append_frame(LabTime{i}, PortId{1}, bytes_of_text(std::string(1'000'000, 'f')), {});
    }
    writer->seal();
    REQUIRE(writer->state().failure.empty());
  }
  const std::string before = read_file(path);
  const int failed = in_child([&] {
    allow_files_of(65 << 20);  // the ring's size, and no more
    const auto report = repair_reel(path, folder.file("b.reel"));
    if (report.ok()) return 1;
    if (report.error().what.find("the repaired reel cannot be written: ") == std::string::npos) return 2;
    return report.error().what.find("room") == std::string::npos ? 3 : 0;
  });
  CHECK(failed == 0);
  CHECK((read_file(path) == before));
}

TEST_CASE("a repair that finds room for the events and not for the packed files says which are not in the new reel") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  write_sealed(path, 20);
  REQUIRE(pack(path, {file_of("long", random_bytes(70 << 20, 1))}).ok());
  const int failed = in_child([&] {
    allow_files_of(65 << 20);  // the ring's size, and no more
    const auto report = repair_reel(path, folder.file("b.reel"));
    if (!report.ok()) return 1;
    if (report->findings.size() != 1) return 2;
    return report->findings[0].what.find("cannot be written") == std::string::npos ? 3 : 0;
  });
  CHECK(failed == 0);
  CHECK(PackedFiles::open(folder.file("b.reel"))->entries().empty());
  CHECK(check_reel(folder.file("b.reel"))->findings.empty());
}

TEST_CASE("when there is room again, the writer goes on and the failure is gone") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const int failed = in_child([&] {
    std::atomic<int> calls = 0;
    ReelOptions options = roomy_options();
    options.on_failure = [&](const std::string&) { ++calls; };
    const auto writer = ReelWriter::create(path, options);
    allow_files_of(1 << 20);
    std::uint64_t at = 0;
    append_until_failure(*writer, at);
    if (!waits_for([&] { return calls == 1; })) return 1;
    allow_files_of(RLIM_INFINITY);
    if (!waits_for([&] { return writer->state().failure.empty() && writer->state().durable.value == at; })) return 2;
    for (int i = 0; i < 1000; ++i) writer->append_frame(LabTime{++at}, PortId{1}, bytes_of_text(bytes_of_one('b')), {});
    writer->seal();
    if (!writer->state().failure.empty()) return 3;
    return writer->state().durable.value == at ? 0 : 4;
  });
  CHECK(failed == 0);
  const auto report = check_reel(path);
  REQUIRE(report.ok());
  CHECK(report->findings.empty());
  CHECK(report->complete);
}

TEST_CASE("when the disk and the ring are full, append does not wait for ever, and the reel is an exact prefix") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const int failed = in_child([&] {
    const auto writer = ReelWriter::create(path, small_options());
    allow_files_of(1 << 20);
    std::uint64_t at = 0;
    while (writer->state().refused < 10 && at < 100'000) {
      const Seq seq = writer->append_frame(LabTime{++at}, PortId{1}, bytes_of_text(bytes_of_one('a')), {});
      if (seq.value != at) return 1;
    }
    const WriterState state = writer->state();
    if (state.appended.value + state.refused != at) return 2;
    writer->seal();
    return writer->state().failure.empty() ? 3 : 0;
  });
  CHECK(failed == 0);
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  CHECK(reader->end().why.find("the disk was full: 10") != std::string::npos);
  const ReadReel read = read_all(*reader);
  CHECK_FALSE(read.error);
  for (std::size_t i = 0; i < read.events.size(); ++i) REQUIRE(read.events[i].time_ns == i + 1);
}

TEST_CASE("a file system that really is full is said, and a file deleted there lets the writer go on") {
  constexpr int kNotPermitted = 99;
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const int failed = in_child([&] {
    // A small file system of its own, which only this process sees.
    const std::string mount_point = path.substr(0, path.rfind('/'));
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", mount_point.c_str(), "tmpfs", 0, "size=8m") != 0) {
      return kNotPermitted;
    }
    write_file(folder.file("ballast"), std::string(1 << 20, 'x'));
    const auto writer = ReelWriter::create(path, roomy_options());
    std::uint64_t at = 0;
    append_until_failure(*writer, at);
    if (writer->state().failure.find("room") == std::string::npos) return 1;
    if (writer->state().refused != 0) return 2;
    std::filesystem::remove(folder.file("ballast"));
    if (!waits_for([&] { return writer->state().failure.empty() && writer->state().durable.value == at; })) return 3;
    writer->seal();
    if (!writer->state().failure.empty()) return 4;
    const auto report = check_reel(path);
    return report && report->findings.empty() && report->complete && report->events == at ? 0 : 5;
  });
  if (failed == kNotPermitted) {
    WARN("needs root: not run");
    return;
  }
  CHECK(failed == 0);
}

// From no room at all, step by step, until going on works.
TEST_CASE("a reel that a full disk does not let go on is as before, and goes on when there is room") {
  const bool is_sealed = GENERATE(true, false);
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const ReelOptions ample = uncommitted_options(64);
  std::size_t written = 0;
  {
    const auto writer = ReelWriter::create(path, ample);
    Script script{*writer};
    script.fill(300);
    written = script.events().size();
    if (is_sealed) writer->seal();
  }
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  const ReadReel before = read_all(*reader);
  REQUIRE(before.events.size() == written);
  int refusals = 0;
  for (rlim_t bytes = 0;; bytes += 16 << 10) {
    INFO(bytes);
    const int outcome = in_child([&] {
      allow_files_of(bytes);
      try {
        const auto writer = ReelWriter::reopen(path, ample);
        if (writer.ok()) return 0;
        return writer.error().kind == ErrorKind::host ? 2 : 1;  // no room for a copy that is rolled back
      } catch (const std::system_error&) {
        return 2;
      }
    });
    const auto after = ReelReader::open(path);
    REQUIRE(after.ok());
    CHECK(after->end().complete == (is_sealed && outcome != 0));
    const ReadReel read = read_all(*after);
    REQUIRE_FALSE(read.error);
    REQUIRE(read.events == before.events);
    REQUIRE(check_reel(path)->findings.empty());
    CHECK_FALSE(std::filesystem::exists(path + "-ring-new"));
    if (outcome == 0) break;
    REQUIRE(outcome == 2);
    REQUIRE(++refusals < 500);
  }
  CHECK(refusals > 3);
}

TEST_CASE("a reel whose ring finds no room is not begun, and nothing is left behind") {
  const TempFolder folder;
  const int failed = in_child([&] {
    allow_files_of(64 << 10);
    try {
      ReelWriter::create(folder.file("a.reel"), small_options());
      return 1;
    } catch (const std::system_error&) {
      return 0;
    }
  });
  CHECK(failed == 0);
  CHECK(folder.names().empty());
}

}  // namespace labreel
