// A live reader's SELECT that fails for want of room rolls the writer's open transaction back: nothing may be lost by it.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <system_error>
#include <thread>

#include "store/format.h"
#include "store/reel_check.h"
#include "test_reel.h"

namespace labreel {
namespace {

constexpr std::size_t kMegabyte = 1 << 20;
constexpr std::uint64_t kEvents = 96;  // of a megabyte each: more than three times what SQLite's cache holds
constexpr std::size_t kTries = 20;
constexpr int kFailed = 100;

void allow_files_of(rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

// All but the last page are in the open transaction soon; the file has what the cache pushed out. Returns its size, or 0.
std::uintmax_t size_when_still(const std::string& path) {
  std::uintmax_t size = 0;
  for (int still = 0, tries = 0; still < 20; ++tries) {
    if (tries > 3'000) return 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    const std::uintmax_t now = std::filesystem::file_size(path);
    still = now == size ? still + 1 : 0;
    size = now;
  }
  return size;
}

bool is_refused_without_room(ReelWriter& writer, std::uintmax_t size) {
  bool refused = false;
  allow_files_of(size);
  try {
    writer.pages_from(0, std::size_t{1} << 30U);
  } catch (const std::system_error&) {
    refused = true;
  }
  allow_files_of(RLIM_INFINITY);
  return refused;
}

// Of a limit on the size of files, which holds for all of a process: runs in a child. Returns how many events it appended
// after kEvents if all went as it should, else kFailed and more.
int read_without_room(const std::string& path) {
  ::signal(SIGXFSZ, SIG_IGN);
  ReelOptions options = small_options();
  options.page_bytes = 1 << 20;
  options.ring_pages = 192;
  options.commit_bytes = 1 << 30;
  options.commit_interval_ms = 3'600'000;
  const auto writer = ReelWriter::create(path, options);
  std::uint64_t events = 0;
  const auto append = [&](std::size_t bytes) {
    const std::string text(bytes, 'm');
    writer->append_frame(LabTime{++events}, PortId{1}, bytes_of_text(text), {});
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // it wakes the writer, unless that is at work
  };
  while (events < kEvents) append(kMegabyte);
  // Pages that follow each other wait to be written together, so a SELECT meets the disk only where such a run ends: events of
  // other lengths move that place.
  bool refused = false;
  for (std::size_t more = 0; more < kTries && !refused; ++more) {
    append(kMegabyte + more * kDatabasePage_bytes);
    const std::uintmax_t size = size_when_still(path);
    if (size < 8 * kMegabyte || writer->state().durable.value != 0) return kFailed + 1;
    refused = is_refused_without_room(*writer, size);
  }
  if (!refused) return kFailed + 2;
  if (writer->pages_from(0, std::size_t{1} << 30U).size() < events) return kFailed + 3;
  append(kMegabyte);
  writer->seal();
  return writer->state().failure.empty() ? static_cast<int>(events - kEvents) : kFailed + 4;
}

}  // namespace

TEST_CASE("a SELECT that fails for want of room does not cost the writer what its transaction held") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(read_without_room(path));
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  const int more = WEXITSTATUS(status);
  REQUIRE(more < kFailed);
  const auto report = check_reel(path);
  REQUIRE(report.ok());
  CHECK(report->findings.empty());
  CHECK(report->complete);
  CHECK(report->events == kEvents + static_cast<std::uint64_t>(more));
}

}  // namespace labreel
