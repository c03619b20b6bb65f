// The files that a reel carries beside its events, in SQLite's own archive table `sqlar`: a lab file, node files, notes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "store/reel_files.h"

namespace labreel {

inline constexpr std::size_t kPackedFiles_max = 10'000;
inline constexpr std::size_t kPackedNameBytes_max = 1'024;
inline constexpr std::uint64_t kPackedFileBytes_max = 256ULL << 20;  // of one
inline constexpr std::uint64_t kPackedBytes_max = 1ULL << 30;        // of all, unpacked

// What is known of a packed file without unpacking it.
struct PackedEntry {
  std::string name;           // relative, with slashes between folders
  std::uint32_t mode = 0644;  // permissions: at most 0777
  std::uint64_t mtime_s = 0;  // since 1970
  std::uint64_t bytes = 0;
  bool operator==(const PackedEntry&) const = default;
};
struct PackedFile {
  PackedEntry about;
  std::string content;
};

// Says whether a name leads to a file beneath the folder that an archive is unpacked into.
//
// Errors: an absolute name, an empty or dotted part (`.`, `..`), a control character, a name or part that is too long.
Status check_packed_name(std::string_view name);

// The packed files of one reel, read only.
class PackedFiles {
 public:
  // Reads the list, in order of name; a reel without packed files has an empty one.
  //
  // Errors: not a reel; a file that is none (a link, a folder), a hostile name, one name twice, a file that is also
  //         another's folder, more or longer files than the limits, which are named.
  // Source: FORMAT.md, "Packed files".
  static Result<PackedFiles> open(const std::string& reel);
  // The same, of files that were taken before.
  static Result<PackedFiles> open(const ReelFiles& files);
  ~PackedFiles();
  PackedFiles(PackedFiles&&) noexcept;

  const std::vector<PackedEntry>& entries() const { return entries_; }
  const PackedEntry* find(std::string_view name) const;
  // Unpacks one. Errors: content that is not what the entry and its guard say; memory is bounded by the entry's length.
  Result<std::string> read(const PackedEntry& entry) const;

 private:
  struct State;
  explicit PackedFiles(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  std::vector<PackedEntry> entries_;
};

enum class PackedBefore { refuse, replace };  // another file of the same name that the reel has already

// Puts files into a sealed reel, all or none: one transaction, so a kill in the middle leaves the reel as it was. The
// digest does not change. `next` gives one file after another and false at the end. A file that is packed already, the
// same byte for byte, is left as it is.
//
// Shape:  returns how many files were written.
// Errors: a reel that is recorded, cut off or damaged; what PackedFiles::open refuses; `next`'s own; a full disk, as
//         Error{host}. The reel is as before then.
Result<std::size_t> pack_files(const std::string& reel, const std::function<Result<bool>(PackedFile&)>& next,
                               PackedBefore before);

}  // namespace labreel
