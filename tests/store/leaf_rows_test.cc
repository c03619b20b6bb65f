// Leaves of a SQLite file that were written by hand: what is wrong with a row costs that row only.
#include "store/leaf_rows.h"

#include <sys/stat.h>

#include <set>

#include "store/format.h"
#include "store/salvage.h"
#include "test_reel.h"

namespace labreel {
namespace {

constexpr std::size_t kPage = kDatabasePage_bytes;

// A leaf with cells as they are given, or as many cells as `claimed` says.
std::string leaf(const std::vector<std::string>& cells, std::optional<std::uint16_t> claimed = {}) {
  std::string page(kPage, '\0');
  const auto put = [&](std::size_t at, std::size_t value) {
    page[at] = static_cast<char>(value >> 8U);
    page[at + 1] = static_cast<char>(value);
  };
  page[0] = 0x0D;
  put(3, claimed.value_or(static_cast<std::uint16_t>(cells.size())));
  std::size_t at = kPage;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    at -= cells[i].size();
    page.replace(at, cells[i].size(), cells[i]);
    put(8 + 2 * i, at);
  }
  return page;
}

// Numbers as SQLite writes them: seven bits a byte.
std::string varint(std::uint64_t value) {
  std::string bytes(1, static_cast<char>(value & 0x7FU));
  while ((value >>= 7U) != 0) bytes.insert(bytes.begin(), static_cast<char>(0x80U | (value & 0x7FU)));
  return bytes;
}

// A row's cell: payload length, rowid, the record's head (its own length and a type a column), then `body`.
std::string cell(const std::vector<std::uint64_t>& types, const std::string& body, std::optional<std::uint64_t> payload = {}) {
  std::string head;
  for (const std::uint64_t type : types) head += varint(type);
  head.insert(0, 1, static_cast<char>(head.size() + 1));
  return varint(payload.value_or(head.size() + body.size())) + varint(7) + head + body;
}

std::vector<LeafRow> rows_of(const std::string& path) {
  std::vector<LeafRow> rows;
  const std::optional<LeafRows> leaves = LeafRows::of(descriptor_of(path));
  REQUIRE(leaves);
  leaves->each([&](const LeafRow& row) { rows.push_back(row); });
  return rows;
}

}  // namespace

TEST_CASE("every type of a leaf's columns is known by its length, floats and reserved ones too") {
  const TempFolder folder;
  const std::string path = folder.file("leaf");
  // null, 1 byte, 8 bytes, a float, 0, 1, two reserved ones, a blob of 2, a text of 3
  write_file(path, leaf({cell({0, 1, 6, 7, 8, 9, 10, 11, 16, 19}, "A" "12345678" "bb" "ttt")}));
  const std::vector<LeafRow> rows = rows_of(path);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].rowid == 7);
  using Type = LeafColumn::Type;
  std::vector<Type> types;
  for (const LeafColumn& column : rows[0].columns) types.push_back(column.type);
  CHECK(types == std::vector{Type::null, Type::integer, Type::integer, Type::null, Type::integer, Type::integer, Type::null,
                             Type::null, Type::blob, Type::text});
  const std::optional<LeafRows> leaves = LeafRows::of(descriptor_of(path));
  CHECK(leaves->number(rows[0].columns[1]) == std::uint64_t{'A'});
  CHECK(leaves->number(rows[0].columns[4]) == std::uint64_t{0});
  CHECK(leaves->number(rows[0].columns[5]) == std::uint64_t{1});
}

TEST_CASE("columns that take no bytes are known: a row may be all head") {
  const TempFolder folder;
  const std::string path = folder.file("leaf");
  write_file(path, leaf({cell({0, 8, 9, 12, 13}, "")}));
  const std::vector<LeafRow> rows = rows_of(path);
  REQUIRE(rows.size() == 1);
  REQUIRE(rows[0].columns.size() == 5);
  CHECK(rows[0].columns[3].type == LeafColumn::Type::blob);
  CHECK(rows[0].columns[4].type == LeafColumn::Type::text);
  CHECK(LeafRows::of(descriptor_of(path))->read(rows[0].columns[3].place) == "");
}

