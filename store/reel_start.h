// ReelStart: where a writer begins: in an empty file, or behind what a reel holds.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/os/owned_fd.h"
#include "store/digest.h"
#include "store/reel_file.h"
#include "store/reel_index.h"

namespace labreel {

struct ReelStart {
  Word128 lab_id;
  std::unique_ptr<ReelFile> file;
  LabTime last_time = {};
  std::uint64_t last_seq = 0;
  std::vector<std::uint64_t> page_seqs = {};  // the first seq of each page
  Word128 last_hash = {};                     // of the last page
  std::vector<HostNote> notes = {};
  DigestChain digest = {};
  IndexBuilder index = {};
};

// A reel that is whole and ours to go on with: its file holds every event.
struct ReopenedReel {
  ReelStart start;
  bool is_sealed = false;
  OwnedFd guard;     // held as long as the reel is written: who else would go on with it finds it locked
  OwnedFd old_ring;  // held until a new ring has its name: readers see that something happens
};

// Makes the tables of a reel in an empty file. Errors: std::system_error.
std::unique_ptr<ReelFile> create_reel_file(const std::string& path, const Word128& lab_id);

// Reads and checks a reel, rolls its journal back, and commits what a dead recorder's ring still held.
//
// Errors: damage; a reel that is recorded, or continued, right now. The file is not touched then. std::system_error if it
//         cannot be written: all that was in reel, journal and ring is still there.
Result<ReopenedReel> reopen_reel(const std::string& path);

// Takes a sealed reel's seal off: the last step, for which the new ring must be in its place.
//
// Errors: std::system_error; the reel is sealed as before then.
void unseal(const std::string& path, ReelFile& file);

}  // namespace labreel
