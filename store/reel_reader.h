// ReelReader: reads a reel, sealed or cut off, without ever writing to it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "store/reel_files.h"

namespace labreel {

// How a reel ends.
struct ReelEnd {
  bool complete = false;   // sealed: nothing is missing
  Seq last;                // the last readable event; none if there is none
  bool may_lack_events = false;  // events may have been appended behind `last`, and be lost
  std::string why;         // for people: "sealed", "the recorder was killed; 214 events were read from the ring", …
  std::optional<Error> damage;  // set if bytes are wrong: reading stops before them
};

// SHA-256 of the lab up to and with a seq, in lower-case hex.
using Digest = std::string;

// Shape: events are read in order by a cursor, or from any seq. Damage never aborts and never goes unnoticed: a cursor
//        that meets it returns the error, after every event before it.
// Errors: Error{input} with the place (page, byte). Reels are hostile input.
// Source: store/FORMAT.md.
class ReelReader {
 public:
  // Says whether a recorder is writing this reel right now, and where it answers (its control socket, may be empty).
  static std::optional<std::string> live_recorder_of(const std::string& path);

  // Opens a reel, its ring and journal if the recorder died. Errors: not a reel, empty, truncated before the first
  // page, a newer format (both versions named), a live recorder.
  static Result<ReelReader> open(const std::string& path);
  // The same, of files that were taken before: names, removes and makes nothing.
  static Result<ReelReader> open(const ReelFiles& files);
  // Opens pages that a live recorder sent (ReelWriter::pages_from).
  static Result<ReelReader> from_pages(std::vector<std::string> pages, std::vector<HostNote> notes);

  ~ReelReader();
  ReelReader(ReelReader&&) noexcept;
  ReelReader& operator=(ReelReader&&) noexcept;

  class Cursor {
   public:
    ~Cursor();
    Cursor(Cursor&&) noexcept;
    // Reads the next event into `event`; false at the end. Spans in a Frame body live until the next call.
    Result<bool> next(Event& event);

   private:
    friend class ReelReader;
    struct State;
    explicit Cursor(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };

  // Events from..to, both inclusive; the whole reel by default.
  Cursor events(Seq from = Seq{1}, Seq to = Seq{~std::uint64_t{0}}) const;
  // One event by its number. The Frame body's spans live until the next call of event_at.
  Result<Event> event_at(Seq seq) const;
  // The last event at or before a lab time; Seq{0} if none.
  Result<Seq> last_at_or_before(LabTime time) const;
  // A checkpoint at or before `seq`, the nearest that the reel's index or the pages behind it name; Seq{0} if none.
  // An index may be damaged: the caller looks at the event itself.
  Seq checkpoint_before(Seq seq) const;

  // Gives `see` each page of the reel in order, plain and in one chain: what a reader without SQLite and zstd goes by.
  //
  // Shape:  the bytes live until `see` returns; a reel without compressed pages gives them as they lie in it.
  // Errors: damage, after every page before it; what `see` returns ends the walk.
  Status each_page(const std::function<Status(Bytes)>& see) const;

  const ReelEnd& end() const;
  std::uint32_t format_version() const;
  const std::vector<HostNote>& notes() const;

  // The digest at a seq, computed from the events (not from what the reel claims).
  Result<Digest> digest_at(Seq seq) const;
  // The digest that the sealed reel claims for its end.
  std::optional<Digest> recorded_digest() const;

 private:
  struct State;
  explicit ReelReader(std::unique_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace labreel
