#include "store/reel_file.h"

#include <algorithm>
#include <limits>

#include "engine/core/check.h"

namespace labreel {

std::unique_ptr<ReelFile> ReelFile::create(const std::string& path, const Word128& lab_id) {
  Database database = Database::create(path);
  database.run("BEGIN IMMEDIATE");
  for (const auto& [name, sql] : reel_tables()) database.run(sql);
  write_meta(database, ReelMeta{.lab_id = lab_id, .digest = {}});
  database.run("COMMIT");
  return std::unique_ptr<ReelFile>(new ReelFile(std::move(database), lab_id));
}

std::unique_ptr<ReelFile> ReelFile::open(const std::string& path, const Word128& lab_id) {
  return std::unique_ptr<ReelFile>(new ReelFile(Database::open_to_append(path), lab_id));
}

ReelFile::ReelFile(Database database, const Word128& lab_id) : database_(std::move(database)), lab_id_(lab_id) {
  insert_page_.emplace(database_, "INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?)");
  insert_note_.emplace(database_, "INSERT INTO note VALUES (?, ?, ?, ?, ?)");
  select_page_.emplace(database_, "SELECT image FROM page WHERE first_seq = ?");
}

void ReelFile::begin() {
  if (!is_in_transaction()) database_.run("BEGIN IMMEDIATE");
}

void ReelFile::commit() { database_.run("COMMIT"); }

void ReelFile::roll_back() {
  if (is_in_transaction()) database_.run("ROLLBACK");
}

void ReelFile::insert_page(const PageHead& head, const PageBuffer& image) {
  begin();
  const std::string hash = bytes_of(head.hash);
  insert_page_->bind(1, head.first_seq).bind(2, head.number).bind(3, std::uint64_t{head.count});
  insert_page_->bind(4, head.first_time_ns).bind(5, head.last_time_ns).bind_bytes(6, hash).bind_bytes(7, image.text());
  insert_page_->execute();
}

void ReelFile::insert_note(std::uint64_t number, const HostNote& note) {
  begin();
  insert_note_->bind(1, number).bind(2, note.after.value).bind(3, note.kind).bind(4, note.detail);
  insert_note_->bind(5, note_check(number, note.after.value, note.kind, note.detail));
  insert_note_->execute();
}

std::string ReelFile::page_image(std::uint64_t first_seq) {
  select_page_->bind(1, first_seq);
  LABREEL_CHECK(select_page_->step());
  std::string image{select_page_->bytes(0)};
  select_page_->reset();
  return image;
}

void ReelFile::catch_up(DigestChain& digest, std::uint64_t last_seq, std::uint64_t max_bytes) {
  if (digest.next_seq() > last_seq) return;
  Statement select{database_,
                   "SELECT image FROM page WHERE first_seq >= (SELECT max(first_seq) FROM page WHERE first_seq <= ?) "
                   "ORDER BY first_seq"};
  select.bind(1, digest.next_seq());
  PageBuffer buffer;
  std::uint64_t bytes = 0;
  while (digest.next_seq() <= last_seq && bytes < max_bytes && select.step()) {
    const std::string_view image = select.bytes(0);
    std::copy_n(reinterpret_cast<const std::byte*>(image.data()), image.size(), buffer.resize(image.size()));
    bytes += image.size();
    const PageView page = PageView::of_own(buffer.bytes());
    for (std::uint64_t seq = digest.next_seq(); seq <= page.head().last_seq(); ++seq) {
      digest.add(page.record(seq), page.payload(page.record(seq)));
    }
  }
}

void ReelFile::write_index(const IndexBuilder& index) {
  for (std::size_t table = 0; table < index_tables().size(); ++table) {
    database_.run("DELETE FROM " + std::string(index_tables()[table].name));
    for (const IndexRow& row : index.rows(table)) {
      std::string marks = "?";
      for (std::size_t i = 1; i < row.size(); ++i) marks += ", ?";
      Statement insert{database_, "INSERT INTO " + std::string(index_tables()[table].name) + " VALUES (" + marks + ")"};
      for (std::size_t i = 0; i < row.size(); ++i) {
        const int column = static_cast<int>(i) + 1;
        if (const auto* number = std::get_if<std::uint64_t>(&row[i])) {
          insert.bind(column, *number);
        } else if (const auto* text = std::get_if<std::string>(&row[i])) {
          insert.bind(column, std::string_view{*text});
        } else {
          insert.bind_null(column);
        }
      }
      insert.execute();
    }
  }
}

void ReelFile::raise_version() {
  begin();
  database_.run("PRAGMA user_version=" + std::to_string(kFormatVersion));
}

void ReelFile::unseal() {
  begin();
  database_.run("DELETE FROM block_hash");
  for (const IndexTable& table : index_tables()) database_.run("DELETE FROM " + std::string(table.name));
  write_meta(database_, ReelMeta{.lab_id = lab_id_, .digest = {}});
  commit();
}

void ReelFile::seal(std::uint64_t last_seq, std::uint64_t pages, std::uint64_t notes, DigestChain& digest,
                    const IndexBuilder& index) {
  catch_up(digest, last_seq, std::numeric_limits<std::uint64_t>::max());
  LABREEL_CHECK(digest.next_seq() == last_seq + 1);
  begin();
  Statement insert{database_, "INSERT OR REPLACE INTO block_hash VALUES (?, ?)"};
  std::uint64_t block = 0;
  for (const Sha256& hash : digest.blocks()) {
    insert.bind(1, ++block).bind_bytes(2, text_of(hash));
    insert.execute();
  }
  write_index(index);
  write_meta(database_, ReelMeta{.lab_id = lab_id_,
                                 .sealed = true,
                                 .last_seq = last_seq,
                                 .pages = pages,
                                 .notes = notes,
                                 .digest = hex_of(digest.value())});
  commit();
  remove_journal();
}

void ReelFile::remove_journal() {
  // No statement may be open, or the journal stays.
  insert_page_.reset();
  insert_note_.reset();
  select_page_.reset();
  database_.run("PRAGMA journal_mode=DELETE");
}

}  // namespace labreel
