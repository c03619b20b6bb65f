// ReelWriter: appends a lab's events to a reel. Owns the ring, the pages, the digest and the writer thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"

namespace labreel {

// How a reel is written. The defaults are the ones that users get.
struct ReelOptions {
  std::size_t page_bytes = 256 << 10;         // a jump to an event reads and checks its whole page
  std::size_t ring_pages = 256;               // the ring's size in pages: append waits while it is full
  std::uint64_t commit_bytes = 16 << 20;      // group commit: at the latest after so many bytes …
  std::uint64_t commit_interval_ms = 200;     // … or so much time
  std::string control_socket;                 // where a live recorder answers; kept in the ring for readers
  std::function<void(const std::string& failure)> on_failure;  // called once a failure, by the writer's own thread
};

// The writer's health, read live.
struct WriterState {
  Seq appended;         // the last event that append() returned
  Seq durable;          // the last event whose COMMIT returned
  std::uint64_t waits = 0;     // times that append had to wait for the writer
  std::uint64_t waited_ns = 0;
  std::uint64_t refused = 0;  // events that found no room in the ring after a failure: the reel ends before them
  std::string failure;  // why durability is no longer claimed (disk full, failed fsync); empty while all is well
};

// Shape: one per lab. append() is called from one thread, the loop's; the rest may be called from any. An event may be as
//         long as event_bytes_max().
// Errors: create() throws std::system_error (the file exists, no space, not permitted), and so does append() of an event
//         that is too long (EMSGSIZE; the reel is as before). A write that fails later never throws out of append(): it
//         shows in state().failure and through `on_failure`, and events stay in the ring as long as it has room; nothing
//         recorded before is lost. A full disk is tried again, and the failure goes away when there is room; after any
//         other failure nothing is written any more. When the ring is full too, append() does not wait for ever: from
//         that event on nothing is kept, state().refused counts, and the caller should end the lab.
// Source: store/FORMAT.md.
class ReelWriter final : public EventSink {
 public:
  // Never over an existing file: throws std::system_error with EEXIST.
  static std::unique_ptr<ReelWriter> create(const std::string& path, const ReelOptions& options = {});
  // Goes on with a reel, sealed or cut off, behind its last event: reads and checks all of it, rolls its journal back, puts
  // what a dead recorder's ring held into it, and takes its seal off. Killed at any moment, it has lost nothing.
  //
  // Errors: no reel, a damaged one, one that is recorded or continued right now: nothing is changed then. Throws
  //         std::system_error if the reel cannot be written.
  // Source: FORMAT.md, "Going on with a reel".
  static Result<std::unique_ptr<ReelWriter>> reopen(const std::string& path, const ReelOptions& options = {});
  ~ReelWriter() override;  // without seal(): leaves a cut-off reel, as a kill would

  Seq append(LabTime at, Seq cause, const EventBody& body) override;
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override;
  Seq next_seq() const override;
  void note(std::string_view kind, std::string_view detail) override;

  // The longest payload of one event: half of the ring.
  std::uint64_t event_bytes_max() const;
  // How much of the ring waits for a COMMIT. At 100 append waits.
  unsigned backlog_percent() const;

  // Commits everything, writes digest and indexes, turns three files into one. If that fails, state().failure says why
  // and the three files stay as they are: readable, cut off.
  void seal();
  // Returns what is appended, as page images ready to send to a reader, from page `first` on, at most about `max_bytes`
  // (at least one page if there is one). The last may be a partial page: it will be sent again, longer. Nothing once it
  // is sealed: then the file has it all. Throws std::system_error if a disk that failed does not give a page back.
  std::vector<std::string> pages_from(std::uint64_t first, std::size_t max_bytes);
  // Host notes so far, for live readers.
  std::vector<HostNote> notes_so_far() const;
  WriterState state() const;

 private:
  struct State;
  explicit ReelWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace labreel
