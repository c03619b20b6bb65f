// The recorder's page cache: where its pages lie, and that a database over it holds what SQLite's own cache would give it.
#include "store/page_memory.h"

#include <sqlite3.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "store/database.h"
#include "test_reel.h"

namespace labreel {
namespace {

constexpr auto kChanged = static_cast<unsigned>(PageMemory::kChanged_pages);
constexpr auto kHeld = static_cast<unsigned>(PageMemory::kHeld_pages);
constexpr auto kPlaces = kChanged + kHeld;

const std::byte* bytes_of(const sqlite3_pcache_page* page) { return static_cast<const std::byte*>(page->pBuf); }

// Pages 1 to `count`, unpinned.
std::vector<sqlite3_pcache_page*> fill(PageMemory& memory, unsigned count) {
  std::vector<sqlite3_pcache_page*> pages;
  for (unsigned number = 1; number <= count; ++number) {
    pages.push_back(memory.add(number, true));
    REQUIRE(pages.back() != nullptr);
    memory.unpin(pages.back(), false);
  }
  return pages;
}

// Everything that the tables hold, in one text.
std::string content_of(Database& database) {
  std::string content;
  for (const char* const sql : {"SELECT quote(key), quote(name), quote(image) FROM t ORDER BY key",
                                "SELECT quote(name), count(*), NULL FROM t GROUP BY name ORDER BY name"}) {
    Statement select{database, sql};
    while (select.step()) {
      for (int column = 0; column < 3; ++column) content.append(select.bytes(column)).append("|");
    }
  }
  return content;
}

// Random changes, which SQLite makes the same wherever the database lies. Some transactions are longer than the cache, and
// have to be written before they end.
void change(Database& database, unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](unsigned limit) { return std::to_string(random() % limit); };
  for (int transaction = 0; transaction < 4; ++transaction) {
    database.run("BEGIN IMMEDIATE");
    const unsigned steps = transaction == 2 ? 150 : 20;
    for (unsigned step = 0; step < steps; ++step) {
      if (step % 20 == 10) database.run("SAVEPOINT s");
      const std::string bytes = "CAST(printf('%.*c', " + below(400'000) + ", char(65 + " + below(26) + ")) AS BLOB)";
      database.run("INSERT INTO t(name, image) VALUES (printf('%.*c', " + below(3'000) + ", 'n'), " + bytes + ")");
      if (step % 5 == 1) database.run("UPDATE t SET image = " + bytes + " WHERE key % 17 = " + below(17));
      if (step % 5 == 2) database.run("DELETE FROM t WHERE key % 23 = " + below(23));
      if (step % 20 == 19) database.run(random() % 2 == 0 ? "ROLLBACK TO s" : "RELEASE s");
    }
    database.run(transaction == 1 ? "ROLLBACK" : "COMMIT");
  }
}

}  // namespace

TEST_CASE("new pages lie one behind the other, and are found again") {
  const auto memory = PageMemory::make();
  REQUIRE(memory);
  const auto pages = fill(*memory, 20);
  for (std::size_t i = 1; i < pages.size(); ++i) CHECK(bytes_of(pages[i]) == bytes_of(pages[i - 1]) + kDatabasePage_bytes);
  CHECK(reinterpret_cast<std::uintptr_t>(bytes_of(pages[0])) % 4096 == 0);
  CHECK(memory->pages() == 20);
  CHECK(memory->find(7) == pages[6]);
  CHECK(memory->find(21) == nullptr);
  CHECK(memory->contains(bytes_of(pages[19])));
  CHECK_FALSE(memory->contains(&memory));
}

TEST_CASE("a page that is pinned or held keeps its place, and any other goes when its turn comes") {
  const auto memory = PageMemory::make();
  REQUIRE(memory);
  const auto pages = fill(*memory, kPlaces);
  REQUIRE(memory->find(1) == pages[0]);
  memory->hold(bytes_of(pages[1]), 2);
  CHECK(memory->add(1'001, false) == pages[3]);
  CHECK(memory->find(2) == pages[1]);
  CHECK(memory->find(4) == nullptr);
  // What is dropped while it is held still waits to be written.
  memory->unpin(pages[1], true);
  CHECK(memory->find(2) == nullptr);
  for (unsigned i = 0; i < kPlaces - 4; ++i) CHECK(memory->add(2'001 + i, true) == pages[4 + i]);
  CHECK(memory->add(3'001, true) == nullptr);
  memory->hold(bytes_of(pages[1]), 0);
  CHECK(memory->add(3'001, true) == pages[1]);
  CHECK(memory->add(3'002, true) == pages[2]);
  CHECK(memory->add(3'003, true) == nullptr);
}

TEST_CASE("when many pages are changed, only what SQLite must have gets a place") {
  const auto memory = PageMemory::make();
  REQUIRE(memory);
  for (unsigned number = 1; number <= kChanged; ++number) REQUIRE(memory->add(number, false) != nullptr);
  CHECK(memory->add(1'001, false) == nullptr);
  sqlite3_pcache_page* const page = memory->add(1'001, true);
  REQUIRE(page != nullptr);
  memory->unpin(page, false);
  memory->unpin(memory->find(1), false);
  CHECK(memory->add(1'002, false) != nullptr);
}

TEST_CASE("pages get other numbers, and go by number") {
  const auto memory = PageMemory::make();
  REQUIRE(memory);
  const auto pages = fill(*memory, 10);
  CHECK(memory->renumber(pages[4], 5 + 512));  // of the same chain
  CHECK(memory->find(5) == nullptr);
  CHECK(memory->find(5 + 512) == pages[4]);
  memory->drop(3);
  CHECK(memory->find(3) == nullptr);
  memory->drop_from(9);
  CHECK(memory->pages() == 6);
  CHECK(memory->find(5 + 512) == nullptr);
  CHECK(memory->find(8) == pages[7]);
  sqlite3_pcache_page other{&other, nullptr};
  CHECK_FALSE(memory->unpin(&other, true));
  CHECK_FALSE(memory->renumber(&other, 1));
}

TEST_CASE("a database over it holds what one over SQLite's own cache holds") {
  const TempFolder folder;
  const std::string path = folder.file("a.db");
  const std::string schema = "CREATE TABLE t(key INTEGER PRIMARY KEY, name TEXT, image BLOB); CREATE INDEX i ON t(name)";
  Database expected = Database::open_empty();
  expected.run(schema);
  change(expected, 1);
  write_file(path, "");
  {
    Database database = Database::create(path);
    database.run(schema);
    change(database, 1);
    CHECK(content_of(database) == content_of(expected));
  }
  change(expected, 2);
  {
    Database database = Database::open_to_append(path);
    change(database, 2);
  }
  Database reader = Database::open_bytes(*ReelBytes::of(descriptor_of(path), path));
  Statement check{reader, "PRAGMA integrity_check"};
  REQUIRE(check.step());
  CHECK(check.bytes(0) == "ok");
  CHECK(content_of(reader) == content_of(expected));
}

}  // namespace labreel
