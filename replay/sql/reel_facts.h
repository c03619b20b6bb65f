// ReelFacts: what the tables of one recording share, each found when a query first needs it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "engine/core/event_log.h"
#include "replay/final_outcomes.h"
#include "replay/lab_edges.h"
#include "replay/names.h"
#include "replay/projection/lab_cursor.h"

namespace labreel {

// Shape: damage ends what is read, as if the recording ended there; damage() then tells of it.
class ReelFacts {
 public:
  explicit ReelFacts(const EventLog& log) : log_(log), lab_(log) {}

  const EventLog& log() const { return log_; }
  // The name of a port, whenever it was there; none for kNoPort.
  std::optional<std::string> name_of(PortId port);
  // What became of each copy: reads the whole recording once.
  const FinalOutcomes& outcomes();
  // Whether a copy was dropped only because the lab started or stopped: reads the whole recording once.
  Edge edge_of(Seq frame, std::uint32_t copy);
  // The lab's shape just before an event.
  Topology topology_before(Seq seq);

  void note_damage(const Error& error);
  const std::optional<Error>& damage() const { return damage_; }

 private:
  const EventLog& log_;
  LabCursor lab_;
  std::optional<Topology> last_;  // as the recording ends: it names all that ever was
  std::optional<FinalOutcomes> outcomes_;
  std::optional<std::map<std::pair<Seq, std::uint32_t>, Edge>> edges_;  // without those that are none
  std::optional<Error> damage_;
};

}  // namespace labreel
