#include "store/database.h"

#include <cerrno>
#include <utility>

#include "store/format.h"
#include "store/gathering_vfs.h"
#include "store/page_memory.h"
#include "store/reader_vfs.h"

namespace labreel {
namespace {

// The longest row that is read or written: a page with one event that fills half of the largest ring, and some.
constexpr int kRowBytesMax = 640 << 20;

// Of all that SQLite holds for readers: the longest packed file twice, and some. The writer's rows are our own.
constexpr sqlite3_int64 kReaderHeap_bytes = sqlite3_int64{640} << 20;
constexpr int kStepsPerCall = 1'000;
constexpr std::uint64_t kStepsAtLeast = 10'000'000;
constexpr std::uint64_t kStepsPerByte = 8;

std::string uri_of(const std::string& path, std::string_view options) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char character : path) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte == '?' || byte == '#' || byte == '%') {
      uri += '%';
      uri += kDigits[byte >> 4U];
      uri += kDigits[byte & 15U];
    } else {
      uri += character;
    }
  }
  return uri.append(options);
}

std::string words(sqlite3* connection, int code, const std::string& attempt) {
  if (code == SQLITE_INTERRUPT) return attempt + ": it takes longer than in any reel of this size";
  return attempt + ": " + (connection != nullptr ? sqlite3_errmsg(connection) : sqlite3_errstr(code));
}

// A lower limit, which somebody else has set, stays.
void limit_reader_heap() {
  const sqlite3_int64 now = sqlite3_hard_heap_limit64(-1);
  if (now == 0 || now > kReaderHeap_bytes) sqlite3_hard_heap_limit64(kReaderHeap_bytes);
}

}  // namespace

StepBudget::StepBudget(std::uint64_t reel_bytes)
    : all_((kStepsAtLeast + kStepsPerByte * reel_bytes) / kStepsPerCall), left_(all_) {}

void StepBudget::watch(sqlite3* connection) {
  const auto spend = [](void* budget) {
    std::uint64_t& left = static_cast<StepBudget*>(budget)->left_;
    return left == 0 ? 1 : static_cast<int>(--left == 0);
  };
  sqlite3_progress_handler(connection, kStepsPerCall, spend, this);
}

DatabaseError::DatabaseError(sqlite3* connection, int code, const std::string& attempt)
    : std::runtime_error(words(connection, code, attempt)), code_(code) {
  if (connection != nullptr) {
    code_ = sqlite3_extended_errcode(connection);
    os_error_ = sqlite3_system_errno(connection);
  }
}

std::system_error refusal(const DatabaseError& error, const std::string& attempt) {
  const int code = error.is_full() ? ENOSPC : error.os_error() != 0 ? error.os_error() : EIO;
  return std::system_error(code, std::generic_category(), attempt + " (" + error.what() + ")");
}

Database::Database(const std::string& uri, int flags, const char* vfs) {
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(uri.c_str(), &connection, flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, vfs);
  connection_.reset(connection);
  if (code != SQLITE_OK) throw DatabaseError(connection, code, "open the database");
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, kRowBytesMax);
}

Database Database::create(const std::string& path) {
  sqlite3_hard_heap_limit64(0);
  const std::shared_ptr<PageMemory> memory = PageMemory::make();
  const PageMemory::ForNextCache for_next_cache{memory};
  Database database{uri_of(path, ""), SQLITE_OPEN_READWRITE, gathering_vfs()};
  database.run("PRAGMA page_size=" + std::to_string(kDatabasePage_bytes));
  database.run("PRAGMA auto_vacuum=NONE");
  database.make_durable(memory);
  database.run("PRAGMA application_id=" + std::to_string(kApplicationId));
  database.run("PRAGMA user_version=" + std::to_string(kFormatVersion));
  return database;
}

Database Database::create_unshared(const std::string& path, int page_bytes) {
  sqlite3_hard_heap_limit64(0);
  Database database{uri_of(path, ""), SQLITE_OPEN_READWRITE, gathering_vfs()};
  database.run("PRAGMA page_size=" + std::to_string(page_bytes));
  database.run("PRAGMA auto_vacuum=NONE");
  database.run("PRAGMA locking_mode=EXCLUSIVE");
  database.run("PRAGMA journal_mode=OFF");
  database.run("PRAGMA synchronous=OFF");
  database.run("PRAGMA application_id=" + std::to_string(kApplicationId));
  database.run("PRAGMA user_version=" + std::to_string(kFormatVersion));
  return database;
}

Database Database::open_to_append(const std::string& path) {
  sqlite3_hard_heap_limit64(0);
  const std::shared_ptr<PageMemory> memory = PageMemory::make();
  const PageMemory::ForNextCache for_next_cache{memory};
  Database database{uri_of(path, ""), SQLITE_OPEN_READWRITE, gathering_vfs()};
  database.distrust();
  database.make_durable(memory);
  return database;
}

