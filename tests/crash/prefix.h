// What every accident must leave: a reel whose readable events are an exact prefix of what was appended.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "load.h"
#include "store/reel_reader.h"

namespace labreel {

// What is wrong, for people; empty if nothing is.
using Complaint = std::string;

// A folder that goes away with its files, unless it is kept to be looked at.
class ScratchFolder {
 public:
  static inline bool keeps_failed = true;  // false where failures are expected: of planted bugs
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }
  bool is_empty() const { return std::filesystem::is_empty(path_); }
  // After a failure.
  void keep() { kept_ = keeps_failed; }

 private:
  std::filesystem::path path_;
  bool kept_ = false;
};

// A file's bytes; none if it is not there.
std::string content_of(const std::string& path);

// What a reader found in a reel.
struct Prefix {
  std::uint64_t events = 0;
  ReelEnd end;
  Complaint complaint;
};

// Reads a whole reel: every event the load's own, numbered without holes or doubles, none behind the end that the reader
// states, an error only where the reader says that the reel is damaged, and the digest as its definition gives it.
Prefix read_prefix(const std::string& path, const Load& load);

// Says what check_reel() finds in a reel that was cut off but must be whole, or that its counts are not the prefix's.
Complaint check_complaint(const std::string& path, const Prefix& prefix, const Load& load);

// Repairs a reel into a new file, which must be sealed, whole, and have the same events; the original must not change.
Complaint repair_complaint(const std::string& path, const std::string& output, const Prefix& prefix, const Load& load);

}  // namespace labreel
