#include "store/leaf_rows.h"

#include <sys/stat.h>

#include <algorithm>
#include <string_view>

#include "engine/os/system_call.h"
#include "store/sqlite_layout.h"

namespace labreel {
namespace {

constexpr std::size_t kColumns_max = 16;  // no table of ours has as many

}  // namespace

std::optional<LeafRows> LeafRows::of(OwnedFd fd, std::uint64_t page_bytes) {
  struct stat about {};
  if (!fd.is_open() || ::fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
  return LeafRows{std::move(fd), static_cast<std::uint64_t>(about.st_size), page_bytes};
}

bool LeafRows::read_at(std::uint64_t at, void* out, std::uint64_t bytes) const {
  const ssize_t got = retried([&] { return ::pread(fd_.get(), out, bytes, static_cast<off_t>(at)); });
  return got >= 0 && static_cast<std::uint64_t>(got) == bytes;
}

void LeafRows::each(const std::function<void(const LeafRow&)>& found) const {
  std::string page(page_bytes_, '\0');
  for (std::uint64_t at = 0; at < bytes_; at += page_bytes_) {
    if (!read_at(at, page.data(), kLeafHead_bytes) || page.front() != static_cast<char>(kTableLeaf)) continue;
    // What a cut takes of the last page is left out.
    page.resize(std::min(page_bytes_, bytes_ - at));
    if (read_at(at, page.data(), page.size())) each_of(at, page, found);
    page.resize(page_bytes_);
  }
}

void LeafRows::each_of(std::uint64_t page_at, const std::string& page,
                       const std::function<void(const LeafRow&)>& found) const {
  const std::uint64_t count = Front{std::string_view(page).substr(kCellCountAt)}.big_endian(2);
  Front cells{std::string_view(page).substr(kLeafHead_bytes)};
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t cell = cells.big_endian(2);
    if (!cells.is_whole()) return;
    if (const std::optional<LeafRow> row = row_at(page_at, page, cell)) found(*row);
  }
}

std::optional<LeafRow> LeafRows::row_at(std::uint64_t page_at, const std::string& page, std::uint64_t cell) const {
  if (cell >= page.size()) return std::nullopt;
  Front head{std::string_view(page).substr(cell)};
  const std::uint64_t payload_bytes = head.varint();
  LeafRow row{.rowid = head.varint(), .columns = {}};
  const std::uint64_t payload_at = page.size() - head.left();
  if (payload_bytes > bytes_) return std::nullopt;
  const std::string_view local = std::string_view(page).substr(payload_at, local_bytes(payload_bytes, page_bytes_));

  Front types{local};
  const std::uint64_t head_bytes = types.varint();
  if (head_bytes > local.size()) return std::nullopt;
  std::uint64_t from = head_bytes;
  while (local.size() - types.left() < head_bytes) {
    const ColumnType type = column_type_of(types.varint());
    const LeafColumn column{type.kind, type.number, {page_at + payload_at, payload_bytes, from, type.bytes}};
    from += type.bytes;
    row.columns.push_back(column);
    if (from > payload_bytes || row.columns.size() > kColumns_max) return std::nullopt;
  }
  return row;
}

std::optional<std::string> LeafRows::read(const RowBytes& place) const {
  std::string bytes(place.bytes, '\0');
  std::uint64_t at = place.at;
  std::uint64_t part_bytes = local_bytes(place.payload_bytes, page_bytes_);
  std::uint64_t part_from = 0;
  const std::uint64_t end = place.from + place.bytes;
  for (;;) {
    const std::uint64_t from = std::max(place.from, part_from);
    const std::uint64_t until = std::min(end, part_from + part_bytes);
    if (from < until && !read_at(at + (from - part_from), bytes.data() + (from - place.from), until - from)) {
      return std::nullopt;
    }
    if (until == end) return bytes;
    char link[kLink_bytes];
    if (!read_at(part_from == 0 ? at + part_bytes : at - kLink_bytes, link, kLink_bytes)) return std::nullopt;
    const std::uint64_t next = Front{{link, kLink_bytes}}.big_endian(kLink_bytes);
    if (next == 0) return std::nullopt;
    part_from += part_bytes;
    part_bytes = overflow_bytes(page_bytes_);
    at = (next - 1) * page_bytes_ + kLink_bytes;
  }
}

// A reel's numbers are not negative, or fill all 8 bytes.
std::optional<std::uint64_t> LeafRows::number(const LeafColumn& column) const {
  if (column.place.bytes == 0) return column.number;
  const std::optional<std::string> bytes = read(column.place);
  if (!bytes) return std::nullopt;
  return Front{*bytes}.big_endian(bytes->size());
}

}  // namespace labreel
