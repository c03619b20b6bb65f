// The ring: a preallocated, shared-mapped file beside the reel that holds every event whose COMMIT has not returned.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "engine/os/owned_fd.h"
#include "store/format.h"

namespace labreel {

inline constexpr std::uint64_t kRingBytesMax = std::uint64_t{1} << 30U;

// A place in the ring and the event that begins there. Positions only grow; position % ring bytes is the place.
struct RingPoint {
  std::uint64_t position = 0;
  std::uint64_t seq = 1;
  bool operator==(const RingPoint&) const = default;
};

// What a ring says of its recorder.
struct RingOwner {
  Word128 lab_id;
  std::uint32_t pid = 0;
  std::string boot_id;         // of the machine's run: another one means that the machine stopped
  std::string control_socket;  // may be empty
  std::uint16_t version = static_cast<std::uint16_t>(kFormatVersion);
};

// The recorder's side.
//
// Shape: one thread writes entries (claim, publish), another one gives their room back (release). The data are mapped
//        twice, one behind the other, so that no entry is ever split.
// Errors: create() throws std::system_error.
// Source: FORMAT.md, "The ring".
class Ring {
 public:
  // Makes, preallocates and locks the file, for events from `first_seq` on. Units: `bytes` is rounded up to 4 KiB.
  Ring(const std::string& path, std::uint64_t bytes, const RingOwner& owner, std::uint64_t first_seq = 1);
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  std::uint64_t size() const { return bytes_; }
  // The writing thread's: memory for `bytes` more, or null while there is no room.
  std::byte* claim(std::uint64_t bytes) {
    if (head_ + bytes - tail_seen_ > bytes_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (head_ + bytes - tail_seen_ > bytes_) return nullptr;
    }
    return data_ + head_ % bytes_;
  }
  // Completes an entry that was written into claimed memory: its check, then its publication.
  void publish(std::byte* entry, std::uint64_t bytes, std::uint64_t seq);

  // Any thread's.
  std::uint64_t published() const { return live_->published.load(std::memory_order_acquire); }
  const std::byte* at(std::uint64_t position) const { return data_ + position % bytes_; }
  std::uint64_t released() const { return tail_.load(std::memory_order_acquire); }

  // The committing thread's: everything before `point` is in the reel.
  void release(const RingPoint& point);
  // The committing thread's: takes the page faults of the room ahead, so that the writing thread has none. Only an
  // optimisation: where the kernel cannot, the writing thread takes them.
  void prepare();
  // Keeps host notes until they are committed. False if there is no room: the note then only lives in memory till then.
  bool keep_note(std::uint64_t number, const HostNote& note);
  void drop_notes();
  // Notes for readers that this many events found no room.
  void set_refused(std::uint64_t events);

  // Gives the file another name, over an older ring.
  //
  // Errors: std::system_error.
  void rename_file(const std::string& path);
  void remove_file();

 private:
  friend class RingFile;
  struct Live {
    alignas(64) std::atomic<std::uint64_t> published;
    alignas(64) std::atomic<std::uint64_t> turn;  // points[turn % 2] holds
    RingPoint points[2];
    alignas(64) std::atomic<std::uint64_t> notes_bytes;
    std::atomic<std::uint64_t> refused;
  };
  void map(int fd);
  void write_head(const RingOwner& owner, std::uint64_t first_seq);
  void unmap();
  void fetch_room(std::uint64_t bytes) const;

  std::string path_;
  OwnedFd fd_;
  std::uint64_t bytes_;
  std::uint64_t head_ = 0;
  std::uint64_t tail_seen_ = 0;
  std::uint64_t prepared_ = 0;
  std::uint32_t key_;
  std::byte* data_ = nullptr;
  std::byte* file_head_ = nullptr;
  Live* live_ = nullptr;
  alignas(64) std::atomic<std::uint64_t> tail_{0};
};

// A dead recorder's ring, read without touching it.
class RingFile {
 public:
  // Says whether the recorder that made the ring still runs, and where it answers.
  static std::optional<std::string> live_owner(const std::string& ring_path);
  // Of an open ring; it is not left locked.
  static std::optional<std::string> live_owner(int ring);

  // Errors: unreadable, or not a ring. Nothing if there is no such file.
  static Result<std::optional<RingFile>> read(const std::string& ring_path);
  static Result<RingFile> read(int ring, const std::string& ring_path);

  const RingOwner& owner() const { return owner_; }
  bool machine_stopped() const;  // rather than the recorder alone
  std::uint64_t refused() const { return refused_; }
  // The first seq that entries() begins with.
  std::uint64_t first_seq() const { return start_.seq; }
  // Every whole entry, one behind the other; how many; and what is wrong if there should be more.
  Bytes entries() const { return Bytes{data_}.first(whole_bytes_); }
  std::uint64_t count() const { return count_; }
  const std::optional<Error>& damage() const { return damage_; }
  struct NumberedNote {
    std::uint64_t number;
    HostNote note;
  };
  const std::vector<NumberedNote>& notes() const { return notes_; }

 private:
  void find_entries(std::uint64_t published);
  void find_notes(Bytes area, std::uint64_t promised);
  void set_damage(const std::string& what, std::uint64_t byte);

  RingOwner owner_;
  RingPoint start_;
  std::vector<std::byte> data_;
  std::uint64_t whole_bytes_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t refused_ = 0;
  std::optional<Error> damage_;
  std::vector<NumberedNote> notes_;
};

}  // namespace labreel
