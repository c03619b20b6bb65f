#include "store/reel_check.h"

#include <algorithm>

#include "engine/core/wire_words.h"
#include "engine/text/host_notes.h"
#include "store/blob_codec.h"
#include "store/checked_reel.h"
#include "store/packed_codec.h"

namespace labreel {
namespace {

// Reads a whole reel once, and compares everything that says the same thing twice.
class Checker {
 public:
  explicit Checker(std::shared_ptr<OpenReel> reel, EventsRead read = {}) : reel_(std::move(reel)), read_(std::move(read)) {}

  CheckedReel run() {
    read_events();
    if (reel_->end().damage) find(reel_->end().damage->place, reel_->end().damage->what);
    report_.complete = reel_->end().complete;
    report_.digest = hex_of(digest_.value());
    if (reel_->database() != nullptr) {
      try {
        check_schema();
        check_database();
        check_rows();
        check_packed();
        check_blobs();
        if (reel_->meta() && reel_->meta()->sealed) check_sealed();
      } catch (const DatabaseError& error) {
        find("the database", error.what());
      }
    }
    report_.summary = summary();
    return {std::move(report_), std::move(digest_), std::move(index_)};
  }

 private:
  void find(const std::string& place, const std::string& what) {
    report_.findings.push_back({place, what});
  }

  void read_events() {
    PagePtr page;
    Event event{};
    while (report_.events < reel_->end().last.value) {
      Result<PagePtr> next = reel_->page_with(Seq{report_.events + 1}, page.get());
      if (!next) return find(next.error().place, next.error().what);
      page = std::move(*next);
      if (page->head().first_seq <= reel_->database_last()) ++pages_;
      for (std::uint64_t seq = page->head().first_seq; seq <= page->head().last_seq(); ++seq) {
        const Status read = read_event(*page->view, seq, event);
        if (!read) {
          const Error error = in_page(reel_->path(), page->head().number, read.error());
          return find(error.place + ", event " + std::to_string(seq), error.what);
        }
        const Record& record = page->view->record(seq);
        digest_.add(record, page->view->payload(record));
        index_.add(event.seq, event.time, event.body);
        watch_gap(event);
        ++report_.events;
      }
      if (read_) read_(report_.events, reel_->end().last.value);
    }
  }

  // Behind lost events or frames nothing is proved of the switch, until a checkpoint says what it knew.
  void watch_gap(const Event& event) {
    if (const auto* gap = std::get_if<Gap>(&event.body)) {
      if (open_gap_.is_none() && is_hole(gap->where)) open_gap_ = event.seq;
    } else if (std::holds_alternative<Checkpoint>(event.body)) {
      open_gap_ = Seq{};
    } else if (std::holds_alternative<LabBegun>(event.body)) {
      last_run_ = event.seq;
    }
  }
  std::string gap_words() const {
    std::string words;
    if (!open_gap_.is_none()) {
      words = "; it ends in the gap of event " + std::to_string(open_gap_.value) + ": what lies behind it is not proved";
    }
    for (auto note = reel_->notes().rbegin(); !report_.complete && note != reel_->notes().rend(); ++note) {
      if (note->after < last_run_) break;
      if (note->kind != LossyNote::kKind) continue;
      const auto lossy = note_in<LossyNote>(*note);
      if (lossy && lossy->keeps == FramesKept::nothing) words += "; frames were not recorded when it ended";
      break;
    }
    return words;
  }

  // The tables must be those that the writer makes, and behind them those of packed files and of blobs, whichever came
  // first; anything else was put there.
  void check_schema() {
    std::vector<SchemaRow> expected;
    for (const auto& [name, sql] : reel_tables()) expected.push_back({"table", name, name, sql});
    const std::size_t fixed = expected.size();
    const auto add = [&](const auto& rows) { expected.insert(expected.end(), rows.begin(), rows.end()); };
    if (has_packed_tables(*reel_->database())) add(packed_schema());
    if (has_blob_tables(*reel_->database())) add(blob_schema());
    std::vector<bool> found(expected.size());
    Statement select{*reel_->database(), "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid"};
    for (std::size_t number = 0; select.step(); ++number) {
      bool is_ours = false;
      for (std::size_t i = std::min(number, fixed); i < (number < fixed ? number + 1 : expected.size()) && !is_ours; ++i) {
        const SchemaRow& row = expected[i];
        is_ours = !found[i] && select.bytes(0) == row.type && select.bytes(1) == row.name && select.bytes(2) == row.table &&
                  select.bytes(3) == row.sql;
        if (is_ours) found[i] = true;
      }
      if (!is_ours) find("table sqlite_schema, row " + std::to_string(number + 1), "the tables are not those of a reel");
    }
    if (!std::all_of(found.begin(), found.end(), [](bool is) { return is; })) find("table sqlite_schema", "tables are missing");
  }

