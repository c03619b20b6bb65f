#include "store/open_reel.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

#include "store/schema_guard.h"

namespace labreel {
namespace {

// Ring entries are shown as pages of about this size.
constexpr std::uint64_t kRingPage_bytes = 256 << 10;

}  // namespace

Error OpenReel::damaged(const std::string& place, const std::string& what) const {
  return {ErrorKind::input, what, path_ + (path_.empty() ? "" : ": ") + place,
          "labreel check --repair keeps what can be read"};
}

void OpenReel::set_damage(Error error) {
  if (!end_.damage) end_.damage = std::move(error);
}

Result<std::shared_ptr<OpenReel>> OpenReel::open(const std::string& path) {
  const Result<ReelFiles> files = ReelFiles::take(path);
  if (!files) return files.error();
  return open(*files);
}

Result<std::shared_ptr<OpenReel>> OpenReel::open(const ReelFiles& files) {
  const std::shared_ptr<OpenReel> reel{new OpenReel};
  reel->path_ = files.path();
  reel->files_ = files;
  const Status opened = reel->open_database();
  if (!opened) return opened.error();
  reel->read_all();
  return reel;
}

// A database that SQLite cannot or must not read is searched for rows; so is a file whose head is not a reel's.
Status OpenReel::open_database() {
  const Result<std::uint32_t> version = format_version_of(*files_);
  Status opened = version ? ok_status() : Status{version.error()};
  if (version) {
    const Status known = check_version(path_, *version);
    if (!known) return known;
    version_ = *version;
    const Result<std::shared_ptr<const ReelBytes>> bytes = bytes_of(*files_);
    if (!bytes) return bytes.error();
    try {
      opened = open_tables(*bytes);
      if (opened) return opened;
    } catch (const DatabaseError& error) {
      opened = damaged("its tables", std::string("cannot be read: ") + error.what());
      if (error.is_out_of_memory()) return opened;
    }
  }
  salvage_ = find_salvage();
  if (!salvage_) return opened;
  database_ = salvage_->take_rows();
  const std::optional<Error> cut = find_cut(*files_);
  set_damage(cut ? *cut : opened.error());
  return ok_status();
}

Status OpenReel::open_tables(const std::shared_ptr<const ReelBytes>& bytes) {
  if (const std::optional<Error> foreign = foreign_schema(*bytes)) return damaged(foreign->place, foreign->what);
  database_.emplace(Database::open_bytes(bytes));
  // Fails if the tables cannot even be listed.
  database_->number("SELECT count(*) FROM page WHERE first_seq = 1");
  if (!bytes->is_rolled_back()) find_rows();
  return ok_status();
}

void OpenReel::find_rows() {
  const auto& [name, sql] = page_table();
  Statement select{*database_, "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = ? AND sql = ?"};
  select.bind(1, name).bind(2, sql);
  if (select.step()) rows_ = PageRows::of(files_->reel_again(), select.number(0));
}

std::optional<Salvage> OpenReel::find_salvage() const {
  try {
    return Salvage::of(files_->reel_again());
  } catch (const DatabaseError&) {
    return std::nullopt;  // out of memory
  }
}

Result<std::optional<RingFile>> OpenReel::read_ring() const {
  const bool is_there = files_->ring() >= 0 || files_->ring_errno() != 0;
  if (!is_there) return std::optional<RingFile>{};
  Result<RingFile> ring = RingFile::read(files_->ring(), ring_path_of(path_));
  if (!ring) return ring.error();
  return std::optional<RingFile>{std::move(*ring)};
}

void OpenReel::read_description() {
  try {
    Result<ReelMeta> meta = read_meta(*database_);
    if (meta) {
      meta_ = *meta;
      lab_id_ = meta_->lab_id;
    } else {
      set_damage(damaged("table meta", meta.error().what));
    }
  } catch (const DatabaseError& error) {
    set_damage(damaged("table meta", error.what()));
  }
}

void OpenReel::read_all() {
  read_description();
  find_database_end();
  read_notes();
  std::optional<RingFile> ring;
  std::uint64_t from_ring = 0;
  if (!meta_ || !meta_->sealed) {
    Result<std::optional<RingFile>> read = read_ring();
    if (!read) {
      set_damage(read.error());
    } else if (*read) {
      ring = std::move(**read);
      const std::uint64_t before = end_.last.value;
      add_ring(*ring);
      from_ring = end_.last.value - before;
    }
  }
  say_end(ring, from_ring);
}

void OpenReel::read_notes() {
  const int row_bytes = database_->limit_row(kNoteBytes_max);
  read_note_rows();
  database_->limit_row(row_bytes);
}

void OpenReel::read_note_rows() {
  std::uint64_t bytes = 0;
  try {
    Statement select{*database_, "SELECT number, after_seq, kind, detail, hash FROM note ORDER BY number"};
    while (select.step()) {
      const HostNote note{Seq{select.number(1)}, std::string(select.bytes(2)), std::string(select.bytes(3))};
      const std::uint64_t number = notes_.size() + 1;
      if (select.number(0) != number || select.number(4) != note_check(number, note.after.value, note.kind, note.detail)) {
        return set_damage(damaged("table note, row " + std::to_string(number), "a host note is damaged or missing"));
      }
      bytes += note.kind.size() + note.detail.size() + kNoteOverhead_bytes;
      if (bytes > kNotesBytes_max) {
        return set_damage(damaged("table note, row " + std::to_string(number), "the host notes are longer than any recorder's"));
      }
      notes_.push_back(note);
      ++database_notes_;
    }
    if (meta_ && meta_->sealed && notes_.size() != meta_->notes) {
      set_damage(damaged("table note", "host notes are missing"));
    }
  } catch (const DatabaseError& error) {
    set_damage(damaged("table note", error.what()));
  }
}

// Looks at the last page only; if that is not as it should be, all are read to find how far they go.
void OpenReel::find_database_end() {
  bool whole = false;
  try {
    const auto last_start = static_cast<std::uint64_t>(database_->number("SELECT coalesce(max(first_seq), 0) FROM page"));
    std::uint64_t pages = 0;
    if (last_start == 0) {
      whole = true;
    } else if (const Result<PagePtr> page = load_row(last_start)) {
      whole = check_chain(**page, nullptr).ok();
      database_end_ = *page;
      database_last_ = (*page)->head().last_seq();
      pages = (*page)->head().number + 1;
    }
    if (whole && meta_ && meta_->sealed) whole = meta_->last_seq == database_last_ && meta_->pages == pages;
  } catch (const DatabaseError&) {
    whole = false;
  }
  if (!whole) {
    scan_database();
    if (end_.damage && !salvage_) look_beyond_tree();
  }
  end_.last = Seq{database_last_};
}

// What SQLite does not find may still lie in the file.
void OpenReel::look_beyond_tree() {
  std::optional<Salvage> found = find_salvage();
  if (!found) return;
  const auto reach = [&] { return std::pair{database_last_, page_seqs_behind(0).size()}; };
  const auto before = reach();
  const PagePtr end = database_end_;
  images_.reset();
  std::optional<Database> tree = std::exchange(database_, found->take_rows());
  salvage_ = std::move(found);
  if (!meta_) read_description();
  scan_database();
  if (reach() > before) return;
  images_.reset();
  database_ = std::move(tree);
  salvage_.reset();
  database_last_ = before.first;
  database_end_ = end;
}

void OpenReel::scan_database() {
  database_last_ = 0;
  database_end_.reset();
  for (;;) {
    Result<PagePtr> page = load_row(database_last_ + 1);
    if (page) {
      const Status chained = check_chain(**page, database_end_.get());
      if (!chained) page = chained.error();
    }
    if (!page) return set_damage(find_cut(*files_).value_or(page.error()));
    database_end_ = *page;
    database_last_ = database_end_->head().last_seq();
    if (meta_ && meta_->sealed && database_last_ == meta_->last_seq) return;
  }
}

Result<PagePtr> OpenReel::load_image(std::uint64_t first_seq) const {
  if (!images_) images_.emplace(*database_, "page", "image");
  const std::shared_ptr<LoadedPage> loaded = pool_->take();
  const std::size_t bytes = images_->go_to(first_seq);
  images_->read(loaded->buffer.resize(bytes), bytes);
  if (!salvage_) return checked_page(loaded);
  const std::optional<std::string> image = salvage_->image_at(loaded->buffer.text());
  if (!image) return Error{ErrorKind::input, "the page cannot be read"};
  return page_of(std::as_bytes(std::span{*image}));
}

// Null if anything is not as it should be: SQLite is asked then, for what that is.
PagePtr OpenReel::load_directly(std::uint64_t first_seq) const {
  const PageRows* const rows = direct_rows();
  if (rows == nullptr) return nullptr;
  const std::optional<PageRow> row = rows->find(first_seq);
  if (!row) return nullptr;
  const std::shared_ptr<LoadedPage> loaded = pool_->take();
  if (!rows->read_image(*row, loaded->buffer.resize(row->image.bytes))) return nullptr;
  Result<PagePtr> page = checked_page(loaded);
  if (!page) return nullptr;
  const PageHead& head = (*page)->head();
  const bool fits = head.first_seq == first_seq && head.number == row->number && head.count == row->count &&
                    head.first_time_ns == row->first_time_ns && head.last_time_ns == row->last_time_ns &&
                    head.hash == row->hash && head.flags == 0 && (!lab_id_ || head.lab_id == *lab_id_);
  return fits ? *page : nullptr;
}

Result<PagePtr> OpenReel::load_row(std::uint64_t first_seq) const {
  const std::lock_guard lock{mutex_};
  if (PagePtr page = load_directly(first_seq)) return page;
  const std::string row = "the page of event " + std::to_string(first_seq);
  try {
    Statement select{*database_,
                     "SELECT number, count, first_time_ns, last_time_ns, hash FROM page WHERE first_seq = ?"};
    select.bind(1, first_seq);
    if (!select.step()) return damaged(row, "the page is missing");
    const std::uint64_t number = select.number(0);
    Result<PagePtr> page = load_image(first_seq);
    if (!page) return in_page(path_, number, page.error());
    const PageHead& head = (*page)->head();
    const bool fits = head.first_seq == first_seq && head.number == number && head.count == select.number(1) &&
                      head.first_time_ns == select.number(2) && head.last_time_ns == select.number(3) &&
                      select.bytes(4) == bytes_of(head.hash) && head.flags == 0;
    if (!fits) return damaged("table page, " + row, "the row's columns are not its page's");
    if (lab_id_ && head.lab_id != *lab_id_) return damaged(row, "the page belongs to another lab");
    return page;
  } catch (const DatabaseError& error) {
    return damaged(row, error.what());
  }
}

Status OpenReel::check_chain(const LoadedPage& page, const LoadedPage* before) const {
  const PageHead& head = page.head();
  const auto broken = [&] { return not_following(path_, head.number); };
  const auto status_of = [&](const PageBefore& previous) {
    return follows(head, previous) ? ok_status() : Status{broken()};
  };
  if (before != nullptr) {
    return status_of(page_before(before->head()));
  }
  if (head.first_seq <= 1) return is_first(head) ? ok_status() : Status{broken()};
  if (!database_) return broken();
  const std::lock_guard lock{mutex_};
  if (const PageRows* const rows = direct_rows()) {
    const std::optional<PageRow> row = rows->find_last(head.first_seq - 1);
    if (row && follows(head, {row->hash, row->number, row->first_seq + row->count - 1, row->last_time_ns})) return ok_status();
  }
  try {
    Statement select{*database_, "SELECT first_seq, number, count, last_time_ns, hash FROM page WHERE first_seq < ? "
                                 "ORDER BY first_seq DESC LIMIT 1"};
    select.bind(1, head.first_seq);
    PageBefore previous;
    if (!select.step() || select.bytes(4).size() != sizeof(previous.hash)) return broken();
    previous.number = select.number(1);
    previous.last_seq = select.number(0) + select.number(2) - 1;
    previous.last_time_ns = select.number(3);
    std::memcpy(&previous.hash, select.bytes(4).data(), sizeof(previous.hash));
    return status_of(previous);
  } catch (const DatabaseError& error) {
    return damaged("table page", error.what());
  }
}

// Appends a page that is in memory only, if it follows what is there.
Status OpenReel::add_tail(PagePtr page) {
  const LoadedPage* before = tail_.empty() ? nullptr : tail_.back().get();
  const Status follows = check_chain(*page, before);
  if (!follows) return follows;
  if (lab_id_ && page->head().lab_id != *lab_id_) return damaged("", "a page belongs to another lab");
  lab_id_ = page->head().lab_id;
  if (!files_) version_ = page->head().format_version;
  end_.last = Seq{page->head().last_seq()};
  tail_.push_back(std::move(page));
  return ok_status();
}

void OpenReel::add_ring(const RingFile& ring) {
  const std::uint64_t next = database_last_ + 1;
  PageHead previous;
  if (database_end_) {
    previous = database_end_->head();
    lab_id_ = previous.lab_id;
  }
  if (lab_id_ && ring.owner().lab_id != *lab_id_) {
    return set_damage({ErrorKind::input, "the ring belongs to another lab", ring_path_of(path_)});
  }
  for (const RingFile::NumberedNote& kept : ring.notes()) {
    if (kept.number == notes_.size() + 1) notes_.push_back(kept.note);
  }
  if (ring.first_seq() > next) {
    set_damage({ErrorKind::input, "events " + std::to_string(next) + " to " + std::to_string(ring.first_seq() - 1) +
                                             " are missing between the reel and its ring", path_});
  }
  const bool follows = !end_.damage;
  const std::byte* entry = ring.entries().data();
  std::uint64_t number = database_last_ == 0 ? 0 : previous.number + 1;
  std::uint64_t seq = ring.first_seq();
  const std::uint64_t end = ring.first_seq() + ring.count();
  while (seq < end) {
    // As many entries as make a page; those that were committed already are left out.
    const std::byte* const begin = entry;
    PageHead head{.hash = {},
                  .previous_hash = previous.hash,
                  .lab_id = ring.owner().lab_id,
                  .number = number,
                  .first_seq = seq,
                  .format_version = ring.owner().version};
    std::uint64_t payload_bytes = 0;
    while (seq < end && (head.count == 0 || page_size_of(head.count, payload_bytes) < kRingPage_bytes)) {
      Record record;
      std::memcpy(&record, entry, sizeof(record));
      entry += sizeof(Record) + padded(record.payload_length);
      if (seq++ < next) break;
      payload_bytes += padded(record.payload_length);
      ++head.count;
    }
    if (head.count == 0) continue;
    const auto page = std::make_shared<LoadedPage>();
    compose_page(head, begin, payload_bytes, page->buffer);
    Result<PageView> view = PageView::check(page->buffer);
    if (!view) return set_damage({ErrorKind::input, view.error().what, ring_path_of(path_)});
    page->view = *view;
    ring_pages_.push_back(page);
    if (!follows) continue;
    const Status added = add_tail(page);
    if (!added) return set_damage(added.error());
    previous = page->head();
    ++number;
  }
  if (ring.damage()) set_damage(*ring.damage());
}

void OpenReel::say_end(const std::optional<RingFile>& ring, std::uint64_t from_ring) {
  end_.complete = meta_ && meta_->sealed && !end_.damage;
  end_.may_lack_events = !end_.complete && (!ring || ring->refused() > 0 || ring->machine_stopped());
  const std::string events = std::to_string(from_ring) + (from_ring == 1 ? " event was" : " events were");
  if (end_.damage) {
    end_.why = "it is damaged after event " + std::to_string(end_.last.value) + ": " + end_.damage->what;
  } else if (end_.complete) {
    end_.why = "sealed";
  } else if (!ring) {
    end_.why = "the recording was cut off, and the ring that held its last events is gone";
  } else if (ring->refused() > 0) {
    end_.why = "the disk was full: " + std::to_string(ring->refused()) + " later events could not be kept";
  } else if (const std::string why = last_words(); why.find("the disk is full") != std::string::npos) {
    end_.why = "the disk was full, and the lab ended: " + events + " read from the ring";
  } else if (ring->machine_stopped()) {
    end_.why = "the machine stopped during the recording; " + events + " read from the ring, the last moment may be missing";
  } else {
    end_.why = "the recorder was killed; " + events + " read from the ring";
  }
}

// Why the lab ended, if that is the last thing that the reel says.
std::string OpenReel::last_words() const {
  const PagePtr page = last_page();
  if (!page || end_.last.value != page->head().last_seq()) return {};
  const Result<Event> last = event_of(*page->view, end_.last.value);
  const auto* const ended = last ? std::get_if<LabEnded>(&last->body) : nullptr;
  return ended == nullptr ? std::string{} : ended->why.text();
}

Result<std::shared_ptr<OpenReel>> OpenReel::from_pages(std::vector<std::string> images, std::vector<HostNote> notes) {
  const std::shared_ptr<OpenReel> reel{new OpenReel};
  reel->notes_ = std::move(notes);
  reel->end_.why = "it is still being recorded";
  for (std::size_t i = 0; i < images.size(); ++i) {
    Result<PagePtr> page = page_of(std::as_bytes(std::span{images[i]}));
    if (!page) return in_page("", i, page.error());
    images[i] = std::string{};  // so that a long recording is not held twice
    const bool is_open = ((*page)->head().flags & kPageOpen) != 0;
    const Status added = reel->add_tail(*page);
    if (!added) return added.error();
    if (is_open) break;  // what came behind it, if anything, was made when this one was already longer
  }
  return reel;
}

}  // namespace labreel
