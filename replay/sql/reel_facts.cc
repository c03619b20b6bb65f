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

Edge ReelFacts::edge_of(Seq frame, std::uint32_t copy) {
  if (!edges_) {
    edges_.emplace();
    LabEdges edges;
    const auto keep = [&](Seq of, std::uint32_t number, Reason reason, PortId receiver) {
      const Edge edge = reason == Reason::none ? Edge::none : edges.of(reason, receiver);
      if (edge != Edge::none) edges_->insert_or_assign({of, number}, edge);
    };
    const Status read = read_events(log_, kFirstSeq, kLastSeq, [&](const Event& event) {
      edges.follow(event);
      if (const auto* outcome = std::get_if<Outcome>(&event.body)) {
        keep(outcome->frame, outcome->copy, outcome->reason, outcome->port);
      } else if (const auto* sent = std::get_if<Frame>(&event.body)) {
        std::uint32_t number = 0;
        for (const Copy& each : sent->copies) keep(event.seq, number++, each.reason, each.port);
      }
      return true;
    });
    if (!read) note_damage(read.error());
  }
  const auto found = edges_->find({frame, copy});
  return found == edges_->end() ? Edge::none : found->second;
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
