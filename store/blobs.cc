#include "store/blobs.h"

#include <algorithm>
#include <utility>

#include "store/blob_codec.h"
#include "store/schema_guard.h"

namespace labreel {
namespace {

Error unreadable(const std::string& reel, const char* what, const DatabaseError& error) {
  return {ErrorKind::input, std::string(what) + " cannot be read: " + error.what(), reel};
}

}  // namespace

struct BlobWriter::Statements {
  explicit Statements(Database& database)
      : insert_blob(database, "INSERT INTO blob VALUES (?, ?, ?, ?, ?)"),
        insert_use(database, "INSERT INTO blob_use VALUES (?, ?, ?, ?, ?, ?)") {}
  Statement insert_blob;
  Statement insert_use;
};

Result<std::unique_ptr<BlobWriter>> BlobWriter::open(const std::string& reel) {
  try {
    Result<std::unique_ptr<SealedWrite>> into = SealedWrite::begin(reel);
    if (!into) return into.error();
    std::unique_ptr<BlobWriter> writer{new BlobWriter(reel, std::move(*into))};
    Database& database = writer->into_->database();
    if (!has_blob_tables(database)) {
      for (const SchemaRow& row : blob_schema()) database.run(std::string{row.sql});
      // Version 1 has no such tables.
      database.run("PRAGMA user_version=" + std::to_string(kFormatVersion));
    }
    Statement select{database, "SELECT id, sha256 FROM blob"};
    while (select.step()) {
      writer->ids_.emplace(hash_in(select, 1), select.number(0));
      writer->last_id_ = std::max(writer->last_id_, select.number(0));
    }
    writer->uses_ = static_cast<std::uint64_t>(database.number("SELECT coalesce(max(number), 0) FROM blob_use"));
    writer->statements_ = std::make_unique<Statements>(database);
    return writer;
  } catch (const DatabaseError& error) {
    return not_written_into(reel, error);
  }
}

BlobWriter::BlobWriter(const std::string& reel, std::unique_ptr<SealedWrite> into) : reel_(reel), into_(std::move(into)) {}
BlobWriter::~BlobWriter() { statements_.reset(); }

Status BlobWriter::put(std::string_view owner, std::string_view role, std::uint64_t offset, std::string_view content) {
  BlobUse use{std::string{owner}, std::string{role}, offset, content.size()};
  if (!is_storable(use) || uses_ >= kBlobUses_max) {
    return Error{ErrorKind::usage, "a blob of " + std::to_string(content.size()) + " bytes cannot be stored", reel_};
  }
  use.hash = sha256_of(content);
  try {
    use.chunk = id_of(content, use.hash);
    use.row = ++uses_;
    Statement& insert = statements_->insert_use;
    insert.bind(1, use.row).bind(2, owner).bind(3, role).bind(4, offset).bind(5, use.chunk).bind(6, blob_use_check(use));
    insert.execute();
    return ok_status();
  } catch (const DatabaseError& error) {
    return not_written_into(reel_, error);
  }
}

std::uint64_t BlobWriter::id_of(std::string_view content, const Sha256& hash) {
  if (const auto known = ids_.find(hash); known != ids_.end()) return known->second;
  const std::uint64_t id = ++last_id_;
  const StoredChunk chunk = pack_chunk(content);
  Statement& insert = statements_->insert_blob;
  insert.bind(1, id).bind_bytes(2, text_of(hash)).bind(3, std::uint64_t{content.size()});
  insert.bind(4, std::uint64_t{chunk.codec}).bind_bytes(5, chunk.data);
  insert.execute();
  ids_.emplace(hash, id);
  return id;
}

Status BlobWriter::commit() {
  try {
    statements_.reset();
    into_->commit();
    return ok_status();
  } catch (const DatabaseError& error) {
    return not_written_into(reel_, error);
  }
}

struct Blobs::State {
  std::string path;
  Database database;
};

Blobs::Blobs(std::unique_ptr<State> state) : state_(std::move(state)) {}
Blobs::~Blobs() = default;
Blobs::Blobs(Blobs&&) noexcept = default;

Result<Blobs> Blobs::open(const std::string& reel) {
  const Result<ReelFiles> files = ReelFiles::take(reel);
  if (!files) return files.error();
  return open(*files);
}

Result<Blobs> Blobs::open(const ReelFiles& files) {
  try {
    Result<Database> database = open_guarded(files);
    if (!database) return database.error();
    Blobs blobs{std::make_unique<State>(State{files.path(), std::move(*database)})};
    Result<std::vector<BlobUse>> uses = read_blob_uses(blobs.state_->database);
    if (!uses) return placed_in(files.path(), uses.error());
    blobs.uses_ = std::move(*uses);
    return blobs;
  } catch (const DatabaseError& error) {
    return unreadable(files.path(), "its blobs", error);
  }
}

Result<std::string> Blobs::read(const BlobUse& use) const {
  try {
    Result<std::string> content = read_chunk(state_->database, use);
    if (!content) return placed_in(state_->path, content.error());
    return content;
  } catch (const DatabaseError& error) {
    return unreadable(state_->path, "a blob", error);
  }
}

}  // namespace labreel
