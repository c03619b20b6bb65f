#include "sealed_reel.h"

#include <sqlite3.h>

#include "store/open_reel.h"
#include "store/ring_layout.h"

namespace labreel {
namespace {

struct OpenDatabase {
  sqlite3* handle = nullptr;
  explicit OpenDatabase(const std::string& path) { REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK); }
  ~OpenDatabase() { sqlite3_close(handle); }
  OpenDatabase(const OpenDatabase&) = delete;
  OpenDatabase& operator=(const OpenDatabase&) = delete;
};

struct Prepared {
  sqlite3_stmt* handle = nullptr;
  Prepared(const OpenDatabase& database, const char* statement) {
    REQUIRE(sqlite3_prepare_v2(database.handle, statement, -1, &handle, nullptr) == SQLITE_OK);
  }
  ~Prepared() { sqlite3_finalize(handle); }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
};

std::string blob_of(const std::string& path, const std::string& statement) {
  const OpenDatabase database{path};
  const Prepared select{database, statement.c_str()};
  REQUIRE(sqlite3_step(select.handle) == SQLITE_ROW);
  return {static_cast<const char*>(sqlite3_column_blob(select.handle, 0)),
          static_cast<std::size_t>(sqlite3_column_bytes(select.handle, 0))};
}

PageView view_of(const std::string& image, PageBuffer& buffer) {
  std::memcpy(buffer.resize(image.size()), image.data(), image.size());
  const Result<PageView> view = PageView::check(buffer);
  REQUIRE(view.ok());
  return *view;
}

PageHead compose(PageParts& parts, PageBuffer& out) {
  std::string entries;
  std::uint64_t payload_bytes = 0;
  for (std::size_t i = 0; i < parts.records.size(); ++i) {
    entries.append(reinterpret_cast<const char*>(&parts.records[i]), sizeof(Record)).append(parts.payloads[i]);
    payload_bytes += parts.payloads[i].size();
  }
  parts.head.hash = {};
  compose_page(parts.head, reinterpret_cast<const std::byte*>(entries.data()), payload_bytes, out);
  return parts.head;
}

PageParts parts_of(const std::string& image) {
  PageBuffer buffer;
  const PageView view = view_of(image, buffer);
  PageParts parts{.head = view.head(), .records = {view.records().begin(), view.records().end()}, .payloads = {}};
  for (const Record& record : parts.records) {
    std::string payload = text_of_bytes(view.payload(record));
    payload.resize(padded(payload.size()));
    parts.payloads.push_back(std::move(payload));
  }
  return parts;
}

}  // namespace

std::shared_ptr<OpenReel> opened(const std::string& path) {
  Result<std::shared_ptr<OpenReel>> reel = OpenReel::open(path);
  INFO((reel ? "" : reel.error().what));
  REQUIRE(reel.ok());
  return *reel;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

void lose_database_page(const std::string& path, std::size_t at) {
  std::string bytes = read_file(path);
  REQUIRE(at < bytes.size());
  bytes.replace(at / kDatabasePage_bytes * kDatabasePage_bytes, kDatabasePage_bytes, kDatabasePage_bytes, '\0');
  write_file(path, bytes);
}

void sql(const std::string& path, const std::string& statements) {
  const OpenDatabase database{path};
  INFO(statements);
  CHECK(sqlite3_exec(database.handle, statements.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
}

Sealed::Sealed(std::size_t frames, const ReelOptions& options) : events(write_sealed(path, frames, options)), bytes(read_file(path)) {
  digest = *ReelReader::open(path)->recorded_digest();
}

std::string Sealed::image(std::uint64_t number) const {
  return blob_of(path, "SELECT image FROM page WHERE number = " + std::to_string(number));
}
std::string Sealed::last_image() const { return blob_of(path, "SELECT image FROM page ORDER BY first_seq DESC LIMIT 1"); }

void Sealed::forge(std::uint64_t number, const std::function<void(PageParts&)>& change) const {
  PageParts parts = parts_of(image(number));
  change(parts);
  PageBuffer buffer;
  const PageHead head = compose(parts, buffer);
  const OpenDatabase database{path};
  const Prepared update{database, "UPDATE page SET first_seq = ?, number = ?, count = ?, first_time_ns = ?, "
                                  "last_time_ns = ?, hash = ?, image = ? WHERE number = ?"};
  int column = 0;
  for (const std::uint64_t value : {head.first_seq, head.number, std::uint64_t{head.count}, head.first_time_ns, head.last_time_ns}) {
    sqlite3_bind_int64(update.handle, ++column, static_cast<sqlite3_int64>(value));
  }
  sqlite3_bind_blob(update.handle, ++column, &head.hash, sizeof(head.hash), SQLITE_STATIC);
  sqlite3_bind_blob(update.handle, ++column, buffer.data(), static_cast<int>(buffer.bytes().size()), SQLITE_STATIC);
  sqlite3_bind_int64(update.handle, ++column, static_cast<sqlite3_int64>(number));
  REQUIRE(sqlite3_step(update.handle) == SQLITE_DONE);
}

std::string forged(const std::string& image, const std::function<void(PageParts&)>& change) {
  PageParts parts = parts_of(image);
  change(parts);
  PageBuffer buffer;
  compose(parts, buffer);
  return std::string(buffer.text());
}

void forge_ring_head(const std::string& ring_path, const std::function<void(RingHead&)>& change) {
  std::string ring = read_file(ring_path);
  RingHead head;
  std::memcpy(&head, ring.data(), sizeof(head));
  change(head);
  head.hash = hash_of(head);
  std::memcpy(ring.data(), &head, sizeof(head));
  write_file(ring_path, ring);
}

void forge_first_entry(const std::string& ring_path, const std::function<void(Record&)>& change) {
  std::string ring = read_file(ring_path);
  RingHead head;
  std::memcpy(&head, ring.data(), sizeof(head));
  // FORMAT.md, "The ring": the words that change lie 64 bytes apart.
  std::uint64_t turn = 0;
  std::memcpy(&turn, ring.data() + kRingLiveAt + 64, sizeof(turn));
  RingPoint start;
  std::memcpy(&start, ring.data() + kRingLiveAt + 72 + turn % 2 * sizeof(start), sizeof(start));
  char* const entry = ring.data() + kRingDataAt + start.position % head.data_bytes;
  Record record;
  std::memcpy(&record, entry, sizeof(record));
  change(record);
  record.payload_offset = entry_key(head.lab_id, start.seq);
  std::memcpy(entry, &record, sizeof(record));
  const std::uint32_t check = entry_check(reinterpret_cast<const std::byte*>(entry), sizeof(Record) + padded(record.payload_length));
  std::memcpy(entry + offsetof(Record, payload_offset), &check, sizeof(check));
  write_file(ring_path, ring);
}

}  // namespace labreel
