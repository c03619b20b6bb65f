// SealedWrite: one transaction in a reel that is sealed: its events stay as they are.
#pragma once

#include <memory>
#include <string>

#include "engine/core/result.h"
#include "engine/os/owned_fd.h"
#include "store/database.h"

namespace labreel {

// Shape: the reel is locked as long as this lives. What is not committed when it goes away is rolled back; no statement on
//        the database may live longer.
class SealedWrite {
 public:
  // Reads and checks all of the reel first.
  //
  // Errors: a reel that is recorded, continued, cut off or damaged: nothing is written into one that a repair could have
  //         had more of. DatabaseError.
  static Result<std::unique_ptr<SealedWrite>> begin(const std::string& path);
  ~SealedWrite();
  SealedWrite(const SealedWrite&) = delete;
  SealedWrite& operator=(const SealedWrite&) = delete;

  Database& database() { return *database_; }
  // Errors: DatabaseError: nothing was written then.
  void commit();

 private:
  SealedWrite(const std::string& path, OwnedFd lock, bool was_small);
  void end();

  std::string path_;
  OwnedFd lock_;
  bool was_small_;
  std::unique_ptr<Database> database_;
};

// What is said of a reel that such a transaction failed in.
Error not_written_into(const std::string& path, const DatabaseError& error);

}  // namespace labreel
