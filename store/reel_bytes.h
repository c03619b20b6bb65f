// ReelBytes: the bytes of a reel's database as they were before the transaction that a dead recorder left half done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "engine/core/result.h"
#include "engine/os/owned_fd.h"

namespace labreel {

// Shape: the reel's file is read where it lies. Where a hot journal beside it has the bytes of a page as they were, those
//        are read, from the journal: nothing is copied, nothing is written, and SQLite, which would act on the file names in
//        a journal, never sees it. Both files are hostile.
//        What was read before may be read again at any time, by any thread.
// Source: https://www.sqlite.org/fileformat2.html, section 3 (the rollback journal), and SQLite's own pager_playback().
class ReelBytes {
 public:
  // Of a database without a journal, or with one that is hot. Units: `reel_bytes` is the file's length.
  //
  // Errors: a journal that no recorder of ours leaves, with its place; one that cannot be read.
  static Result<std::shared_ptr<const ReelBytes>> of(OwnedFd reel, const std::string& path);
  static Result<std::shared_ptr<const ReelBytes>> of(OwnedFd reel, OwnedFd journal, const std::string& path);

  std::uint64_t size() const { return size_; }
  bool is_rolled_back() const { return journal_.is_open(); }
  // Reads bytes, zeros behind the end. Returns how many there were, or -1 and sets errno.
  std::int64_t read(std::uint64_t at, void* to, std::uint64_t bytes) const;

 private:
  ReelBytes(OwnedFd reel, std::uint64_t size) : reel_(std::move(reel)), size_(size) {}
  Status roll_back(OwnedFd journal, const std::string& journal_path);

  OwnedFd reel_;
  OwnedFd journal_;
  std::uint64_t size_;
  std::map<std::uint64_t, std::uint64_t> old_pages_;  // from the page's place in the reel to its place in the journal
};

class ReelFiles;

// Of files that were taken. Errors: as ReelBytes::of.
Result<std::shared_ptr<const ReelBytes>> bytes_of(const ReelFiles& files);

}  // namespace labreel
