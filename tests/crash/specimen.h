// Specimen: a finished recording's files, damaged in one place after another, and what must be noticed of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "prefix.h"

namespace labreel {

enum class SpecimenState {
  sealed,     // the reel alone
  in_ring,    // nothing was committed yet
  cut_off,    // pages that were committed, and a ring with the events behind them
  in_commit,  // a hot journal too: the recorder died while it wrote a transaction
};
enum class SpecimenFile { reel, journal, ring };

// How one damaged reel reads.
struct Reading {
  bool was_noticed = false;  // false: it reads and checks exactly as before the damage
  std::string place;         // of what was noticed
  std::uint64_t events = 0;  // that were read, an exact prefix
  Complaint complaint;       // neither noticed nor inert, not a prefix, or noticed without a place
};

// A page's image in the reel's file.
struct PagePlace {
  std::uint64_t number;
  std::uint64_t first_seq;
  std::uint64_t last_seq;
  std::uint64_t at;
  std::uint64_t bytes;
};

// Shape: events of a Load of the given seed, and two host notes. A damage is undone by restore().
class Specimen {
 public:
  Specimen(SpecimenState state, std::uint64_t seed, std::uint64_t events, std::size_t page_bytes = 1024);

  const std::string& path() const { return path_; }
  std::string path_of(SpecimenFile file) const;
  std::uint64_t events() const { return whole_.events; }
  std::uint64_t committed() const { return committed_; }
  const Load& load() const { return load_; }
  const std::string& bytes_of(SpecimenFile file) const { return files_[static_cast<std::size_t>(file)]; }
  // Where the pages lie; only those that no other page of the database splits.
  std::vector<PagePlace> pages() const;
  // How many events can be read if only so many pages of the database are there: those of which no byte lies behind.
  std::vector<std::uint64_t> events_by_length() const;

  void flip(SpecimenFile file, std::uint64_t at, std::uint8_t mask);
  void cut(SpecimenFile file, std::uint64_t bytes);
  void blank(SpecimenFile file, std::uint64_t at, std::uint64_t bytes);
  void restore(SpecimenFile file);

  // Reads, and if nothing is noticed also checks, what is there now.
  Reading read() const;

 private:
  struct Whole {
    std::uint64_t events = 0;
    std::vector<HostNote> notes;
    std::string why;
    std::string digest;
  };
  void record(SpecimenState state, std::uint64_t events, std::size_t page_bytes);
  Complaint difference(const ReelReader& reader, std::uint64_t events) const;

  ScratchFolder folder_;
  std::string path_;
  Load load_;
  std::string files_[3];
  Whole whole_;
  std::uint64_t committed_ = 0;
};

}  // namespace labreel
