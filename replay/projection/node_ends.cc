#include "replay/projection/node_ends.h"

#include <algorithm>
#include <set>

#include "engine/core/node_death.h"
#include "replay/projection/search.h"

namespace labreel {
namespace {

// How a stop reads: `event` is a node.stopped.
NodeEnd end_of(const EventLog& log, const Event& event) {
  const std::string& why = std::get<NodeStopped>(event.body).why;
  const StopReason reason = stop_reason_of(why);
  if (reason.cause == StopCause::died) return {event.seq, event.time, true, std::string(reason.detail)};
  const auto cause = event.cause.is_none() ? Result<Event>{Event{}} : log.event_at(event.cause);
  const auto* const command = cause ? std::get_if<Command>(&cause->body) : nullptr;
  const bool crashed = command != nullptr && command->verb == kCrashVerb;
  return {event.seq, event.time, crashed, crashed ? "by the command node crash" : why};
}

// What one stretch tells of nodes: those that it names, and the last stop of each that was not started again.
struct Stretch {
  std::set<NodeId> met;
  std::map<NodeId, Event> stops;

  void take(const Event& event) {
    if (const auto* stop = std::get_if<NodeStopped>(&event.body)) {
      met.insert(stop->node);
      stops.insert_or_assign(stop->node, event);
    } else if (const auto* starting = std::get_if<NodeStarting>(&event.body)) {
      met.insert(starting->node);
      stops.erase(starting->node);
    } else if (const auto* added = std::get_if<NodeAdded>(&event.body)) {
      met.insert(added->node);
    }
  }
};

}  // namespace

NodeEnds node_ends(const EventLog& log, const Topology& topology, Seq at) {
  constexpr std::uint64_t kFirstStretch = 256;
  std::set<NodeId> unknown;
  for (const NodeInfo& node : topology.nodes()) {
    if (!node.running && !node.removed) unknown.insert(node.added.node);
  }
  NodeEnds ends;
  std::uint64_t stretch = kFirstStretch;
  for (std::uint64_t to = at.value; to > 0 && !unknown.empty(); stretch *= 2) {
    const std::uint64_t from = to - std::min(to, stretch);  // exclusive
    Stretch met;
    const Status read = read_events(log, Seq{from + 1}, Seq{to}, [&met](const Event& event) {
      met.take(event);
      return true;
    });
    if (!read) return ends;
    for (const auto& [node, stop] : met.stops) {
      if (unknown.contains(node)) ends.emplace(node, end_of(log, stop));
    }
    for (const NodeId node : met.met) unknown.erase(node);
    to = from;
  }
  return ends;
}

}  // namespace labreel
