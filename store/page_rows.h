// PageRows: the rows of a reel's table `page`, found and read straight from the file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/os/owned_fd.h"
#include "store/format.h"
#include "store/leaf_rows.h"

namespace labreel {

// A row of the table, without its image.
struct PageRow {
  std::uint64_t first_seq = 0;
  std::uint64_t number = 0;
  std::uint64_t count = 0;
  std::uint64_t first_time_ns = 0;
  std::uint64_t last_time_ns = 0;
  Word128 hash;
  RowBytes image;
};

// Shape: SQLite would read each of a page's bytes into its cache and copy it from there; here the kernel copies it to where
//        it is wanted. The file is hostile: nothing is returned where anything is not as SQLite writes it. Then the caller
//        asks SQLite, which says what is wrong; and an image must be checked as any other.
//        Not for more than one thread at a time.
// Source: https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1.
class PageRows {
 public:
  // Of a database's table with that root. Nothing if there is no file, or it is laid out in another way.
  static std::optional<PageRows> of(OwnedFd file, std::uint64_t root);

  std::optional<PageRow> find(std::uint64_t first_seq) const;
  // The last row that begins at or before an event.
  std::optional<PageRow> find_last(std::uint64_t seq) const;
  // Reads a row's image, of row.image.bytes bytes; false if it is not there.
  bool read_image(const PageRow& row, std::byte* to) const;

 private:
  // Where a search ended: the last row of its leaf at or before the key, and the last key of what lies before the leaf.
  struct Found {
    std::optional<PageRow> row;
    std::uint64_t before = 0;
  };
  // A leaf, and those of its rows that were looked at: who asks for one row asks for it or its neighbour next.
  struct Leaf {
    std::uint64_t at = 0;
    std::string head;
    std::vector<std::optional<PageRow>> rows;
  };
  PageRows(OwnedFd fd, std::uint64_t bytes, std::uint64_t root) : fd_(std::move(fd)), bytes_(bytes), root_(root) {}
  bool read_at(std::uint64_t at, void* out, std::uint64_t bytes) const;
  std::optional<std::uint64_t> offset_of(std::uint64_t page) const;
  std::optional<std::string> head_of(std::uint64_t page_at) const;
  std::optional<Found> search(std::uint64_t seq) const;
  std::optional<PageRow> last_in_leaf(std::uint64_t seq) const;
  std::optional<PageRow> row_at(std::uint64_t page_at, std::uint64_t cell) const;
  bool read_chain(std::uint64_t page, std::byte* to, std::uint64_t bytes) const;

  OwnedFd fd_;
  std::uint64_t bytes_;
  std::uint64_t root_;
  std::uint64_t page_bytes_ = kDatabasePage_bytes;
  mutable std::map<std::uint64_t, std::string> interior_;  // pages, by where they lie
  mutable std::optional<Leaf> leaf_;                       // the last one that was searched
};

}  // namespace labreel
