// Finding pages in an open reel: by seq and by time.
#include <algorithm>
#include <cstring>

#include "store/open_reel.h"
#include "store/page_codec.h"
#include "store/page_layout.h"

namespace labreel {
namespace {

// How far back a checkpoint is looked for without an index: a recorder makes one every 20,000 frames, unless it is large.
constexpr std::uint64_t kWalkBack_events = 1 << 18;

// Of a compressed page, by its head; 0 of any other.
std::uint64_t plain_bytes_of(std::string_view image, std::uint64_t stored_bytes) {
  PageHead head;
  if (image.size() < kPageHeadAt + sizeof(head)) return 0;
  std::memcpy(&head, image.data() + kPageHeadAt, sizeof(head));
  if (head.codec != kZstdPage) return 0;
  return std::min({head.plain_bytes, kPlainPage_max, stored_bytes * kPageRatio_max});
}

}  // namespace

// The first seq of the page that the table says holds an event.
Result<std::uint64_t> OpenReel::page_start_of(std::uint64_t seq) const {
  const std::lock_guard lock{mutex_};
  if (const PageRows* const rows = direct_rows()) {
    const std::optional<PageRow> row = rows->find_last(seq);
    if (row && seq - row->first_seq < row->count) return row->first_seq;
  }
  try {
    Statement select{*database_, "SELECT first_seq FROM page WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1"};
    select.bind(1, seq);
    if (select.step()) return select.number(0);
    return damaged("table page", "the page of event " + std::to_string(seq) + " is missing");
  } catch (const DatabaseError& error) {
    return damaged("table page", error.what());
  }
}

Result<PagePtr> OpenReel::page_with(Seq seq, const LoadedPage* before) const {
  if (seq.is_none() || seq > end_.last) {
    return Error{ErrorKind::usage, "there is no event " + std::to_string(seq.value), path_,
                 "the last one is " + std::to_string(end_.last.value)};
  }
  if (seq.value > database_last_) {
    const auto behind = std::upper_bound(tail_.begin(), tail_.end(), seq.value, [](std::uint64_t value, const PagePtr& page) {
      return value < page->head().first_seq;
    });
    return *(behind - 1);
  }
  // Reading on, the next page's key is known: so no damage elsewhere in the table can stop it.
  const bool reads_on = seq.value == 1 || (before != nullptr && before->head().last_seq() + 1 == seq.value);
  const Result<std::uint64_t> start = reads_on ? Result<std::uint64_t>{seq.value} : page_start_of(seq.value);
  if (!start) return start.error();
  Result<PagePtr> page = load_row(*start);
  if (!page) return page;
  if ((*page)->head().last_seq() < seq.value) {
    return damaged("table page", "the page of event " + std::to_string(seq.value) + " is missing");
  }
  const Status chained = check_chain(**page, reads_on ? before : nullptr);
  if (!chained) return chained.error();
  return page;
}

// The table's own word for which page has the last event at or before a time; 0 for none.
Result<std::uint64_t> OpenReel::page_start_at(LabTime time) const {
  const std::lock_guard lock{mutex_};
  std::uint64_t found = 0;
  std::uint64_t low = 1;
  std::uint64_t high = database_last_;
  try {
    Statement select{*database_, "SELECT first_seq, count, first_time_ns FROM page WHERE first_seq <= ? "
                                 "ORDER BY first_seq DESC LIMIT 1"};
    while (low <= high) {
      select.bind(1, low + (high - low) / 2);
      if (!select.step()) break;
      const std::uint64_t first = select.number(0);
      const std::uint64_t next = first + select.number(1);
      const bool is_before = select.number(2) <= time.ns;
      select.reset();
      if (first > high || first == 0 || next <= low) break;  // only damage looks like this; page_with() will name it
      if (is_before) {
        found = first;
        low = next;
      } else {
        high = first - 1;
      }
    }
    return found;
  } catch (const DatabaseError& error) {
    return damaged("table page", error.what());
  }
}

Result<Seq> OpenReel::last_at_or_before(LabTime time) const {
  if (!tail_.empty() && tail_.front()->head().first_time_ns <= time.ns) {
    const auto behind = std::upper_bound(tail_.begin(), tail_.end(), time.ns, [](std::uint64_t ns, const PagePtr& page) {
      return ns < page->head().first_time_ns;
    });
    return last_in(*(*(behind - 1))->view, time);
  }
  if (database_last_ == 0) return Seq{};
  const Result<std::uint64_t> start = page_start_at(time);
  if (!start) return start.error();
  Seq found;
  PagePtr page;
  if (*start != 0) {
    const Result<PagePtr> loaded = page_with(Seq{*start});
    if (!loaded) return loaded.error();
    page = *loaded;
    found = last_in(*page->view, time);
  }
  // The table was believed: that the next page is later, too. The page itself says whether its row is right.
  if (found.value < database_last_ && (!page || found.value == page->head().last_seq())) {
    const Result<PagePtr> next = page_with(found.next(), page.get());
    if (!next) return next.error();
  }
  return found;
}

Seq OpenReel::checkpoint_before(Seq seq) const {
  for (auto page = tail_.rbegin(); page != tail_.rend(); ++page) {
    if (const Seq found = last_checkpoint_in(*(*page)->view, seq); !found.is_none()) return found;
  }
  if (!database_ || database_last_ == 0) return {};
  if (!meta_ || !meta_->sealed) return walk_back_to_checkpoint(Seq{std::min(seq.value, database_last_)});
  const std::lock_guard lock{mutex_};
  try {
    Statement select{*database_, "SELECT seq FROM checkpoint WHERE seq <= ? ORDER BY seq DESC LIMIT 1"};
    select.bind(1, seq.value);
    return select.step() ? Seq{select.number(0)} : Seq{};
  } catch (const DatabaseError&) {
    return {};  // damaged: then there is no short way
  }
}

// The index is written with the seal. Reading pages costs less than folding the events in them.
Seq OpenReel::walk_back_to_checkpoint(Seq seq) const {
  const std::uint64_t end = seq.value > kWalkBack_events ? seq.value - kWalkBack_events : 0;
  for (Seq at = seq; at.value > end;) {
    const Result<PagePtr> page = page_with(at);
    if (!page) return {};
    if (const Seq found = last_checkpoint_in(*(*page)->view, seq); !found.is_none()) return found;
    at = Seq{(*page)->head().first_seq - 1};
  }
  return {};
}

std::vector<std::uint64_t> OpenReel::page_seqs_behind(std::uint64_t seq) const {
  std::vector<std::uint64_t> seqs;
  if (!database_) return seqs;
  const std::lock_guard lock{mutex_};
  try {
    Statement select{*database_, "SELECT first_seq FROM page WHERE first_seq > ? ORDER BY first_seq"};
    select.bind(1, seq);
    while (select.step()) seqs.push_back(select.number(0));
  } catch (const DatabaseError&) {
    // What can be listed is listed.
  }
  return seqs;
}

std::uint64_t OpenReel::longest_page_bytes() const {
  std::uint64_t longest = 0;
  for (const PagePtr& page : ring_pages_) longest = std::max<std::uint64_t>(longest, page->buffer.bytes().size());
  if (salvage_) return std::max(longest, salvage_->longest_image_bytes());
  if (!database_) return longest;
  const std::lock_guard lock{mutex_};
  try {
    // A compressed page's head tells how long it is; a lie is no longer than unpack_page() lets it be.
    Statement select{*database_, "SELECT length(image), substr(image, 1, " + std::to_string(kPageOverhead) + ") FROM page"};
    while (select.step()) longest = std::max({longest, select.number(0), plain_bytes_of(select.bytes(1), select.number(0))});
  } catch (const DatabaseError&) {
    // What cannot be listed cannot be repaired either.
  }
  return longest;
}

Result<PagePtr> OpenReel::lone_page(std::uint64_t first_seq) const { return load_row(first_seq); }

}  // namespace labreel
