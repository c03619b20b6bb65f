#include "replay/port_interest.h"

#include <algorithm>
#include <variant>

namespace labreel {
namespace {

// How long after its due time a copy may still be refused by its node: the loop is late at most so much.
constexpr std::uint64_t kRefusalMax_ns = 10'000'000'000;

}  // namespace

bool PortInterest::is_asked_for(std::string_view name) const {
  return name == port_ || (!node_prefix_.empty() && name.starts_with(node_prefix_));
}

bool PortInterest::concerns(const Event& event) {
  // What is removed must be looked at while it is there, what is added once it is.
  const bool before = body_concerns(event);
  names_.follow(event);
  const bool concerns = before || (event.kind() <= EventKind::lan_left && body_concerns(event));
  remember(event, concerns);
  return concerns;
}

// The port's own cable: a cut of its peer's end is one of its own.
bool PortInterest::is_on_cable(PortId port) const {
  const auto peer = names_.topology().peer_of(port);
  return is_port(port) || (peer && is_port(*peer));
}

bool PortInterest::body_concerns(const Event& event) {
  const Topology& lab = names_.topology();
  const auto is_node = [&](NodeId node) {
    const std::string prefix = names_(node) + ":";
    return prefix == node_prefix_ || port_.starts_with(prefix);
  };
  const auto is_lan = [&](LanId id) {
    const LanInfo* lan = lab.find(id);
    return lan != nullptr && std::any_of(lan->ports.begin(), lan->ports.end(), [&](PortId p) { return is_port(p); });
  };
  return std::visit(
      [&](const auto& e) -> bool {
        using Body = std::decay_t<decltype(e)>;
        if constexpr (std::is_same_v<Body, Frame>) {
          return is_port(e.port) ||
                 std::any_of(e.copies.begin(), e.copies.end(), [&](const Copy& c) { return is_port(c.port); });
        } else if constexpr (std::is_same_v<Body, Outcome>) {
          return is_port(e.port) || frames_of_port_.contains(e.frame);
        } else if constexpr (std::is_same_v<Body, Command>) {
          return std::any_of(e.arguments.begin(), e.arguments.end(), [&](const auto& word) { return is_asked_for(word); });
        } else if constexpr (std::is_same_v<Body, CommandDone>) {
          return commands_.contains(event.cause);
        } else if constexpr (std::is_same_v<Body, LinkAdded>) {
          return is_port(e.ports[0]) || is_port(e.ports[1]);
        } else if constexpr (std::is_same_v<Body, LinkRemoved>) {
          const LinkInfo* link = lab.find(e.link);
          return link != nullptr && (is_port(link->added.ports[0]) || is_port(link->added.ports[1]));
        } else if constexpr (std::is_same_v<Body, LinkUp> || std::is_same_v<Body, LinkDown> ||
                             std::is_same_v<Body, LinkChanged> || std::is_same_v<Body, PortRemoved>) {
          return is_on_cable(e.port);
        } else if constexpr (std::is_same_v<Body, LanRemoved>) {
          return is_lan(e.lan);
        } else if constexpr (requires { e.port; }) {
          return is_port(e.port);
        } else if constexpr (std::is_same_v<Body, NodeStarting> || std::is_same_v<Body, NodeStarted> ||
                             std::is_same_v<Body, NodeStopped> || std::is_same_v<Body, NodePaused> ||
                             std::is_same_v<Body, NodeResumed> || std::is_same_v<Body, NodeRemoved> ||
                             std::is_same_v<Body, NodeAdded>) {
          return is_node(e.node);
        } else if constexpr (requires { e.node; }) {
          return !node_prefix_.empty() && is_node(e.node);  // what was run on a node concerns it, but no single port
        } else {
          return false;
        }
      },
      event.body);
}

void PortInterest::remember(const Event& event, bool concerns) {
  if (event.kind() == EventKind::command_done) commands_.erase(event.cause);
  if (!concerns) return;
  if (event.kind() == EventKind::command) commands_.insert(event.seq);
  const auto* frame = std::get_if<Frame>(&event.body);
  if (frame == nullptr || !is_port(frame->port)) return;
  LabTime due = event.time;
  for (const Copy& copy : frame->copies) due = std::max(due, copy.due);
  frames_of_port_.emplace(event.seq, due);
  // Frames of one port come due nearly in order, so that looking at the oldest keeps the map small.
  while (frames_of_port_.begin()->second.ns < event.time.ns - std::min(event.time.ns, kRefusalMax_ns)) {
    frames_of_port_.erase(frames_of_port_.begin());
  }
}

}  // namespace labreel
