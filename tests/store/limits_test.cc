// What is as large as FORMAT.md allows is kept, and one more is refused or begins a new page.
#include <sqlite3.h>

#include <system_error>

#include "store/page.h"
#include "store/reel_check.h"
#include "test_reel.h"

namespace labreel {
namespace {

// How many events each page of a sealed reel has.
std::vector<int> events_by_page(const std::string& path) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  std::vector<int> counts;
  const auto add = [](void* into, int, char** values, char**) {
    static_cast<std::vector<int>*>(into)->push_back(std::stoi(values[0]));
    return 0;
  };
  REQUIRE(sqlite3_exec(database, "SELECT count FROM page ORDER BY first_seq", add, &counts, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  return counts;
}

void check_whole(const std::string& path, const std::vector<OwnedEvent>& written) {
  const auto report = check_reel(path);
  REQUIRE(report);
  CHECK(report->findings.empty());
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  const ReadReel read = read_all(*reader);
  REQUIRE_FALSE(read.error);
  CHECK((read.events == written));  // not printed: they are long
}

}  // namespace

TEST_CASE("a page is filled to its last byte, and one byte more begins the next") {
  const std::size_t more = GENERATE(0U, 1U);
  ReelOptions options;  // the real size of pages
  options.commit_interval_ms = 3'600'000;
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const auto writer = ReelWriter::create(path, options);
  Script script{*writer};
  const std::uint64_t room = options.page_bytes - page_size_of(2, 0);
  script.frame(std::string(room / 2, 'x'), {});
  script.frame(std::string(room - padded(room / 2) + more, 'y'), {});
  script.frame("z", {});
  writer->seal();
  CHECK(events_by_page(path) == (more == 0 ? std::vector{2, 1} : std::vector{1, 2}));
  check_whole(path, script.events());
}

TEST_CASE("an event of half the ring is kept, and one byte more is refused with the limit named, and takes no number") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const auto writer = ReelWriter::create(path, small_options());
  Script script{*writer};
  const std::uint64_t limit = writer->event_bytes_max();
  CHECK(limit == 4096 * 64 / 2 - 32);  // FORMAT.md, "Limits"
  for (int i = 0; i < 3; ++i) script.frame(std::string(limit, 'x'), {});
  const std::string expected = "append an event of " + std::to_string(limit + 1) + " bytes, of at most " +
                               std::to_string(limit);
  try {
    writer->append_frame(kNever, PortId{1}, bytes_of_text(std::string(limit + 1, 'y')), {});
    FAIL("it was taken");
  } catch (const std::system_error& refused) {
    CHECK(refused.code().value() == EMSGSIZE);
    CHECK_THAT(refused.what(), Catch::Contains(expected));
  }
  CHECK(writer->next_seq().value == script.events().size() + 1);
  script.fill(3);
  writer->seal();
  CHECK(writer->state().failure.empty());
  check_whole(path, script.events());
}

TEST_CASE("the writing thread and who waits for its room never wait for each other") {
  const TempFolder folder;
  ReelOptions options = small_options();
  options.commit_interval_ms = 60'000;  // what it costs if both sleep
  const auto writer = ReelWriter::create(folder.file("a.reel"), options);
  const std::string bytes(1000, 'w');
  for (std::uint64_t at = 1; at <= 20'000; ++at) writer->append_frame(LabTime{at}, PortId{1}, bytes_of_text(bytes), {});
  const WriterState state = writer->state();
  CHECK(state.waits > 100);
  CHECK(state.waited_ns < 60'000'000'000);
}

TEST_CASE("a frame of 65535 copies is kept") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  ReelOptions options = small_options();
  options.ring_pages = 1'024;
  const auto writer = ReelWriter::create(path, options);
  Script script{*writer};
  script.frame("x", std::vector<Copy>(65'535, Copy{PortId{2}, Reason::loss, 0, 0, LabTime{1}}));
  script.frame("y", {});
  writer->seal();
  check_whole(path, script.events());
}

}  // namespace labreel
