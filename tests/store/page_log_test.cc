// PageLog: a recording from its pages alone, held equal to the reader of reels.
#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "store/open_reel.h"
#include "store/page_layout.h"
#include "store/page_log.h"
#include "test_reel.h"

namespace labreel {
namespace {

std::vector<std::string> pages_of(const std::string& reel) {
  const auto open = *OpenReel::open(reel);
  std::vector<std::string> pages;
  for (Seq seq{1}; seq <= open->end().last;) {
    const PagePtr page = *open->page_with(seq);
    pages.push_back(text_of_bytes(page->buffer.bytes()));
    seq = Seq{page->head().last_seq() + 1};
  }
  return pages;
}

PageLogFacts facts() { return {.notes = {}, .complete = true, .digest = "abc"}; }

std::vector<OwnedEvent> events_of(const EventLog& log, Seq from = kFirstSeq, Seq to = kLastSeq) {
  std::vector<OwnedEvent> events;
  const auto source = log.events(from, to);
  for (Event event{}; *source->next(event);) events.push_back(owned(event));
  return events;
}

// Hashes a page anew after it was changed.
void seal(std::string& page) {
  const Word128 hash = hash_of_page(bytes_of_text(page));
  std::memcpy(page.data() + kPageHeadAt, &hash, sizeof(hash));
}

}  // namespace

TEST_CASE("a log of pages has the events of the reel that they come from") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const auto written = write_sealed(path, 300);
  const ReelReader reel = *ReelReader::open(path);
  PageLog log{facts()};
  for (const std::string& page : pages_of(path)) REQUIRE(log.add(bytes_of_text(page)).ok());

  CHECK(log.last() == reel.end().last);
  CHECK(log.complete());
  CHECK(events_of(log) == written);
  CHECK(events_of(log, Seq{17}, Seq{30}) == std::vector<OwnedEvent>(written.begin() + 16, written.begin() + 30));
  for (Seq seq{1}; seq <= log.last(); seq = seq.next()) {
    CHECK(owned(*log.event_at(seq)) == written[seq.value - 1]);
    CHECK(*log.digest_at(seq) == *reel.digest_at(seq));
    CHECK(log.checkpoint_before(seq) == reel.checkpoint_before(seq));
    const LabTime time{written[seq.value - 1].time_ns};
    CHECK(*log.last_at_or_before(time) == *reel.last_at_or_before(time));
    CHECK(*log.last_at_or_before(LabTime{time.ns - 1}) == *reel.last_at_or_before(LabTime{time.ns - 1}));
  }
  CHECK(*log.digest_at(log.last()) == *reel.recorded_digest());
  CHECK_FALSE(log.event_at(Seq{0}).ok());
  CHECK_FALSE(log.event_at(log.last().next()).ok());
  CHECK_FALSE(log.digest_at(log.last().next()).ok());
}

TEST_CASE("an empty log of pages has no events") {
  const PageLog log{facts()};
  CHECK(log.last().is_none());
  CHECK(events_of(log).empty());
  CHECK(log.last_at_or_before(LabTime{5})->is_none());
  CHECK(log.checkpoint_before(Seq{5}).is_none());
}

TEST_CASE("a page that does not follow is refused, and what came before stays") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  write_sealed(path, 300);
  write_sealed(folder.file("b.reel"), 300);
  const auto pages = pages_of(path);
  const auto others = pages_of(folder.file("b.reel"));
  REQUIRE(pages.size() > 3);

  PageLog begun_late{facts()};
  CHECK_FALSE(begun_late.add(bytes_of_text(pages[1])).ok());
  CHECK_FALSE(begun_late.complete());

  PageLog log{facts()};
  REQUIRE(log.add(bytes_of_text(pages[0])).ok());
  const Seq last = log.last();
  CHECK_FALSE(log.add(bytes_of_text(pages[2])).ok());
  CHECK_FALSE(log.add(bytes_of_text(pages[0])).ok());
  CHECK_FALSE(log.add(bytes_of_text(others[1])).ok());
  CHECK(log.last() == last);
  CHECK_FALSE(log.complete());
  REQUIRE(log.damage());
  CHECK(log.damage()->what == "the page does not follow the one before it");
}

TEST_CASE("a page with any byte changed is refused by a log of pages") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  write_sealed(path, 20);
  const std::string page = pages_of(path).front();
  for (std::size_t at = 0; at < page.size(); ++at) {
    std::string changed = page;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    PageLog log{facts()};
    REQUIRE_FALSE(log.add(bytes_of_text(changed)).ok());
  }
  PageLog log{facts()};
  CHECK_FALSE(log.add({}).ok());
  CHECK_FALSE(log.add(bytes_of_text(page.substr(0, page.size() - 8))).ok());
}

// Its hash is right: whoever made it wanted it read.
TEST_CASE("a forged page never makes a log of pages read what is not there") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  write_sealed(path, 20);
  const std::string page = pages_of(path).front();
  std::mt19937 draw{3};
  std::size_t taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string forged = page;
    for (unsigned i = 0; i <= draw() % 3; ++i) forged[draw() % forged.size()] ^= static_cast<char>(1U << draw() % 8);
    seal(forged);
    PageLog log{facts()};
    if (!log.add(bytes_of_text(forged))) continue;
    ++taken;
    const auto source = log.events();
    Event event{};
    for (auto more = source->next(event); more.ok() && *more;) more = source->next(event);
    REQUIRE(log.digest_at(log.last()).ok());
  }
  CHECK(taken > 100);
}

TEST_CASE("pages beyond a log's memory are refused with a hint") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  write_sealed(path, 300);
  const auto pages = pages_of(path);
  PageLog log{facts(), pages[0].size() + pages[1].size()};
  REQUIRE(log.add(bytes_of_text(pages[0])).ok());
  REQUIRE(log.add(bytes_of_text(pages[1])).ok());
  const Status third = log.add(bytes_of_text(pages[2]));
  REQUIRE_FALSE(third.ok());
  CHECK_FALSE(third.error().hint.empty());
}

}  // namespace labreel
