// ReelFiles: a reel and what lies beside it, opened once: whoever has them needs none of their names any more.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/core/result.h"
#include "engine/os/owned_fd.h"

namespace labreel {

// Shape: descriptors of the reel, of its ring and of a hot journal, all for reading; copies share them. Taking them is all of
//        the reading of a reel that needs names. What is done with them afterwards opens, makes, writes, cuts and removes
//        nothing: a process may give up all of that between take() and ReelReader::open().
class ReelFiles {
 public:
  // Errors: not there, not to be read, not a file, empty; a live recorder; a journal that cannot be looked at.
  static Result<ReelFiles> take(const std::string& path);

  const std::string& path() const { return files_->path; }  // for words alone
  std::uint64_t size() const { return files_->size; }
  int reel() const { return files_->reel.get(); }
  // -1 if there is none.
  int journal() const { return files_->journal.get(); }
  int ring() const { return files_->ring.get(); }
  // Why a ring that is there could not be opened; 0 if it was, or there is none.
  int ring_errno() const { return files_->ring_errno; }
  // One more descriptor of the reel, which its owner closes.
  OwnedFd reel_again() const;
  OwnedFd journal_again() const;

 private:
  struct Held {
    std::string path;
    std::uint64_t size = 0;
    OwnedFd reel;
    OwnedFd journal;
    OwnedFd ring;
    int ring_errno = 0;
  };
  explicit ReelFiles(std::shared_ptr<const Held> files) : files_(std::move(files)) {}
  std::shared_ptr<const Held> files_;
};

// Says whether a journal beside the reel must be rolled back before the reel can be read.
//
// Errors: std::system_error if there is one that cannot be looked at: without it the reel may be half of a transaction.
bool has_hot_journal(const std::string& path);

// The format version that a file's first bytes name. Errors: not there, not to be read, empty, not a reel.
Result<std::uint32_t> format_version_of(const std::string& path);
Result<std::uint32_t> format_version_of(const ReelFiles& files);
// Errors: a newer format, or none.
Status check_version(const std::string& path, std::uint32_t version);
// Says that the file is shorter than its first bytes promise, if it is.
std::optional<Error> find_cut(const ReelFiles& files);

// Puts the reel's path before an error's place, which is within the reel.
Error placed_in(const std::string& path, Error error);

// What is said of a reel whose recorder runs.
Error recorded_now(const std::string& path, const std::string& control_socket);

}  // namespace labreel
