#include "store/salvage.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>

#include "engine/core/check.h"
#include "store/page.h"
#include "store/reel_tables.h"

namespace labreel {
namespace {

using Type = LeafColumn::Type;

// A file that claims more pages than this many times its own size would only keep us reading.
constexpr std::uint64_t kClaimsMax = 4;
// A recorder leaves one, and older ones of it; each that is tried costs a few statements.
constexpr std::uint64_t kDescriptions_max = 1'000;
// Longer files are no small reels.
constexpr off_t kSmallReel_max = 64 << 20;

std::string_view bytes_in(const RowBytes& place) { return {reinterpret_cast<const char*>(&place), sizeof(place)}; }

}  // namespace

// The head may be what is damaged, so it is not asked for the page size: the one counts with which most is found.
std::optional<Salvage> Salvage::of(OwnedFd reel) {
  std::optional<Salvage> most = with_pages_of(reel, kDatabasePage_bytes);
  struct stat about {};
  if (!reel.is_open() || ::fstat(reel.get(), &about) != 0 || about.st_size > kSmallReel_max) return most;
  for (const int small : kSmallPage_bytes) {
    std::optional<Salvage> found = with_pages_of(reel, static_cast<std::uint64_t>(small));
    if (found && (!most || found->found_ > most->found_)) most = std::move(found);
  }
  return most;
}

std::optional<Salvage> Salvage::with_pages_of(const OwnedFd& reel, std::uint64_t page_bytes) {
  std::optional<LeafRows> leaves = LeafRows::of(OwnedFd{::fcntl(reel.get(), F_DUPFD_CLOEXEC, 0)}, page_bytes);
  if (!leaves) return std::nullopt;
  Salvage salvage{std::move(*leaves), Database::open_empty()};
  for (const auto& [name, sql] : reel_tables()) salvage.rows_.run(sql);
  salvage.leaves_.each([&](const LeafRow& row) { salvage.add(row); });
  if (salvage.found_ == 0) return std::nullopt;
  return salvage;
}

// The tables' shapes differ, and what does not guard itself is passed over.
void Salvage::add(const LeafRow& row) {
  const auto is = [&](std::size_t column, Type type) { return row.columns[column].type == type; };
  if (row.columns.size() == 7 && is(6, Type::blob)) add_page(row);
  if (row.columns.size() == 5 && is(2, Type::text) && is(3, Type::text)) add_note(row);
  if (row.columns.size() == 8 && is(1, Type::blob)) add_meta(row);
}

// A page's head repeats all that its row said.
void Salvage::add_page(const LeafRow& row) {
  const RowBytes& place = row.columns[6].place;
  image_bytes_ += place.bytes;
  if (image_bytes_ > kClaimsMax * leaves_.file_bytes()) return;
  const std::optional<std::string> image = leaves_.read(place);
  if (!image) return;
  PageBuffer buffer;
  std::copy_n(reinterpret_cast<const std::byte*>(image->data()), image->size(), buffer.resize(image->size()));
  const Result<PageView> page = PageView::check(buffer);
  if (!page) return;
  const PageHead& head = page->head();
  const std::string hash = bytes_of(head.hash);
  Statement insert{rows_, "INSERT OR IGNORE INTO page VALUES (?, ?, ?, ?, ?, ?, ?)"};
  insert.bind(1, head.first_seq).bind(2, head.number).bind(3, std::uint64_t{head.count});
  insert.bind(4, head.first_time_ns).bind(5, head.last_time_ns).bind_bytes(6, hash).bind_bytes(7, bytes_in(place));
  insert.execute();
  longest_image_bytes_ = std::max<std::uint64_t>(longest_image_bytes_, buffer.bytes().size());
  ++found_;
}

void Salvage::add_note(const LeafRow& row) {
  const std::uint64_t bytes = row.columns[2].place.bytes + row.columns[3].place.bytes + kNoteOverhead_bytes;
  note_bytes_ += bytes;
  if (bytes > kNoteBytes_max || note_bytes_ > std::min(kNotesBytes_max, kClaimsMax * leaves_.file_bytes())) return;
  const std::optional<std::uint64_t> after = leaves_.number(row.columns[1]);
  const std::optional<std::string> kind = leaves_.read(row.columns[2].place);
  const std::optional<std::string> detail = leaves_.read(row.columns[3].place);
  const std::optional<std::uint64_t> hash = leaves_.number(row.columns[4]);
  if (!after || !kind || !detail || hash != note_check(row.rowid, *after, *kind, *detail)) return;
  Statement insert{rows_, "INSERT OR IGNORE INTO note VALUES (?, ?, ?, ?, ?)"};
  insert.bind(1, row.rowid)
      .bind(2, *after)
      .bind(3, std::string_view{*kind})
      .bind(4, std::string_view{*detail})
      .bind(5, *hash);
  insert.execute();
  ++found_;
}

void Salvage::add_meta(const LeafRow& row) {
  if (++descriptions_ > kDescriptions_max) return;
  const auto text = [&](std::size_t column) { return leaves_.read(row.columns[column].place).value_or(""); };
  const auto number = [&](std::size_t column) { return leaves_.number(row.columns[column]).value_or(0); };
  const std::string lab_id = text(1);
  const std::string state = text(2);
  const std::string digest = text(6);
  const std::string hash = text(7);
  Statement insert{rows_, "INSERT OR REPLACE INTO meta VALUES (1, ?, ?, ?, ?, ?, ?, ?)"};
  insert.bind_bytes(1, lab_id)
      .bind(2, std::string_view{state})
      .bind(3, number(3))
      .bind(4, number(4))
      .bind(5, number(5));
  insert.bind(6, std::string_view{digest}).bind_bytes(7, hash);
  insert.execute();
  if (read_meta(rows_))
    ++found_;
  else
    rows_.run("DELETE FROM meta");
}

std::optional<std::string> Salvage::image_at(std::string_view place) const {
  RowBytes bytes;
  LABREEL_CHECK(place.size() == sizeof(bytes));
  std::memcpy(&bytes, place.data(), sizeof(bytes));
  return leaves_.read(bytes);
}

}  // namespace labreel
