// Blobs: what is large beside a recording (layers of images, snapshots), in chunks that are stored once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "store/digest.h"
#include "store/reel_files.h"
#include "store/sealed_write.h"

namespace labreel {

inline constexpr std::uint64_t kBlobBytes_max = 1 << 20;       // of one chunk, unpacked
inline constexpr std::uint64_t kBlobUses_max = 4'000'000;      // of one reel
inline constexpr std::uint64_t kBlobNameBytes_max = 1'024;     // of an owner or a role
inline constexpr std::uint64_t kBlobListBytes_max = 512 << 20;  // of what a reader remembers of all uses

// Where a chunk belongs: at an offset of one thing, which has an owner and a role for it ("image sha256:…", "layer 1").
// What is between two chunks is zeros.
struct BlobUse {
  std::string owner;
  std::string role;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  Sha256 hash{};  // of the chunk
  std::uint64_t row = 0;    // its own, in blob_use
  std::uint64_t chunk = 0;  // the chunk's row, in blob
  bool operator==(const BlobUse&) const = default;
};

// Puts chunks into a sealed reel, all or none: one transaction. The digest does not change.
class BlobWriter {
 public:
  // Makes the tables if they are not there. Errors: as SealedWrite::begin's.
  static Result<std::unique_ptr<BlobWriter>> open(const std::string& reel);
  ~BlobWriter();

  // Adds a chunk; one that the reel has already is not stored again.
  //
  // Errors: an empty chunk or one longer than kBlobBytes_max, a name that is empty or too long, one use too many; a disk
  //         that is full. Whether uses of one thing overlap is found by check().
  Status put(std::string_view owner, std::string_view role, std::uint64_t offset, std::string_view content);
  // Errors: nothing was written then.
  Status commit();

 private:
  struct Statements;
  explicit BlobWriter(const std::string& reel, std::unique_ptr<SealedWrite> into);
  std::uint64_t id_of(std::string_view content, const Sha256& hash);

  std::string reel_;
  std::unique_ptr<SealedWrite> into_;
  std::unique_ptr<Statements> statements_;
  std::map<Sha256, std::uint64_t> ids_;
  std::uint64_t last_id_ = 0;
  std::uint64_t uses_ = 0;
};

// The chunks of one reel, read only.
class Blobs {
 public:
  // Reads the list; a reel without blobs has an empty one.
  //
  // Errors: not a reel; a use that its guard does not vouch for, or of a chunk that is not there; uses of one thing that
  //         overlap; more than the limits.
  // Source: FORMAT.md, "Blobs".
  static Result<Blobs> open(const std::string& reel);
  static Result<Blobs> open(const ReelFiles& files);
  ~Blobs();
  Blobs(Blobs&&) noexcept;

  // By owner, role and offset.
  const std::vector<BlobUse>& uses() const { return uses_; }
  // Errors: a chunk that is damaged.
  Result<std::string> read(const BlobUse& use) const;

 private:
  struct State;
  explicit Blobs(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  std::vector<BlobUse> uses_;
};

}  // namespace labreel
