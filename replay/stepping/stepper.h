// Stepper: where somebody stands in a recording, and how they move. It says nothing as text and knows no keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/event_log.h"
#include "engine/core/result.h"
#include "replay/event_filter.h"
#include "replay/markers.h"
#include "replay/packet_fields.h"
#include "replay/stepping/bookkeeping.h"

namespace labreel {

enum class StepDirection : std::uint8_t { forwards, backwards };

// What a step goes to: the next event of all, the next that the filter passes, or the next frame, filter or not.
enum class StepTo : std::uint8_t { event, shown, frame };

// Shape:  each move returns the event where the stepper stands now, or none if there is nothing in that direction; then,
//         and after an error, it stays where it was.
// Errors: of each move: what the log says of damage.
class Stepper {
 public:
  // Borrows the log. `markers` are the log's own, shared by all who step through it; `start` is one of its events.
  Stepper(const EventLog& log, std::shared_ptr<const Markers> markers, Seq start);

  Seq at() const { return at_; }
  // The event at the position; what a Frame body borrows lives until the log's next event_at().
  Result<Event> event() const { return log_.event_at(at_); }
  const Markers& markers() const { return *markers_; }

  Result<Seq> step(StepTo to, StepDirection direction);
  // Goes to a position as people write it. Errors: those of resolve_position().
  Result<Seq> go_to(std::string_view position);
  // Goes to the nearest marker in a direction.
  Seq go_to_marker(StepDirection direction);

  // Who talks with whom in the frame at the position; none if it is no frame, or one without network addresses.
  Result<std::optional<ConversationKey>> conversation() const;
  // Goes to the nearest frame of a conversation, whether or not the position is one of its frames.
  Result<Seq> follow(const ConversationKey& conversation, StepDirection direction);

  // Shows only some events from now on; the position stays, passed or not.
  //
  // Shape:  `words` are kinds with commas between, or else a filter in libpcap's language; nothing shows everything.
  // Errors: those of EventFilter::make(); the filter stays as it was then.
  Status set_filter(std::string_view words);
  // The filter's words as they were given; empty if everything is shown.
  const std::string& filter_words() const { return filter_words_; }
  // Passes over bookkeeping from now on, where no filter asks for it; null shows it.
  void fold(std::shared_ptr<const Bookkeeping> bookkeeping) { folded_ = std::move(bookkeeping); }
  // The last `count` events before the position that are shown, the earliest first; looks at most at
  // `looked_at_max` events. Errors: damage.
  Result<std::vector<Seq>> shown_before(std::size_t count, std::uint64_t looked_at_max);

 private:
  template <class Passes>
  Result<Seq> move(StepDirection direction, Passes&& passes);
  bool is_shown(const Event& event) { return filter_ ? filter_->passes(event) : !folded_ || !folded_->holds(event.seq); }

  const EventLog& log_;
  std::shared_ptr<const Markers> markers_;
  Seq at_;
  std::string filter_words_;
  std::shared_ptr<const Bookkeeping> folded_;
  std::optional<EventFilter> filter_;  // of kinds or packets only: what passes depends on no event before
};

}  // namespace labreel
