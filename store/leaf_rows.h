// LeafRows: the rows that lie in a SQLite file's leaves, read without SQLite and without the tree above them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/os/owned_fd.h"
#include "store/sqlite_layout.h"

namespace labreel {

// Where bytes of a row lie: `from` and `bytes` within its payload, which begins at a byte of the file and goes on in a
// chain of overflow pages.
struct RowBytes {
  std::uint64_t at = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t from = 0;
  std::uint64_t bytes = 0;
};

struct LeafColumn {
  using Type = ColumnType::Kind;
  Type type = Type::null;
  std::uint64_t number = 0;  // of an integer without bytes: SQLite has types that mean 0 and 1
  RowBytes place;
};

struct LeafRow {
  std::uint64_t rowid = 0;
  std::vector<LeafColumn> columns;
};

// Shape: of a database with that page size, one of a reel's. The file is hostile: nothing is believed but that a row may be there;
//        who uses one must check it.
// Source: https://www.sqlite.org/fileformat2.html, sections 1.6 and 2.1.
class LeafRows {
 public:
  // Nothing if there is no file.
  static std::optional<LeafRows> of(OwnedFd file, std::uint64_t page_bytes = kDatabasePage_bytes);

  std::uint64_t file_bytes() const { return bytes_; }
  // Calls `found` with each row that can be made out, in the order in which they lie in the file.
  void each(const std::function<void(const LeafRow&)>& found) const;
  // Nothing if the row is cut off or its chain leads nowhere.
  std::optional<std::string> read(const RowBytes& place) const;
  std::optional<std::uint64_t> number(const LeafColumn& column) const;

 private:
  LeafRows(OwnedFd fd, std::uint64_t bytes, std::uint64_t page_bytes)
      : fd_(std::move(fd)), bytes_(bytes), page_bytes_(page_bytes) {}
  bool read_at(std::uint64_t at, void* out, std::uint64_t bytes) const;
  void each_of(std::uint64_t page_at, const std::string& page, const std::function<void(const LeafRow&)>& found) const;
  std::optional<LeafRow> row_at(std::uint64_t page_at, const std::string& page, std::uint64_t cell) const;

  OwnedFd fd_;
  std::uint64_t bytes_ = 0;
  std::uint64_t page_bytes_;
};

}  // namespace labreel
