#include "replay/lab_edges.h"

namespace labreel {

std::string_view name_of(Edge edge) {
  if (edge == Edge::none) return {};
  return edge == Edge::start ? "start" : "stop";
}

void LabEdges::follow(const Event& event) {
  if (const auto* added = std::get_if<PortAdded>(&event.body)) {
    node_of_[added->port] = added->node;
  } else if (const auto* started = std::get_if<NodeStarted>(&event.body)) {
    started_.insert(started->node);
  } else if (std::holds_alternative<LabBegun>(event.body)) {
    is_stopping_ = false;
    started_.clear();
  } else if (const auto* command = std::get_if<Command>(&event.body)) {
    // The recorder's own, before it stops the nodes; a person stops a lab from outside of it.
    is_stopping_ = is_stopping_ || (command->verb == "stop" && command->by == OriginKind::run);
  }
}

Edge LabEdges::of(Reason reason, PortId receiver) const {
  if (reason == Reason::lab_ended) return Edge::stop;
  if (is_stopping_) {
    return reason == Reason::refused_by_node || reason == Reason::node_stopped ? Edge::stop : Edge::none;
  }
  const auto node = node_of_.find(receiver);
  const bool waits = reason == Reason::node_stopped && node != node_of_.end() && !started_.contains(node->second);
  return waits ? Edge::start : Edge::none;
}

}  // namespace labreel
