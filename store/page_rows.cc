#include "store/page_rows.h"

#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "engine/os/system_call.h"
#include "store/sqlite_layout.h"

namespace labreel {
namespace {

constexpr std::size_t kInteriorPages_max = 64;  // in memory: at most 4 MiB
constexpr int kDepth_max = 20;                  // SQLite's own trees have at most so many levels
// A cell with all columns before its image; the rest of it is not needed to find it.
constexpr std::uint64_t kCell_bytes = 192;
constexpr std::uint64_t kHead_bytes = 512;
constexpr std::size_t kRun_max = 64;
constexpr std::size_t kRunBegin = 8;

std::uint64_t cell_count_of(std::string_view head) { return Front{head.substr(kCellCountAt)}.big_endian(2); }

std::uint64_t cell_at(std::string_view head, std::uint64_t head_bytes, std::uint64_t index) {
  return Front{head.substr(head_bytes + 2 * index)}.big_endian(2);
}

std::uint64_t link_in(const std::array<char, kLink_bytes>& bytes) {
  return Front{{bytes.data(), bytes.size()}}.big_endian(kLink_bytes);
}

}  // namespace

std::optional<PageRows> PageRows::of(OwnedFd fd, std::uint64_t root) {
  struct stat about {};
  if (!fd.is_open() || ::fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
  PageRows rows{std::move(fd), static_cast<std::uint64_t>(about.st_size), root};
  // The size of pages and what is kept free at their ends.
  std::array<unsigned char, 24> head{};
  if (!rows.read_at(0, head.data(), head.size()) || head[20] != 0) return std::nullopt;
  const std::optional<std::uint64_t> page_bytes = page_size_in(head[kPageSizeAt], head[kPageSizeAt + 1]);
  if (!page_bytes) return std::nullopt;
  rows.page_bytes_ = *page_bytes;
  return rows;
}

bool PageRows::read_at(std::uint64_t at, void* out, std::uint64_t bytes) const {
  const ssize_t got = retried([&] { return ::pread(fd_.get(), out, bytes, static_cast<off_t>(at)); });
  return got >= 0 && static_cast<std::uint64_t>(got) == bytes;
}

std::optional<std::uint64_t> PageRows::offset_of(std::uint64_t page) const {
  if (page == 0 || page > bytes_ / page_bytes_) return std::nullopt;
  return (page - 1) * page_bytes_;
}

// A page's own head and where its cells are; an interior page whole, kept for the next search.
std::optional<std::string> PageRows::head_of(std::uint64_t page_at) const {
  std::string head(kHead_bytes, '\0');
  if (!read_at(page_at, head.data(), head.size())) return std::nullopt;
  const auto type = static_cast<std::uint8_t>(head.front());
  const std::uint64_t needed = type == kTableLeaf ? kLeafHead_bytes + 2 * cell_count_of(head) : page_bytes_;
  if ((type != kTableLeaf && type != kTableInterior) || needed > page_bytes_) return std::nullopt;
  if (needed <= head.size()) return head;
  head.resize(needed);
  if (!read_at(page_at, head.data(), head.size())) return std::nullopt;
  return head;
}

std::optional<PageRows::Found> PageRows::search(std::uint64_t seq) const {
  std::uint64_t page = root_;
  Found found;
  for (int depth = 0; depth < kDepth_max; ++depth) {
    const std::optional<std::uint64_t> at = offset_of(page);
    if (!at) return std::nullopt;
    if (leaf_ && leaf_->at == *at) {
      found.row = last_in_leaf(seq);
      return found;
    }
    auto known = interior_.find(*at);
    if (known == interior_.end()) {
      std::optional<std::string> head = head_of(*at);
      if (!head) return std::nullopt;
      if (static_cast<std::uint8_t>(head->front()) == kTableLeaf) {
        const std::uint64_t count = cell_count_of(*head);
        leaf_ = Leaf{*at, std::move(*head), std::vector<std::optional<PageRow>>(count)};
        found.row = last_in_leaf(seq);
        return found;
      }
      if (interior_.size() >= kInteriorPages_max) interior_.clear();
      known = interior_.emplace(*at, std::move(*head)).first;
    }
    // The first child whose last key is not before `seq`; behind all of them the right-most.
    const std::string_view interior = known->second;
    const std::uint64_t count = cell_count_of(interior);
    if (kInteriorHead_bytes + 2 * count > page_bytes_) return std::nullopt;
    std::uint64_t low = 0;
    std::uint64_t high = count;
    page = Front{interior.substr(kLeafHead_bytes)}.big_endian(kLink_bytes);
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      const std::uint64_t cell_begin = cell_at(interior, kInteriorHead_bytes, middle);
      Front cell{interior.substr(std::min<std::uint64_t>(cell_begin, interior.size()))};
      const std::uint64_t child = cell.big_endian(kLink_bytes);
      const std::uint64_t key = cell.varint();
      if (!cell.is_whole()) return std::nullopt;
      if (key >= seq) {
        page = child;
        high = middle;
      } else {
        found.before = key;
        low = middle + 1;
      }
    }
  }
  return std::nullopt;
}

std::optional<PageRow> PageRows::last_in_leaf(std::uint64_t seq) const {
  std::optional<PageRow> found;
  std::uint64_t low = 0;
  std::uint64_t high = leaf_->rows.size();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    std::optional<PageRow>& row = leaf_->rows[middle];
    if (!row) row = row_at(leaf_->at, cell_at(leaf_->head, kLeafHead_bytes, middle));
    if (!row) return std::nullopt;
    if (row->first_seq <= seq) {
      found = row;
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return found;
}

std::optional<PageRow> PageRows::row_at(std::uint64_t page_at, std::uint64_t cell) const {
  if (cell >= page_bytes_) return std::nullopt;
  std::array<char, kCell_bytes> bytes;
  const std::uint64_t length = std::min(kCell_bytes, page_bytes_ - cell);
  if (!read_at(page_at + cell, bytes.data(), length)) return std::nullopt;
  Front front{{bytes.data(), length}};
  PageRow row;
  row.image.payload_bytes = front.varint();
  row.first_seq = front.varint();
  if (row.image.payload_bytes > bytes_) return std::nullopt;
  const std::uint64_t begin = length - front.left();
  row.image.at = page_at + cell + begin;

  Front columns = front;
  const std::uint64_t head_bytes = front.varint();
  if (head_bytes > columns.left()) return std::nullopt;
  std::array<ColumnType, 7> types;
  for (ColumnType& type : types) type = column_type_of(front.varint());
  if (!front.is_whole() || length - front.left() != begin + head_bytes) return std::nullopt;
  using Kind = ColumnType::Kind;
  // The key is not in its column.
  if (types[0].kind != Kind::null || types[5].kind != Kind::blob || types[5].bytes != sizeof(row.hash)) return std::nullopt;
  const std::array<std::uint64_t*, 4> numbers{&row.number, &row.count, &row.first_time_ns, &row.last_time_ns};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const ColumnType& type = types[i + 1];
    if (type.kind != Kind::integer) return std::nullopt;
    *numbers[i] = type.bytes == 0 ? type.number : front.big_endian(type.bytes);
  }
  if (front.left() < sizeof(row.hash)) return std::nullopt;
  std::memcpy(&row.hash, bytes.data() + (length - front.left()), sizeof(row.hash));
  row.image.from = length - front.left() + sizeof(row.hash) - begin;
  row.image.bytes = types[6].bytes;
  // The image is the last column, and begins in the leaf.
  const bool fits = types[6].kind == Kind::blob && row.image.from + row.image.bytes == row.image.payload_bytes &&
                    row.image.from <= local_bytes(row.image.payload_bytes, page_bytes_);
  return fits ? std::optional{row} : std::nullopt;
}

std::optional<PageRow> PageRows::find(std::uint64_t first_seq) const {
  const std::optional<Found> found = search(first_seq);
  if (!found || !found->row || found->row->first_seq != first_seq) return std::nullopt;
  return found->row;
}

std::optional<PageRow> PageRows::find_last(std::uint64_t seq) const {
  const std::optional<Found> found = search(seq);
  if (!found) return std::nullopt;
  if (found->row || found->before == 0) return found->row;
  return find(found->before);
}

bool PageRows::read_image(const PageRow& row, std::byte* to) const {
  const std::uint64_t local = local_bytes(row.image.payload_bytes, page_bytes_);
  const std::uint64_t here = std::min(row.image.bytes, local - row.image.from);
  if (here == row.image.bytes) return read_at(row.image.at + row.image.from, to, here);
  std::array<char, kLink_bytes> link;
  const std::array<iovec, 2> parts{{{to, here}, {link.data(), link.size()}}};
  const ssize_t got = retried([&] {
    return ::preadv(fd_.get(), parts.data(), static_cast<int>(parts.size()), static_cast<off_t>(row.image.at + row.image.from));
  });
  if (got < 0 || static_cast<std::uint64_t>(got) != here + link.size()) return false;
  return read_chain(link_in(link), to + here, row.image.bytes - here);
}

// A chain of overflow pages mostly lies in one piece: that is assumed, and its links say whether it was so. Where it was not,
// the next try is for less, so that a file full of jumps costs no more than a few times its length.
bool PageRows::read_chain(std::uint64_t page, std::byte* to, std::uint64_t bytes) const {
  std::array<std::array<char, kLink_bytes>, kRun_max> links;
  std::array<iovec, 2 * kRun_max> parts;
  const std::uint64_t part_bytes = overflow_bytes(page_bytes_);
  std::size_t run_max = kRunBegin;
  while (bytes > 0) {
    const std::optional<std::uint64_t> at = offset_of(page);
    if (!at) return false;
    const std::uint64_t pages_left = (bytes + part_bytes - 1) / part_bytes;
    const std::size_t run = std::min({run_max, std::size_t{pages_left}, std::size_t{bytes_ / page_bytes_ - page + 1}});
    std::uint64_t wanted = 0;
    for (std::size_t i = 0; i < run; ++i) {
      const std::uint64_t length = std::min(part_bytes, bytes - i * part_bytes);
      parts[2 * i] = {links[i].data(), kLink_bytes};
      parts[2 * i + 1] = {to + i * part_bytes, length};
      wanted += kLink_bytes + length;
    }
    const ssize_t got =
        retried([&] { return ::preadv(fd_.get(), parts.data(), static_cast<int>(2 * run), static_cast<off_t>(*at)); });
    if (got < 0 || static_cast<std::uint64_t>(got) != wanted) return false;
    std::size_t good = 1;
    while (good < run && link_in(links[good - 1]) == page + good) ++good;
    run_max = good == run ? std::min(kRun_max, 2 * run_max) : 1;
    const std::uint64_t done = std::min(bytes, good * part_bytes);
    to += done;
    bytes -= done;
    page = link_in(links[good - 1]);
  }
  return page == 0;
}

}  // namespace labreel