Database Database::open_bytes(std::shared_ptr<const ReelBytes> bytes) {
  limit_reader_heap();
  auto budget = std::make_unique<StepBudget>(bytes->size());
  const ForNextOpen for_next_open{std::move(bytes)};
  Database database{"file:reel", SQLITE_OPEN_READONLY, reader_vfs()};
  database.budget_ = std::move(budget);
  database.budget_->watch(database.get());
  database.distrust();
  // Nothing that a reader asks for is large enough to be sorted on the disk.
  database.run("PRAGMA temp_store=MEMORY");
  return database;
}

Database Database::open_copy(const std::string& path) {
  Database database{uri_of(path, ""), SQLITE_OPEN_READWRITE};
  database.distrust();
  database.run("PRAGMA locking_mode=EXCLUSIVE");
  return database;
}

Database Database::open_empty() {
  limit_reader_heap();
  return Database{"file::memory:", SQLITE_OPEN_READWRITE, reader_vfs()};
}

void Database::make_durable(std::shared_ptr<PageMemory> memory) {
  gather_from(get(), std::move(memory));
  run("PRAGMA locking_mode=EXCLUSIVE");
  run("PRAGMA journal_mode=PERSIST");
  run("PRAGMA synchronous=FULL");
  run("PRAGMA cache_size=" + std::to_string(PageMemory::kChanged_pages));
}

void Database::distrust() {
  sqlite3_db_config(get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(get(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(get(), SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(get(), SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_limit(get(), SQLITE_LIMIT_SQL_LENGTH, 100'000);
  sqlite3_limit(get(), SQLITE_LIMIT_ATTACHED, 0);
  run("PRAGMA cell_size_check=ON");
  run("PRAGMA mmap_size=0");
}

void Database::run(const std::string& sql) {
  if (budget_) budget_->begin();
  const int code = sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw DatabaseError(get(), code, sql.substr(0, sql.find('\n')));
}

std::int64_t Database::number(const std::string& sql) {
  Statement statement{*this, sql};
  if (!statement.step()) throw DatabaseError(nullptr, SQLITE_CORRUPT, sql);
  return static_cast<std::int64_t>(statement.number(0));
}

Statement::Statement(const Database& database, std::string_view sql) : budget_(database.budget()) {
  if (budget_ != nullptr) budget_->begin();
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) throw DatabaseError(database.get(), code, std::string(sql));
  statement_.reset(statement);
}

Statement& Statement::bind(int index, std::uint64_t value) {
  sqlite3_bind_int64(get(), index, static_cast<sqlite3_int64>(value));
  return *this;
}
Statement& Statement::bind(int index, std::string_view text) {
  // A null pointer would be NULL, not a text of no characters.
  const char* const data = text.empty() ? "" : text.data();
  sqlite3_bind_text64(get(), index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}
Statement& Statement::bind_bytes(int index, std::string_view bytes) {
  const char* const data = bytes.empty() ? "" : bytes.data();
  sqlite3_bind_blob64(get(), index, data, bytes.size(), SQLITE_STATIC);
  return *this;
}
Statement& Statement::bind_null(int index) {
  sqlite3_bind_null(get(), index);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    const DatabaseError error{sqlite3_db_handle(get()), code, sqlite3_sql(get())};
    sqlite3_reset(get());
    throw error;
  }
  sqlite3_reset(get());
  return false;
}

void Statement::reset() {
  sqlite3_reset(get());
  if (budget_ != nullptr) budget_->begin();
}

void Statement::execute() {
  while (step()) {
  }
}

std::size_t BlobReader::go_to(std::uint64_t key) {
  if (budget_ != nullptr) budget_->begin();
  const auto row = static_cast<sqlite3_int64>(key);
  int code = SQLITE_OK;
  if (blob_) {
    code = sqlite3_blob_reopen(blob_.get(), row);
  } else {
    sqlite3_blob* blob = nullptr;
    code = sqlite3_blob_open(database_, "main", table_, column_, row, 0, &blob);
    blob_.reset(blob);
  }
  if (code != SQLITE_OK) {
    const DatabaseError error{database_, code, std::string("open ") + table_ + "." + column_};
    blob_.reset();  // a handle that failed to move reads nothing any more
    throw error;
  }
  return static_cast<std::size_t>(sqlite3_blob_bytes(blob_.get()));
}

void BlobReader::read(std::byte* to, std::size_t bytes) {
  const int code = sqlite3_blob_read(blob_.get(), to, static_cast<int>(bytes), 0);
  if (code != SQLITE_OK) throw DatabaseError(database_, code, std::string("read ") + table_ + "." + column_);
}

std::string_view Statement::bytes(int column) const {
  const void* const data = sqlite3_column_blob(get(), column);
  return {static_cast<const char*>(data), data == nullptr ? 0 : static_cast<std::size_t>(sqlite3_column_bytes(get(), column))};
}

}  // namespace labreel
