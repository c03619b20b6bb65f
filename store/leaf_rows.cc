#include "store/leaf_rows.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>

#include "engine/os/system_call.h"
#include "store/format.h"

namespace labreel {
namespace {

constexpr std::uint64_t kPage_bytes = kDatabasePage_bytes;
constexpr std::uint64_t kLink_bytes = 4;  // an overflow page begins with the next one's number
constexpr char kTableLeaf = 0x0D;
constexpr std::uint64_t kLeafHead_bytes = 8;
constexpr std::uint64_t kCellCountAt = 3;

// How much of a payload lies in the leaf itself. (Section 1.6: U, X, M and K are its letters.)
constexpr std::uint64_t local_bytes(std::uint64_t payload_bytes) {
  constexpr std::uint64_t kX = kPage_bytes - 35;
  constexpr std::uint64_t kM = (kPage_bytes - 12) * 32 / 255 - 23;
  if (payload_bytes <= kX) return payload_bytes;
  const std::uint64_t k = kM + (payload_bytes - kM) % (kPage_bytes - 4);
  return k <= kX ? k : kM;
}

// Bytes that are read from the front; reading behind the end gives zeros and is remembered.
class Front {
 public:
  explicit Front(std::string_view bytes) : rest_(bytes) {}
  bool is_whole() const { return is_whole_; }
  std::uint64_t left() const { return rest_.size(); }

  std::uint64_t big_endian(std::size_t bytes) {
    std::uint64_t value = 0;
    while (bytes-- > 0) value = value << 8U | byte();
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) {
      const std::uint64_t next = byte();
      value = value << 7U | (next & 0x7FU);
      if (next < 0x80) return value;
    }
    return value << 8U | byte();
  }

 private:
  std::uint64_t byte() {
    if (rest_.empty()) {
      is_whole_ = false;
      return 0;
    }
    const auto first = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  std::string_view rest_;
  bool is_whole_ = true;
};

// A column as the record's head describes it.
LeafColumn column_of(std::uint64_t serial_type) {
  using Type = LeafColumn::Type;
  constexpr std::uint64_t kIntegerBytes[] = {0, 1, 2, 3, 4, 6, 8};
  LeafColumn column;
  if (serial_type >= 12) {
    column.type = serial_type % 2 == 0 ? Type::blob : Type::text;
    column.place.bytes = (serial_type - 12) / 2;
  } else if (serial_type == 8 || serial_type == 9) {
    column.type = Type::integer;
    column.number = serial_type - 8;
  } else if (serial_type >= 1 && serial_type <= 6) {
    column.type = Type::integer;
    column.place.bytes = kIntegerBytes[serial_type];
  }
  return column;
}

}  // namespace

std::optional<LeafRows> LeafRows::open(const std::string& path) {
  OwnedFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat about {};
  if (!fd.is_open() || ::fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
  return LeafRows{std::move(fd), static_cast<std::uint64_t>(about.st_size)};
}

bool LeafRows::read_at(std::uint64_t at, void* out, std::uint64_t bytes) const {
  const ssize_t got = retried([&] { return ::pread(fd_.get(), out, bytes, static_cast<off_t>(at)); });
  return got >= 0 && static_cast<std::uint64_t>(got) == bytes;
}

void LeafRows::each(const std::function<void(const LeafRow&)>& found) const {
  std::string page(kPage_bytes, '\0');
  for (std::uint64_t at = 0; at < bytes_; at += kPage_bytes) {
    if (!read_at(at, page.data(), kLeafHead_bytes) || page.front() != kTableLeaf) continue;
    // What a cut takes of the last page is left out.
    page.resize(std::min(kPage_bytes, bytes_ - at));
    if (read_at(at, page.data(), page.size())) each_of(at, page, found);
    page.resize(kPage_bytes);
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
  const std::string_view local = std::string_view(page).substr(payload_at, local_bytes(payload_bytes));

  Front types{local};
  const std::uint64_t head_bytes = types.varint();
  if (head_bytes > local.size()) return std::nullopt;
  std::uint64_t from = head_bytes;
  while (local.size() - types.left() < head_bytes) {
    LeafColumn column = column_of(types.varint());
    column.place = {page_at + payload_at, payload_bytes, from, column.place.bytes};
    from += column.place.bytes;
    row.columns.push_back(column);
    if (from > payload_bytes) return std::nullopt;
  }
  return row;
}

std::optional<std::string> LeafRows::read(const RowBytes& place) const {
  std::string bytes(place.bytes, '\0');
  std::uint64_t at = place.at;
  std::uint64_t part_bytes = local_bytes(place.payload_bytes);
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
    part_bytes = kPage_bytes - kLink_bytes;
    at = (next - 1) * kPage_bytes + kLink_bytes;
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
