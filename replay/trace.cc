#include "replay/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "replay/trace/endings.h"
#include "replay/trace/hop_links.h"
#include "replay/trace/sightings.h"

namespace labreel {
namespace {

TraceLink to_link(const Sightings& found, const HopLink& link) {
  return {link.earlier->seq, found.names(link.later->node), ground_text(found, link), link.reservation};
}

class Tracer {
 public:
  explicit Tracer(const Sightings& found) : found_(found), links_(found) {}

  Trace trace(const Sighting& asked) {
    asked_ = asked.seq;
    const Sighting& root = root_of(asked);
    const auto before = links_.before(root);
    for (const HopLink& link : before) {
      name(*link.earlier, "not followed further back: it may be another packet");
      hop(root).was.push_back(to_link(found_, link));
    }
    if (before.empty()) hop(root).origin = origin_of(found_, root);
    spread(root);
    Trace trace;
    for (auto& [seq, hop] : hops_) trace.hops.push_back(std::move(hop));
    if (too_long_) trace.note = fmt::format("more than {} hops: the rest is not followed", kTraceHops_max);
    if (found_.too_many) trace.note = fmt::format("more than {} frames are like it: the rest was not looked at", kSightings_max);
    return trace;
  }

 private:
  TraceHop& hop(const Sighting& seen) {
    TraceHop& hop = hops_[seen.seq];
    hop.frame = seen.seq;
    hop.asked = seen.seq == asked_;
    return hop;
  }
  void name(const Sighting& seen, const std::string& why) {
    const bool is_new = !hops_.contains(seen.seq);
    TraceHop& named = hop(seen);
    if (is_new) named.ends.push_back({TraceEndKind::not_followed, {}, seen.at, why});
  }
  // Back along links that are certain; a packet that goes round has no end of them.
  const Sighting& root_of(const Sighting& asked) {
    const Sighting* root = &asked;
    for (std::size_t i = 0; i < kTraceHops_max; ++i) {
      const auto before = links_.before(*root);
      if (before.size() != 1 || !before.front().certain()) break;
      root = before.front().earlier;
    }
    return *root;
  }
  // No recursion: a hostile recording could make it deep.
  void spread(const Sighting& root) {
    std::vector<const Sighting*> pending{&root};
    followed_.insert(root.seq);
    while (!pending.empty()) {
      const Sighting& here = *pending.back();
      pending.pop_back();
      follow(here, pending);
    }
  }
  void follow(const Sighting& here, std::vector<const Sighting*>& pending) {
    if (here.copies.empty()) {
      hop(here).ends.push_back({TraceEndKind::unknown, {}, here.at, "nothing is recorded of who received it"});
    }
    hop(here);
    std::set<NodeId> looked_at;
    for (const CopyFate& copy : here.copies) {
      const bool arrived = copy.delivered();
      if (arrived && !looked_at.insert(copy.node).second && sent_on_.contains({here.seq, copy.node})) continue;
      const auto next = arrived ? links_.after(here, copy.node) : std::vector<HopLink>{};
      const bool goes_on = std::any_of(next.begin(), next.end(), [](const HopLink& link) { return link.certain(); });
      if (goes_on) sent_on_.insert({here.seq, copy.node});
      for (const HopLink& link : next) add(link, pending);
      if (!goes_on) hop(here).ends.push_back(ending_of(found_, here, copy, next));
    }
  }
  void add(const HopLink& link, std::vector<const Sighting*>& pending) {
    const Sighting& later = *link.later;
    if (hops_.size() >= kTraceHops_max && !hops_.contains(later.seq)) {
      too_long_ = true;
      return;
    }
    const bool is_new = link.certain() && followed_.insert(later.seq).second;
    if (is_new) hop(later).ends.clear();  // another frame only may have become it
    if (!link.certain()) {
      name(later, fmt::format("not followed further: it may be another packet (labreel events --trace {})", later.seq.value));
    }
    TraceHop& next = hop(later);
    const auto same = [&](const TraceLink& was) { return was.earlier == link.earlier->seq; };
    if (std::none_of(next.was.begin(), next.was.end(), same)) {
      next.was.insert(link.certain() ? next.was.begin() : next.was.end(), to_link(found_, link));
    }
    if (is_new) pending.push_back(&later);
  }

  const Sightings& found_;
  HopLinks links_;
  Seq asked_;
  std::map<Seq, TraceHop> hops_;
  std::set<Seq> followed_;
  std::set<std::pair<Seq, NodeId>> sent_on_;
  bool too_long_ = false;
};

}  // namespace

std::string_view name_of(TraceEndKind kind) {
  switch (kind) {
    case TraceEndKind::delivered:
      return "delivered";
    case TraceEndKind::to_group:
      return "to-group";
    case TraceEndKind::not_for_it:
      return "not-for-it";
    case TraceEndKind::not_sent_on:
      return "not-sent-on";
    case TraceEndKind::not_followed:
      return "not-followed";
    case TraceEndKind::uncertain:
      return "uncertain";
    case TraceEndKind::dropped:
      return "dropped";
    case TraceEndKind::in_flight:
      return "in-flight";
    case TraceEndKind::unknown:
      return "unknown";
  }
  return {};
}

Result<Trace> trace_packet(const EventLog& log, Seq frame, const RecordedPorts& recorded) {
  const auto found = find_sightings(log, frame, recorded);
  if (!found) return found.error();
  const auto asked = std::find_if(found->all.begin(), found->all.end(), [&](const Sighting& s) { return s.seq == frame; });
  if (asked == found->all.end()) {
    return Error{ErrorKind::input, "the frame's port was never added", fmt::format("event {}", frame.value), {}};
  }
  return Tracer{*found}.trace(*asked);
}

}  // namespace labreel