TEST_CASE("a page that is no leaf has no rows, whatever lies in it") {
  const TempFolder folder;
  const std::string path = folder.file("leaf");
  for (const char kind : {'\0', '\x05', '\x0A'}) {
    std::string page = leaf({cell({1}, "x")});
    page[0] = kind;
    write_file(path, page);
    CHECK(rows_of(path).empty());
  }
}

TEST_CASE("of a leaf that is cut off, the rows before the cut are read") {
  const TempFolder folder;
  const std::string path = folder.file("leaf");
  const std::string first = cell({1}, "1");
  const std::string whole = leaf({}) + leaf({first, cell({1}, "2"), cell({1}, "3")});
  write_file(path, whole.substr(0, whole.size() - 2 * first.size()));
  const std::vector<LeafRow> rows = rows_of(path);
  REQUIRE(rows.size() == 1);
  CHECK(LeafRows::of(descriptor_of(path))->number(rows[0].columns[0]) == std::uint64_t{'3'});
}

TEST_CASE("a rowid of nine bytes is read, and a leaf that claims more cells than fit gives those that are there") {
  const TempFolder folder;
  const std::string path = folder.file("leaf");
  const std::string nine = varint(4) + std::string(9, '\xFF') + "\x02" "\x01" "xy";
  const std::string three = varint(4) + varint(16'384) + "\x02" "\x01" "xy";  // 81 80 00
  write_file(path, leaf({nine, three}, 0xFFFF));
  std::set<std::uint64_t> found;
  std::size_t count = 0;
  for (const LeafRow& row : rows_of(path)) found.insert(row.rowid), ++count;
  CHECK(count <= (kPage - 8) / 2);  // the leaf has no room for more
  CHECK(found.contains(~std::uint64_t{0}));
  CHECK(found.contains(16'384));
}

TEST_CASE("a row that claims more than the file or a head longer than the leaf is no row, and its neighbour is read") {
  const TempFolder folder;
  const std::string path = folder.file("leaf");
  const std::string good = cell({1}, "g");
  const std::string long_head = varint(3) + varint(7) + "\x7F\x01" "z";
  write_file(path, leaf({cell({1}, "x", kPage + 1), long_head, good, cell({200}, "short", 8)}));
  const std::vector<LeafRow> rows = rows_of(path);
  REQUIRE(rows.size() == 1);
  CHECK(LeafRows::of(descriptor_of(path))->number(rows[0].columns[0]) == std::uint64_t{'g'});
}

TEST_CASE("a chain of overflow pages that ends early or leads out of the file gives no bytes") {
  const TempFolder folder;
  const std::string path = folder.file("leaf");
  constexpr std::uint64_t kLong = 70'000;
  for (const std::uint32_t next : {0U, 900U}) {
    // The leaf holds the first 8,199 bytes (section 1.6, M), and then the number of the next page.
    std::string row = cell({2 * kLong + 12}, std::string(9'000, 'b'), kLong + 4);
    CAPTURE(next);
    row.resize(varint(kLong + 4).size() + 1 + 8'199, 'b');
    for (const unsigned shift : {24U, 16U, 8U, 0U}) row += static_cast<char>(next >> shift);
    write_file(path, leaf({row}) + std::string(kPage, '\0'));
    const std::vector<LeafRow> rows = rows_of(path);
    REQUIRE(rows.size() == 1);
    CHECK_FALSE(LeafRows::of(descriptor_of(path))->read(rows[0].columns[0].place));
    CHECK_FALSE(LeafRows::of(descriptor_of(path))->number(rows[0].columns[0]));
  }
}

TEST_CASE("a row of which a leaf keeps as much as it may ever keep is read whole") {
  const TempFolder folder;
  const std::string path = folder.file("leaf");
  constexpr std::uint64_t kMost = kPage - 35;             // section 1.6, X
  constexpr std::uint64_t kPayload = kMost + kPage - 4;  // one overflow page more, full
  const std::uint64_t blob = kPayload - 4;                // behind a head of four bytes
  std::string payload = cell({2 * blob + 12}, std::string(blob, 'b'), kPayload).substr(varint(kPayload).size() + 1);
  payload.back() = 'e';
  REQUIRE(payload.size() == kPayload);
  const std::string in_leaf = varint(kPayload) + varint(7) + payload.substr(0, kMost) + std::string("\0\0\0\2", 4);
  write_file(path, leaf({in_leaf}) + std::string(4, '\0') + payload.substr(kMost));
  const std::vector<LeafRow> rows = rows_of(path);
  REQUIRE(rows.size() == 1);
  const auto read = LeafRows::of(descriptor_of(path))->read(rows[0].columns[0].place);
  REQUIRE(read);
  CHECK(read->size() == blob);
  CHECK(read->back() == 'e');
  CHECK(read->find_first_not_of('b') == blob - 1);
}

TEST_CASE("rows that are no reel's are passed over, however many bytes they claim") {
  const TempFolder folder;
  const std::string path = folder.file("leaf");
  const std::string seven = cell({1, 1, 1, 1, 1, 1, 2 * 60'000 + 12}, std::string(6, 'n') + std::string(5'000, 'i'), 60'016);
  std::string file;
  // In all they claim ten times the file.
  for (int page = 0; page < 5; ++page) file += leaf(std::vector<std::string>(12, seven.substr(0, 200)));
  const std::string text_then_number = cell({1, 1, 15, 1, 1}, "12t34");
  const std::string number_first = cell({1, 1, 1, 1, 1, 1, 1, 1}, "12345678");
  const std::string lost_kind = cell({1, 1, 2 * 70'000 + 13, 15, 1}, "12", 70'020);
  const std::string lost_detail = cell({1, 1, 15, 2 * 70'000 + 13, 1}, "12k", 70'020);
  file += leaf({text_then_number, number_first, lost_kind, lost_detail});
  write_file(path, file);
  CHECK_FALSE(Salvage::of(descriptor_of(path)));
}

TEST_CASE("a row of more columns than any table of ours is passed over after the first few of them") {
  const TempFolder folder;
  const std::string path = folder.file("leaf");
  const auto with_columns = [&](std::size_t columns) {
    write_file(path, leaf({cell(std::vector<std::uint64_t>(columns, 8), "")}));
    return rows_of(path).size();
  };
  CHECK(with_columns(8) == 1);
  CHECK(with_columns(16) == 1);
  CHECK(with_columns(17) == 0);
  CHECK(with_columns(100) == 0);
}

TEST_CASE("a file that cannot be opened, a folder and a pipe have no leaves") {
  const TempFolder folder;
  CHECK_FALSE(LeafRows::of(descriptor_of(folder.file("nothing"))));
  CHECK_FALSE(LeafRows::of(descriptor_of(folder.file("."))));
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK_FALSE(LeafRows::of(descriptor_of(folder.file("pipe"))));
}

TEST_CASE("pages of any length around the border where SQLite keeps less of them in the leaf are salvaged") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  std::size_t written = 0;
  {
    ReelOptions options = small_options();
    options.page_bytes = 1024;  // so each frame below makes a page of its own
    options.ring_pages = 1024;
    const auto writer = ReelWriter::create(path, options);
    for (std::size_t bytes = 65'240; bytes <= 65'320; bytes += 8, ++written) {
      writer->append_frame(LabTime{written}, PortId{1}, bytes_of_text(std::string(bytes, 'f')), {});
    }
    // Its page goes on through several overflow pages.
    writer->append(LabTime{written++}, {}, Marker{"long", std::string(300'000, 'n')});
    writer->seal();
    REQUIRE(writer->state().failure.empty());
  }
  std::string bytes = read_file(path);
  bytes.replace(0, kPage, kPage, '\0');
  write_file(path, bytes);
  const auto reader = ReelReader::open(path);
  REQUIRE(reader.ok());
  CHECK(reader->end().damage);
  const ReadReel read = read_all(*reader);
  INFO((read.error ? read.error->what : ""));
  CHECK(read.events.size() == written);
}

}  // namespace labreel
