// OpenReel: the pages of one reel, wherever they come from: its database, a dead recorder's ring, a live recorder.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/page_pool.h"
#include "store/page_rows.h"
#include "store/reel_files.h"
#include "store/reel_reader.h"
#include "store/reel_tables.h"
#include "store/ring.h"
#include "store/salvage.h"

namespace labreel {

class OpenReel {
 public:
  // Shape: memory is bounded by the ring, not by the reel: pages of the database are read when they are asked for; what a
  //        ring holds is in memory twice, as entries and as pages, so at most 2 GiB (of kRingBytesMax; 128 MiB by default).
  static Result<std::shared_ptr<OpenReel>> open(const std::string& path);
  static Result<std::shared_ptr<OpenReel>> open(const ReelFiles& files);
  // Of a live recorder, whose socket answers its own user only: so of no stranger. Shape: holds all of its pages in memory,
  // each once, as long as the recording is; whoever wants less asks for fewer.
  static Result<std::shared_ptr<OpenReel>> from_pages(std::vector<std::string> images, std::vector<HostNote> notes);

  // The page that holds an event; checked, and against the one before it (`before`, if the caller has that one).
  //
  // Errors: a seq that is not there; damage, with its place.
  Result<PagePtr> page_with(Seq seq, const LoadedPage* before = nullptr) const;
  // The last event at or before a lab time.
  Result<Seq> last_at_or_before(LabTime time) const;
  // The last checkpoint at or before an event that the index names; of a reel without one, that is in the pages not too far
  // before it. None if none.
  Seq checkpoint_before(Seq seq) const;

  const std::string& path() const { return path_; }
  // The format's, that the file's head tells; of a live recorder or a damaged head, its pages tell it.
  std::uint32_t format_version() const { return version_; }
  const ReelEnd& end() const { return end_; }
  const std::vector<HostNote>& notes() const { return notes_; }
  const std::optional<ReelMeta>& meta() const { return meta_; }
  // For check: the database itself, if there is one that SQLite reads, and the last event that it holds.
  Database* database() { return database_ && !salvage_ ? &*database_ : nullptr; }
  std::uint64_t database_last() const { return database_last_; }
  // For who goes on with the reel: the pages behind the database's, and how many host notes are in the database.
  const std::vector<PagePtr>& tail() const { return tail_; }
  // The page that holds the last event; none of an empty reel.
  PagePtr last_page() const { return tail_.empty() ? database_end_ : tail_.back(); }
  std::uint64_t database_notes() const { return database_notes_; }
  // For repair: the first seqs of all pages that the database lists behind `seq`.
  std::vector<std::uint64_t> page_seqs_behind(std::uint64_t seq) const;
  // For repair: a page that its own hash vouches for, whatever comes before it.
  Result<PagePtr> lone_page(std::uint64_t first_seq) const;
  // For repair: no event is longer than this.
  std::uint64_t longest_page_bytes() const;
  // For repair: a dead recorder's ring as pages, whether they follow what can be read or not.
  const std::vector<PagePtr>& ring_pages() const { return ring_pages_; }

 private:
  OpenReel() = default;
  Status open_database();
  Status open_tables(const std::shared_ptr<const ReelBytes>& bytes);
  void read_description();
  std::optional<Salvage> find_salvage() const;
  void look_beyond_tree();
  void read_all();
  void read_notes();
  void read_note_rows();
  void find_database_end();
  void scan_database();
  void add_ring(const RingFile& ring);
  Status add_tail(PagePtr page);
  std::string last_words() const;
  void say_end(const std::optional<RingFile>& ring, std::uint64_t from_ring);
  void set_damage(Error error);

  void find_rows();
  Result<std::optional<RingFile>> read_ring() const;
  // Those that may be read past SQLite: not while the database's rows are salvaged ones.
  const PageRows* direct_rows() const { return rows_ && !salvage_ ? &*rows_ : nullptr; }
  PagePtr load_directly(std::uint64_t first_seq) const;
  Result<PagePtr> load_image(std::uint64_t first_seq) const;
  Result<PagePtr> load_row(std::uint64_t first_seq) const;
  Status check_chain(const LoadedPage& page, const LoadedPage* before) const;
  Result<std::uint64_t> page_start_of(std::uint64_t seq) const;
  Result<std::uint64_t> page_start_at(LabTime time) const;
  Seq walk_back_to_checkpoint(Seq seq) const;
  Error damaged(const std::string& place, const std::string& what) const;

  std::string path_;
  std::optional<ReelFiles> files_;  // none of a live recorder's
  std::uint32_t version_ = kFormatVersion;
  mutable std::mutex mutex_;
  mutable std::optional<Database> database_;
  mutable std::optional<BlobReader> images_;
  std::optional<PageRows> rows_;  // the database's, past SQLite; none if they cannot be had so
  std::shared_ptr<PagePool> pool_ = std::make_shared<PagePool>();
  std::optional<Salvage> salvage_;  // of a reel that SQLite cannot read: then `database_` has the salvaged rows
  std::optional<ReelMeta> meta_;
  std::optional<Word128> lab_id_;
  std::uint64_t database_last_ = 0;  // seq
  PagePtr database_end_;             // the page that holds it
  std::vector<PagePtr> tail_;        // behind the database's
  std::vector<PagePtr> ring_pages_;
  std::vector<HostNote> notes_;
  std::uint64_t database_notes_ = 0;
  ReelEnd end_;
};

}  // namespace labreel
