#include "store/page_rows.h"

#include <algorithm>
#include <random>

#include "sealed_reel.h"
#include "store/database.h"
#include "store/reel_tables.h"

using namespace labreel;

namespace {

std::uint64_t root_of(const std::string& path) {
  Database database = Database::open_bytes(*ReelBytes::of(descriptor_of(path), path));
  return static_cast<std::uint64_t>(database.number("SELECT rootpage FROM sqlite_schema WHERE name = 'page'"));
}

std::optional<std::string> image_of(const PageRows& rows, const PageRow& row) {
  std::string image(row.image.bytes, '\0');
  if (!rows.read_image(row, reinterpret_cast<std::byte*>(image.data()))) return std::nullopt;
  return image;
}

// Compares all rows with SQLite's, and what is found for every seq. Returns how many rows there are.
std::size_t check_all_rows(const std::string& path) {
  const std::optional<PageRows> rows = PageRows::of(descriptor_of(path), root_of(path));
  REQUIRE(rows);
  const Database database = Database::open_bytes(*ReelBytes::of(descriptor_of(path), path));
  Statement select{database, "SELECT first_seq, number, count, first_time_ns, last_time_ns, hash, image FROM page "
                             "ORDER BY first_seq"};
  std::size_t count = 0;
  while (select.step()) {
    ++count;
    const std::uint64_t first_seq = select.number(0);
    INFO("the page of event " << first_seq);
    const std::optional<PageRow> row = rows->find(first_seq);
    REQUIRE(row);
    CHECK(row->first_seq == first_seq);
    CHECK(row->number == select.number(1));
    CHECK(row->count == select.number(2));
    CHECK(row->first_time_ns == select.number(3));
    CHECK(row->last_time_ns == select.number(4));
    CHECK(bytes_of(row->hash) == select.bytes(5));
    CHECK((image_of(*rows, *row) == std::string(select.bytes(6))));
    for (std::uint64_t seq = first_seq; seq < first_seq + select.number(2); ++seq) {
      const std::optional<PageRow> last = rows->find_last(seq);
      REQUIRE(last);
      CHECK(last->first_seq == first_seq);
      CHECK(rows->find(seq).has_value() == (seq == first_seq));
    }
  }
  CHECK_FALSE(rows->find_last(0));
  return count;
}

ReelOptions options_of(std::size_t page_bytes) {
  ReelOptions options = small_options();
  options.page_bytes = page_bytes;
  return options;
}

}  // namespace

TEST_CASE("rows of pages are found in the file as SQLite finds them, in one leaf and in many") {
  CHECK(check_all_rows(Sealed{3}.path) > 0);
  CHECK(check_all_rows(Sealed{1500}.path) > 60);                         // many in a leaf, and several leaves
  CHECK(check_all_rows(Sealed{4000, options_of(300 << 10)}.path) > 3);  // with chains of overflow pages
}

TEST_CASE("an image whose overflow pages lie scattered is read as SQLite reads it") {
  const Sealed reel{9000, options_of(300 << 10)};
  // Pages that become free are used again, the last one first.
  sql(reel.path, "CREATE TABLE away AS SELECT * FROM page; DELETE FROM page; "
                 "INSERT INTO page SELECT * FROM away WHERE number % 2 = 0; "
                 "INSERT INTO page SELECT * FROM away WHERE number % 2 = 1 ORDER BY number DESC; DROP TABLE away");
  CHECK(check_all_rows(reel.path) > 5);
  CHECK((read_all(*ReelReader::open(reel.path)).events == reel.events));
}

TEST_CASE("a file that is laid out in another way has no rows to be read past SQLite") {
  const TempFolder folder;
  sql(folder.file("small.db"), "PRAGMA page_size = 8192; CREATE TABLE page (first_seq INTEGER PRIMARY KEY)");
  CHECK_FALSE(PageRows::of(descriptor_of(folder.file("small.db")), 2));
  write_file(folder.file("text"), "no database");
  CHECK_FALSE(PageRows::of(descriptor_of(folder.file("text")), 2));
  CHECK_FALSE(PageRows::of(descriptor_of(folder.file("missing")), 2));
  const Sealed reel{20};
  CHECK_FALSE(PageRows::of(descriptor_of(reel.path), 0)->find(1));
  CHECK_FALSE(PageRows::of(descriptor_of(reel.path), ~std::uint64_t{0})->find(1));
}

TEST_CASE("a damaged file ends a search for rows, or gives rows and images whose hash is for others to check") {
  const Sealed reel{1500, options_of(40 << 10)};
  const std::uint64_t root = root_of(reel.path);
  std::mt19937_64 random{7};
  std::size_t missed = 0;
  for (int i = 0; i < 400; ++i) {
    // Heads, cell pointers and links lie at the beginning of pages.
    const std::size_t page = random() % (reel.bytes.size() / kDatabasePage_bytes);
    const std::size_t at = page * kDatabasePage_bytes + random() % 16;
    const int mask = 1 << (random() % 8);
    flip(reel.path, at, mask);
    if (const std::optional<PageRows> rows = PageRows::of(descriptor_of(reel.path), root)) {
      for (std::uint64_t seq = 1; seq <= reel.events.size(); seq += 50) {
        const std::optional<PageRow> row = rows->find_last(seq);
        if (!row || !image_of(*rows, *row)) ++missed;
      }
    }
    flip(reel.path, at, mask);
  }
  CHECK(missed > 0);
}

TEST_CASE("what a cut takes of a reel is not made up") {
  const Sealed reel{1500, options_of(100 << 10)};
  const std::uint64_t root = root_of(reel.path);
  for (std::size_t pages = 1; pages < reel.bytes.size() / kDatabasePage_bytes; ++pages) {
    write_file(reel.path, reel.bytes.substr(0, pages * kDatabasePage_bytes + 100));
    const std::optional<PageRows> rows = PageRows::of(descriptor_of(reel.path), root);
    REQUIRE(rows);
    const std::optional<PageRow> row = rows->find_last(reel.events.size());
    CHECK_FALSE((row && image_of(*rows, *row)));
    if (pages > 20) break;
  }
}
