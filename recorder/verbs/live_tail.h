// LiveTail: the events of a reel that is still being recorded, as they come.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "recorder/control/control_client.h"
#include "store/page.h"

namespace labreel {

// Shape: holds one page at a time, however long the recording is. What a Frame body borrows lives while `take` runs.
class LiveTail {
 public:
  explicit LiveTail(ControlClient recorder) : recorder_(std::move(recorder)) {}

  // Gives every event that was appended since the last call; false as soon as `take` wants no more.
  //
  // Errors: Error{lab} if the recorder is gone: the rest, from next() on, is in the file.
  Result<bool> read_new(const std::function<bool(const Event&)>& take);
  // Waits until the recorder says that there may be more; false if that is not within `patience`.
  //
  // Shape: a recorder of an older version cannot say it: there is a look after each `patience`.
  // Errors: as read_new(), and at the lab's end.
  Result<bool> wait_for_more(std::chrono::milliseconds patience);
  Seq next() const { return next_; }

 private:
  Result<bool> read_page(const std::string& image, const std::function<bool(const Event&)>& take);

  ControlClient recorder_;
  std::optional<bool> tells_;  // of news; nothing: not yet asked to
  PageBuffer buffer_;
  std::uint64_t page_ = 0;  // the first that is not read to its end
  Seq next_{1};
};

}  // namespace labreel
