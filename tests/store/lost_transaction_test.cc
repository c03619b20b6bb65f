// A live reader's SELECT that fails for want of room rolls the writer's open transaction back: nothing may be lost by it.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <system_error>
#include <thread>

#include "store/reel_check.h"
#include "test_reel.h"

namespace labreel {
namespace {

constexpr std::uint64_t kEvents = 96;  // of 1 MiB each: three times what SQLite's cache holds

void allow_files_of(rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

// Of a limit on the size of files, which holds for all of a process: runs in a child. Returns 0 if all went as it should.
int read_without_room(const std::string& path) {
  ::signal(SIGXFSZ, SIG_IGN);
  ReelOptions options = small_options();
  options.page_bytes = 1 << 20;
  options.ring_pages = 128;
  options.commit_bytes = 1 << 30;
  options.commit_interval_ms = 3'600'000;
  const auto writer = ReelWriter::create(path, options);
  const std::string megabyte(1 << 20, 'm');
  for (std::uint64_t i = 1; i <= kEvents; ++i) {
    writer->append_frame(LabTime{i}, PortId{1}, bytes_of_text(megabyte), {});
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // it wakes the writer, unless that is at work
  }
  // All but the last page are in the open transaction soon; the file has what the cache pushed out.
  std::uintmax_t size = 0;
  for (int still = 0, tries = 0; still < 20; ++tries) {
    if (tries > 3'000) return 1;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    const std::uintmax_t now = std::filesystem::file_size(path);
    still = now == size ? still + 1 : 0;
    size = now;
  }
  if (size < (8U << 20U) || writer->state().durable.value != 0) return 2;
  allow_files_of(size);
  bool refused = false;
  try {
    writer->pages_from(0, std::size_t{1} << 30U);
  } catch (const std::system_error&) {
    refused = true;
  }
  allow_files_of(RLIM_INFINITY);
  if (!refused) return 3;
  if (writer->pages_from(0, std::size_t{1} << 30U).size() < kEvents) return 4;
  writer->append_frame(LabTime{kEvents + 1}, PortId{1}, bytes_of_text(megabyte), {});
  writer->seal();
  return writer->state().failure.empty() ? 0 : 5;
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
  CHECK(WEXITSTATUS(status) == 0);
  const auto report = check_reel(path);
  REQUIRE(report.ok());
  CHECK(report->findings.empty());
  CHECK(report->complete);
  CHECK(report->events == kEvents + 1);
}

}  // namespace labreel
