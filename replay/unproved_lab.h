// UnprovedLab: what can be said of a lab behind a hole, until a checkpoint tells what the switch knew.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/fabric.h"

namespace labreel {

// Shape: `--lossy` leaves out frames and nothing else, so behind its gap the lab's shape is exact, and so are the copies of
//        recorded frames; what lans learned, queues and draws are not. Behind a gap that damage left, nothing is known.
class UnprovedLab {
 public:
  // `fabric` is the lab's right before the gap; take() keeps its shape. Nothing flies in it any more.
  UnprovedLab(Fabric& fabric, const Event& gap, bool has_ended);

  void take(const Event& event);

  // The copies that the recording leaves in flight at its end, as outcomes of a lab that ended there, in order; nothing if
  // the lab's shape is not known.
  std::optional<std::vector<Outcome>> flying(LabTime end) const;

 private:
  struct Flight {
    PortId to;
    LabTime due;
  };
  void take_frame(const Event& event, const Frame& frame);
  void drop_landed(LabTime at);
  void apply(const EventBody& effect, LabTime at);

  Fabric& fabric_;
  bool is_known_ = true;
  std::map<std::pair<Seq, std::uint32_t>, Flight> flights_;  // by frame and copy; some may have come due
  std::size_t look_at_ = 1024;                               // so many flights: see which have come due
};

}  // namespace labreel
