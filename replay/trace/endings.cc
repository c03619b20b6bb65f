#include "replay/trace/endings.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/core/units.h"
#include "engine/text/text.h"

namespace labreel {
namespace {

constexpr std::uint64_t kSoon_ns = 1'000'000'000;

std::string moment(LabTime at) { return format_seconds(at) + " s"; }

// A length of time as people say it.
std::string about(std::uint64_t ns) {
  if (ns >= kSoon_ns) return fmt::format("{:.1f} s", static_cast<double>(ns) / 1e9);
  return ns >= 1'000'000 ? fmt::format("{:.1f} ms", static_cast<double>(ns) / 1e6) : fmt::format("{:.1f} us", static_cast<double>(ns) / 1e3);
}

// Words for one copy's end.
class Ending {
 public:
  Ending(const Sightings& found, const Sighting& frame, const CopyFate& copy, const std::vector<HopLink>& next)
      : found_(found), frame_(frame), copy_(copy), next_(next) {}

  TraceEnd end() const {
    const bool known = copy_.port != kNoPort;
    TraceEnd end{TraceEndKind::dropped, known ? found_.names(copy_.port) : std::string{}, copy_.at, {}};
    if (copy_.reason != Reason::none) {
      end.text = fmt::format("dropped{}: {}", known ? " on its way to " + port() : std::string{}, name_of(copy_.reason));
    } else if (copy_.in_flight) {
      end.kind = TraceEndKind::in_flight;
      end.text = fmt::format("still on its way to {}, due at {}, when the recording {}", port(), moment(copy_.at),
                             found_.complete ? "ends" : "was cut off");
    } else if (!known) {
      end.kind = TraceEndKind::unknown;
      end.text = "it went to a port that was never added";
    } else {
      received(end);
    }
    return end;
  }

 private:
  std::string node() const { return printable(found_.names(copy_.node)); }
  std::string port() const { return printable(found_.names(copy_.port)); }

  void received(TraceEnd& end) const {
    end.text = fmt::format("{} received it at {} on {}", node(), moment(copy_.at), port());
    if (copy_.corrupted) end.text += ", with a bit flipped on the way,";
    if (!next_.empty()) return perhaps(end);
    if (const Relative* on = sent_on_unfollowed()) return unfollowed(end, *on);
    const auto owner = found_.owners.ground(copy_.node, frame_.destination, found_.names.topology());
    const PortInfo* receiver = found_.names.topology().find(copy_.port);
    const bool to_many = (frame_.to[0] & 1U) != 0;
    if (owner) {
      end.kind = TraceEndKind::delivered;
      end.text += fmt::format(": {} is its destination ({}: {})", node(), address_text(frame_.destination), *owner);
    } else if (to_many) {
      end.kind = TraceEndKind::to_group;
      end.text += fmt::format(", one of those that {} is for, and sent nothing like it on", format_mac(frame_.to));
    } else if (receiver != nullptr && receiver->added.mac != frame_.to) {
      end.kind = TraceEndKind::not_for_it;
      end.text += fmt::format(", though it was addressed to {}, and sent nothing like it on", format_mac(frame_.to));
    } else if (!frame_.ttl && frame_.destination.family == AddressFamily::none) {
      end.kind = TraceEndKind::delivered;
      end.text += fmt::format(": {} is its destination (the MAC address is the port's)", node());
    } else {
      end.kind = TraceEndKind::not_sent_on;
      end.text += " and sent nothing like it on";
    }
    add_circumstances(end);
  }
  void perhaps(TraceEnd& end) const {
    end.kind = TraceEndKind::uncertain;
    std::string events;
    for (const HopLink& link : next_) events += fmt::format("{}{}", events.empty() ? "" : " or ", link.later->seq.value);
    end.text += fmt::format(" and may have sent it on as {}", events);
  }
  void unfollowed(TraceEnd& end, const Relative& on) const {
    end.kind = TraceEndKind::not_followed;
    end.text += on.kind == Relative::Kind::fragment
                    ? fmt::format(" and sent event {}, of the same packet in other fragments: fragments are not followed", on.seq.value)
                    : fmt::format(" and sent it inside event {} ({}): what is inside another packet is not followed", on.seq.value,
                                  on.summary);
  }
  void add_circumstances(TraceEnd& end) const {
    if (!found_.not_followed.empty()) {
      end.kind = TraceEndKind::not_followed;
      end.text += fmt::format("; it carries a packet of its own ({}), which is not followed", found_.not_followed);
    }
    const bool lost = end.kind == TraceEndKind::not_sent_on || end.kind == TraceEndKind::not_for_it;
    if (lost && frame_.ttl == 1) end.text += "; its TTL was 1, so it had to end there";
    for (const Relative& relative : found_.relatives) {
      if (relative.kind != Relative::Kind::answer || !is_ours(relative) || !is_quoted(relative.translated)) continue;
      end.text += fmt::format("; it answered with event {} ({})", relative.seq.value, relative.summary);
      break;
    }
    if (!lost && end.kind != TraceEndKind::to_group) return;
    const auto stop = std::find_if(found_.stops.begin(), found_.stops.end(), [&](const NodeStop& each) {
      return each.node == copy_.node && each.at >= copy_.at && each.at.ns - copy_.at.ns < kSoon_ns;
    });
    const std::uint64_t left_ns = found_.end.ns - std::min(found_.end.ns, copy_.at.ns);
    if (stop != found_.stops.end()) {
      end.text += fmt::format("; it stopped {} later", about(stop->at.ns - copy_.at.ns));
    } else if (left_ns < kSoon_ns) {
      end.text += fmt::format("; the {} {} later", found_.complete ? "lab ended" : "recording was cut off", about(left_ns));
    }
    if (found_.first_gap) end.text += fmt::format("; but {} frames of that time are missing in the recording", found_.first_gap->frames);
  }
  // Sent by the receiver, after it had received the frame, with the frame's addresses.
  bool is_ours(const Relative& relative) const {
    return relative.node == copy_.node && relative.at >= copy_.at && relative.source == frame_.source &&
           relative.destination == frame_.destination;
  }
  // A quotation may end before the checksum.
  bool is_quoted(const Translated& quoted) const {
    const Translated& ours = frame_.translated;
    return quoted.source == ours.source && quoted.destination == ours.destination &&
           (!quoted.has_checksum || quoted.checksum == ours.checksum);
  }
  const Relative* sent_on_unfollowed() const {
    for (const Relative& relative : found_.relatives) {
      const bool inside = relative.kind == Relative::Kind::inside_another && relative.node == copy_.node && relative.at >= copy_.at;
      if (inside || (relative.kind == Relative::Kind::fragment && is_ours(relative))) return &relative;
    }
    return nullptr;
  }

  const Sightings& found_;
  const Sighting& frame_;
  const CopyFate& copy_;
  const std::vector<HopLink>& next_;
};

}  // namespace

TraceEnd ending_of(const Sightings& found, const Sighting& frame, const CopyFate& copy, const std::vector<HopLink>& next) {
  return Ending{found, frame, copy, next}.end();
}

std::string origin_of(const Sightings& found, const Sighting& frame) {
  const std::string node = printable(found.names(frame.node));
  for (const Relative& relative : found.relatives) {
    const bool reached = relative.kind != Relative::Kind::answer && relative.at <= frame.at;
    if (reached && relative.kind == Relative::Kind::fragment && relative.source == frame.source) {
      return fmt::format("{} sent it; event {} is of the same packet in other fragments, which are not followed", node, relative.seq.value);
    }
  }
  return fmt::format("{} sent it, and had received nothing like it before", node);
}

}  // namespace labreel
