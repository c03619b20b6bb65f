// Salvage: what a reel's file still holds when SQLite cannot find it: pages, host notes and the reel's own description.
#pragma once

#include <optional>
#include <string>

#include "store/database.h"
#include "store/leaf_rows.h"

namespace labreel {

// The rows that guard themselves, wherever in the file they lie; the indexes can be made from the events.
//
// Shape: the rows are in tables like a reel's. Of the pages only those that were checked are there, and instead of the
//        image of each the place where it lies, for image_at().
class Salvage {
 public:
  // Nothing if there is no such row. Errors: DatabaseError: out of memory.
  static std::optional<Salvage> of(OwnedFd reel);

  Database take_rows() { return std::move(rows_); }
  std::optional<std::string> image_at(std::string_view place) const;
  std::uint64_t longest_image_bytes() const { return longest_image_bytes_; }

 private:
  Salvage(LeafRows leaves, Database rows) : leaves_(std::move(leaves)), rows_(std::move(rows)) {}
  static std::optional<Salvage> with_pages_of(const OwnedFd& reel, std::uint64_t page_bytes);
  void add(const LeafRow& row);
  void add_page(const LeafRow& row);
  void add_note(const LeafRow& row);
  void add_meta(const LeafRow& row);

  LeafRows leaves_;
  Database rows_;
  std::uint64_t image_bytes_ = 0;
  std::uint64_t note_bytes_ = 0;
  std::uint64_t descriptions_ = 0;
  std::uint64_t longest_image_bytes_ = 0;
  std::uint64_t found_ = 0;  // rows
};

}  // namespace labreel
