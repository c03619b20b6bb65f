#include "replay/sql/reel_facts.h"

#include "replay/projection/search.h"

namespace labreel {

std::optional<std::string> ReelFacts::name_of(PortId port) {
  if (port == kNoPort) return std::nullopt;
  if (!last_) last_ = topology_before(log_.last().next());
  return last_->name_of(port);
}

const FinalOutcomes& ReelFacts::outcomes() {
  if (outcomes_) return *outcomes_;
  outcomes_.emplace();
  const Status read = read_events(log_, kFirstSeq, kLastSeq, [&](const Event& event) {
    outcomes_->take(event);
    return true;
  });
  if (!read) note_damage(read.error());
  outcomes_->finish();
  return *outcomes_;
}

Topology ReelFacts::topology_before(Seq seq) {
  if (seq <= kFirstSeq) return {};
  const Seq before{seq.value - 1};
  if (lab_.seek(before).ok()) return lab_.lab().fabric.topology();
  // Behind a gap, or where the switch would not have it so: the names at least are known from the effects.
  Names names;
  const Status read = read_events(log_, kFirstSeq, before, [&](const Event& event) {
    names.follow(event);
    return true;
  });
  if (!read) note_damage(read.error());
  return names.topology();
}

void ReelFacts::note_damage(const Error& error) {
  if (!damage_) damage_ = error;
}

}  // namespace labreel