  void check_packed() {
    if (!has_packed_tables(*reel_->database())) return;
    const Result<std::vector<PackedEntry>> entries = read_packed_entries(*reel_->database());
    if (!entries) return find(entries.error().place, entries.error().what);
    for (const PackedEntry& entry : *entries) {
      const Result<std::string> content = read_packed_file(*reel_->database(), entry);
      if (!content) find(content.error().place, content.error().what);
    }
    count_rows("packed", entries->size());
  }

  void check_blobs() {
    if (!has_blob_tables(*reel_->database())) return;
    const Result<std::vector<BlobUse>> uses = read_blob_uses(*reel_->database());
    if (!uses) return find(uses.error().place, uses.error().what);
    check_chunks(*reel_->database(), *uses, [this](const std::string& place, const std::string& what) { find(place, what); });
  }

  void check_database() {
    Statement integrity{*reel_->database(), "PRAGMA integrity_check(10)"};
    while (integrity.step()) {
      if (integrity.bytes(0) != "ok") find("the database", std::string(integrity.bytes(0)));
    }
  }

  void count_rows(const std::string& table, std::uint64_t expected) {
    const std::int64_t rows = reel_->database()->number("SELECT count(*) FROM " + table);
    if (rows != static_cast<std::int64_t>(expected)) {
      find("table " + table, "it has " + std::to_string(rows) + " rows, not " + std::to_string(expected));
    }
  }
  void check_rows() {
    count_rows("page", pages_);
    count_rows("meta", 1);
  }

  void check_sealed() {
    if (reel_->meta()->pages != pages_) {
      find("table meta", "it tells of " + std::to_string(reel_->meta()->pages) + " pages, not " + std::to_string(pages_));
    }
    if (reel_->meta()->digest != report_.digest) {
      find("table meta", "the digest is " + reel_->meta()->digest + ", but the events' is " + report_.digest);
    }
    check_blocks();
    for (std::size_t table = 0; table < index_tables().size(); ++table) check_index(table);
  }

  void check_blocks() {
    Statement select{*reel_->database(), "SELECT block, hash FROM block_hash ORDER BY block"};
    count_rows("block_hash", digest_.blocks().size());
    for (std::size_t i = 0; i < digest_.blocks().size() && select.step(); ++i) {
      const Sha256& hash = digest_.blocks()[i];
      if (select.number(0) != i + 1 || select.bytes(1) != text_of(hash)) {
        find("table block_hash, row " + std::to_string(i + 1), "the hash is not its events'");
      }
    }
  }

  void check_index(std::size_t table) {
    const std::string name{index_tables()[table].name};
    const std::vector<IndexRow> rows = index_.rows(table);
    count_rows(name, rows.size());
    Statement select{*reel_->database(), "SELECT * FROM " + name + " ORDER BY 1"};
    for (std::size_t i = 0; i < rows.size() && select.step(); ++i) {
      bool same = select.columns() == static_cast<int>(rows[i].size());
      for (std::size_t column = 0; same && column < rows[i].size(); ++column) {
        same = is_cell(select, static_cast<int>(column), rows[i][column]);
      }
      if (!same) find("table " + name + ", row " + std::to_string(i + 1), "the index is not what the events say");
    }
  }
  static bool is_cell(const Statement& row, int column, const IndexCell& cell) {
    if (const auto* number = std::get_if<std::uint64_t>(&cell)) {
      return row.type(column) == SQLITE_INTEGER && row.number(column) == *number;
    }
    if (const auto* text = std::get_if<std::string>(&cell)) {
      return row.type(column) == SQLITE_TEXT && row.bytes(column) == *text;
    }
    return row.type(column) == SQLITE_NULL;
  }

  std::string summary() const {
    const std::string events = std::to_string(report_.events) + (report_.events == 1 ? " event" : " events");
    if (!report_.findings.empty()) {
      return "damaged: " + events + " can be read; " + report_.findings.front().place + ": " + report_.findings.front().what;
    }
    return (report_.complete ? "whole: " + events + ", sealed"
                             : "whole as far as it goes: " + events + "; " + reel_->end().why) +
           gap_words();
  }

  std::shared_ptr<OpenReel> reel_;
  EventsRead read_;
  ReelReport report_;
  DigestChain digest_;
  IndexBuilder index_;
  std::uint64_t pages_ = 0;
  Seq open_gap_;  // no checkpoint has followed it
  Seq last_run_;  // its lab.begun
};

}  // namespace

CheckedReel check_open_reel(std::shared_ptr<OpenReel> reel) { return Checker{std::move(reel)}.run(); }

Result<ReelReport> check_reel(const std::string& path, const EventsRead& read) {
  const Result<ReelFiles> files = ReelFiles::take(path);
  if (!files) return files.error();
  return check_reel(*files, read);
}

Result<ReelReport> check_reel(const ReelFiles& files, const EventsRead& read) {
  Result<std::shared_ptr<OpenReel>> reel = OpenReel::open(files);
  if (!reel) return reel.error();
  return Checker{std::move(*reel), read}.run().report;
}

}  // namespace labreel
