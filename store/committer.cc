#include "store/committer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>

#include "engine/core/check.h"
#include "engine/text/host_notes.h"
#include "store/codec.h"

namespace labreel {
namespace {

constexpr std::uint64_t kFetchedAhead_entries = 8;

// So much between two ticks of the interval, at most, is calm traffic: at 200 ms some 20 MB a second. In a calm moment the digest catches
// up by as much as takes about 10 ms.
constexpr std::uint64_t kCalm_bytes = 4 << 20;
constexpr std::uint64_t kCatchUp_bytes = 16 << 20;

// A write that may work later, when someone made room; a failed fsync is none of these. (SQLite does not always tell the
// cause of a failed write. To repeat one is safe: every byte of the transaction is written and synced again.)
bool is_for_want_of_room(const DatabaseError& error) {
  const int os_error = error.os_error();
  return error.is_full() ||
         (error.code() == SQLITE_IOERR_WRITE && (os_error == 0 || os_error == ENOSPC || os_error == EDQUOT || os_error == EFBIG));
}

// In words that are the same wherever in a transaction it happens: they may become an event.
std::string cause_of(const DatabaseError& error) {
  std::string cause = "SQLite refuses with code " + std::to_string(error.code());
  if (error.is_full()) cause = "the disk is full";
  if (error.code() == SQLITE_IOERR_WRITE) cause = "a write failed";
  if (error.code() == SQLITE_IOERR_FSYNC || error.code() == SQLITE_IOERR_DIR_FSYNC) cause = "an fsync failed";
  if (error.is_out_of_memory()) cause = "out of memory";
  return error.os_error() == 0 ? cause : cause + ": " + std::strerror(error.os_error());
}

WriterState state_behind(std::uint64_t last_seq) {
  WriterState state;
  state.durable = Seq{last_seq};
  return state;
}

std::uint64_t bytes_of_all(const std::vector<HostNote>& notes) {
  std::uint64_t bytes = 0;
  for (const HostNote& note : notes) bytes += note.kind.size() + note.detail.size() + kNoteOverhead_bytes;
  return bytes;
}

}  // namespace

Committer::Committer(const std::string& path, const ReelOptions& options, ReelStart start, Ring& ring,
                     const std::atomic<std::uint64_t>& appended)
    : path_(path),
      page_bytes_(options.page_bytes),
      commit_bytes_(options.commit_bytes),
      interval_(std::chrono::milliseconds(options.commit_interval_ms)),
      on_failure_(options.on_failure),
      lab_id_(start.lab_id),
      ring_(ring),
      appended_(appended),
      file_(std::move(start.file)),
      written_{.point = {.position = 0, .seq = start.last_seq + 1},
               .number = start.page_seqs.size(),
               .previous_hash = start.last_hash},
      committed_(written_),
      page_seqs_(std::move(start.page_seqs)),
      notes_written_(start.notes.size()),
      notes_committed_(notes_written_),
      last_commit_(Clock::now()),
      digest_(std::move(start.digest)),
      index_(std::move(start.index)),
      indexed_(start.last_seq),
      notes_(std::move(start.notes)),
      notes_bytes_(bytes_of_all(notes_)),
      state_(state_behind(start.last_seq)),
      thread_([this] { run(); }) {}

Committer::~Committer() { stop_thread(); }

void Committer::stop_thread() {
  {
    const std::lock_guard lock{state_mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// Without the lock: a wake-up that comes between the thread's look and its sleep costs no more than the interval. Who waits for
// room has the lock, so that the two never wait for each other.
void Committer::announce() {
  unannounced_bytes_ = 0;
  announced_.store(true, std::memory_order_relaxed);
  wake_.notify_one();
}

void Committer::run() {
  ring_.prepare();
  std::unique_lock lock{state_mutex_};
  while (!stopping_) {
    wake_.wait_for(lock, interval_, [this] { return stopping_ || announced_.load(std::memory_order_relaxed); });
    if (stopping_) return;
    announced_.store(false, std::memory_order_relaxed);
    lock.unlock();
    write(Extent::full_pages);
    lock.lock();
  }
}

// Does a part of the writing; what it meets becomes the writer's failure.
template <class Work>
void Committer::attempt(const Work& work) {
  try {
    try {
      work();
    } catch (const DatabaseError& error) {
      fail(error);
    }
  } catch (const std::bad_alloc&) {
    forget_uncommitted();
    {
      const std::lock_guard lock{state_mutex_};
      broken_ = true;
    }
    set_failure("out of memory");  // short enough for a string's own room
  }
}

void Committer::write(Extent extent) {
  const std::lock_guard lock{file_mutex_};
  {
    const std::lock_guard state_lock{state_mutex_};
    if (broken_) return;
  }
  forget_lost_transaction();
  if (Clock::now() - last_commit_ >= interval_) extent = Extent::everything;
  attempt([&] {
    write_pages(extent);
    if (extent == Extent::everything) {
      write_notes();
      const bool was_calm = is_calm();
      calm_from_ = written_.point.position;
      if (file_->is_in_transaction()) commit();
      if (was_calm) catch_up();
      last_commit_ = Clock::now();
    }
  });
}

bool Committer::is_calm() const { return written_.point.position - calm_from_ <= kCalm_bytes; }

// Digests some of what was written in a hurry. Between transactions only: reading may push what one wrote out of SQLite's cache.
void Committer::catch_up() {
  try {
    file_->catch_up(digest_, committed_.point.seq - 1, kCatchUp_bytes);
  } catch (const DatabaseError&) {
    // What cannot be read back now may be at the seal, and there it counts.
  }
}

void Committer::write_pages(Extent extent) {
  const std::uint64_t until = ring_.published();
  while (const auto head = compose(written_, until, extent, buffer_)) {
    file_->insert_page(*head, buffer_);
    page_seqs_.push_back(head->first_seq);
    learn(PageView::of_own(buffer_.bytes()));
    uncommitted_bytes_ += buffer_.bytes().size();
    ring_.prepare();
    if (uncommitted_bytes_ >= commit_bytes_) commit();
  }
}

void Committer::write_notes() {
  const std::lock_guard lock{notes_mutex_};
  for (; notes_written_ < notes_.size(); ++notes_written_) {
    file_->insert_note(notes_written_ + 1, notes_[notes_written_]);
  }
}

// Makes a page of what the ring holds from `next` up to `until`; for full pages only if there is enough for one.
std::optional<PageHead> Committer::compose(Next& next, std::uint64_t until, Extent extent, PageBuffer& out) const {
  const std::uint64_t begin = next.point.position;
  std::uint64_t end = begin;
  std::uint64_t payload_bytes = 0;
  std::uint32_t count = 0;
  bool full = false;
  while (end < until && !full) {
    Record record;
    std::memcpy(&record, ring_.at(end), sizeof(record));
    const std::uint64_t length = padded(record.payload_length);
    // The other processor wrote it, so it is far away; the next entries are about as long.
    __builtin_prefetch(ring_.at(end + kFetchedAhead_entries * (sizeof(Record) + length)));
    full = count > 0 && page_size_of(count + 1, payload_bytes + length) > page_bytes_;
    if (full) break;
    payload_bytes += length;
    ++count;
    end += sizeof(Record) + length;
  }
  if (count == 0 || (!full && extent == Extent::full_pages)) return std::nullopt;
  PageHead head{.hash = {},
                .previous_hash = next.previous_hash,
                .lab_id = lab_id_,
                .number = next.number,
                .first_seq = next.point.seq,
                .count = count};
  compose_page(head, ring_.at(begin), payload_bytes, out);
  next = Next{.point = {end, next.point.seq + count}, .number = next.number + 1, .previous_hash = head.hash};
  return head;
}

// Feeds digest and indexes; again after a failed commit, when pages come a second time.
void Committer::learn(const PageView& page) {
  const std::uint64_t last = page.head().last_seq();
  for (std::uint64_t seq = std::max(indexed_ + 1, page.head().first_seq); seq <= last; ++seq) {
    indexed_ = seq;
    const Record& record = page.record(seq);
    if (!is_indexed(static_cast<EventKind>(record.kind))) continue;
    const Result<EventBody> body = decode(record.kind, page.payload(record));
    LABREEL_CHECK(body.ok());
    index_.add(Seq{seq}, LabTime{record.time_ns}, *body);
  }
  // SHA-256 costs more than all the rest: while traffic is heavy it waits, for a calm moment or for the seal.
  if (!is_calm() || digest_.next_seq() < page.head().first_seq) return;
  for (std::uint64_t seq = digest_.next_seq(); seq <= last; ++seq) {
    digest_.add(page.record(seq), page.payload(page.record(seq)));
  }
}

void Committer::commit() {
  file_->commit();
  committed_ = written_;
  notes_committed_ = notes_written_;
  uncommitted_bytes_ = 0;
  last_commit_ = Clock::now();
  ring_.release(committed_.point);
  {
    const std::lock_guard lock{notes_mutex_};
    if (notes_committed_ == notes_.size()) ring_.drop_notes();
  }
  const std::lock_guard lock{state_mutex_};
  state_.durable = Seq{committed_.point.seq - 1};
  state_.failure.clear();
  room_.notify_all();
}

void Committer::fail(const DatabaseError& error) {
  bool broken = !is_for_want_of_room(error);
  const std::string failure = cause_of(error);
  try {
    file_->roll_back();
  } catch (const DatabaseError&) {
    broken = true;  // what failed first is what is said
  }
  forget_uncommitted();
  {
    const std::lock_guard lock{state_mutex_};
    broken_ = broken;
  }
  set_failure((broken ? "the reel cannot be written any more: " : "there is no room for the reel: ") + failure);
}

void Committer::forget_uncommitted() {
  written_ = committed_;
  calm_from_ = std::min(calm_from_, written_.point.position);
  notes_written_ = notes_committed_;
  page_seqs_.resize(std::min(page_seqs_.size(), committed_.number));
  uncommitted_bytes_ = 0;
  last_commit_ = Clock::now();
}

// Reading a page can fail for want of room, too: it pushes others out of SQLite's cache. Then the open transaction is gone,
// and its pages are in the ring only, as before.
void Committer::forget_lost_transaction() {
  const bool has_uncommitted = written_.number != committed_.number || notes_written_ != notes_committed_;
  if (has_uncommitted && !file_->is_in_transaction()) forget_uncommitted();
}

void Committer::set_failure(const std::string& failure) {
  bool is_new = false;
  {
    const std::lock_guard lock{state_mutex_};
    is_new = state_.failure.empty();
    state_.failure = failure;
    room_.notify_all();
  }
  if (!is_new || !on_failure_) return;
  try {
    on_failure_(failure);
  } catch (const std::bad_alloc&) {
    // It is in state().
  }
}

bool Committer::wait_for_room(std::uint64_t bytes) {
  const Clock::time_point begin = Clock::now();
  std::unique_lock lock{state_mutex_};
  ++state_.waits;
  const auto has_room = [&] { return ring_.published() + bytes - ring_.released() <= ring_.size(); };
  while (!has_room() && state_.failure.empty()) {
    announce();
    room_.wait_for(lock, interval_);
  }
  state_.waited_ns += static_cast<std::uint64_t>((Clock::now() - begin) / std::chrono::nanoseconds(1));
  return has_room();
}

void Committer::count_refused(std::uint64_t events) {
  ring_.set_refused(events);
  const std::lock_guard lock{state_mutex_};
  state_.refused = events;
}

void Committer::note(std::string_view kind, std::string_view detail) {
  const std::lock_guard lock{notes_mutex_};
  const auto keep = [&](std::string_view kept_kind, std::string_view kept_detail) {
    notes_.push_back({Seq{appended_.load(std::memory_order_acquire)}, std::string(kept_kind), std::string(kept_detail)});
    notes_bytes_ += kept_kind.size() + kept_detail.size() + kNoteOverhead_bytes;
    ring_.keep_note(notes_.size(), notes_.back());
  };
  // What a reader would refuse is not written: that it is not there is a note itself.
  constexpr std::uint64_t kForThat_bytes = 4096;
  const std::uint64_t bytes = kind.size() + detail.size() + kNoteOverhead_bytes;
  if (bytes > kNoteBytes_max - kForThat_bytes) {
    keep(NoteLeftOutNote::kKind, detail_of(NoteLeftOutNote{std::string(kind), detail.size()}));
  } else if (notes_bytes_ + bytes <= kNotesBytes_max - kForThat_bytes) {
    keep(kind, detail);
  } else if (!leaves_notes_out_) {
    leaves_notes_out_ = true;
    keep(NotesLeftOutNote::kKind, detail_of(NotesLeftOutNote{notes_.size() + 1}));
  }
}

std::vector<HostNote> Committer::notes_so_far() const {
  const std::lock_guard lock{notes_mutex_};
  return notes_;
}

std::string Committer::page_image(std::uint64_t number) const {
  try {
    return file_->page_image(page_seqs_[number]);
  } catch (const DatabaseError& error) {
    throw refusal(error, "read page " + std::to_string(number) + " of " + path_);
  }
}

std::vector<std::string> Committer::pages_from(std::uint64_t first, std::size_t max_bytes) {
  const std::lock_guard lock{file_mutex_};
  if (!file_) return {};
  forget_lost_transaction();
  std::vector<std::string> pages;
  std::size_t bytes = 0;
  const auto add = [&](std::string page) {
    bytes += page.size();
    pages.push_back(std::move(page));
  };
  for (std::uint64_t number = first; number < page_seqs_.size() && bytes < max_bytes; ++number) {
    add(page_image(number));
  }
  // What is in the ring only, as the pages that it would make now; the last of them is still open.
  Next next = written_;
  const std::uint64_t until = ring_.published();
  PageBuffer buffer;
  while (bytes < max_bytes) {
    auto head = compose(next, until, Extent::everything, buffer);
    if (!head) break;
    if (next.point.position == until) mark_open(buffer);
    if (head->number >= first) add(std::string(buffer.text()));
  }
  return pages;
}

WriterState Committer::state() const {
  const std::lock_guard lock{state_mutex_};
  WriterState state = state_;
  state.appended = Seq{appended_.load(std::memory_order_acquire)};
  return state;
}

void Committer::seal() {
  stop_thread();
  if (sealed_) return;
  write(Extent::everything);
  const std::lock_guard lock{file_mutex_};
  attempt([&] { finish(); });
}

void Committer::finish() {
  const WriterState now = state();
  if (!now.failure.empty()) return;
  if (now.refused > 0) {
    set_failure(std::to_string(now.refused) + " events after event " + std::to_string(now.appended.value) +
                " could not be kept: the disk and the ring were full");
    return;
  }
  file_->seal(committed_.point.seq - 1, committed_.number, notes_committed_, digest_, index_);
  sealed_ = true;
  file_.reset();
  ring_.remove_file();
}

}  // namespace labreel
