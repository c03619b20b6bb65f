#include "recorder/verbs/event_choice.h"

#include "recorder/verbs/verb.h"
#include "replay/position.h"

namespace labreel {

void EventChoice::declare(CLI::App& verb) {
  verb.add_option("REEL", reel, "The reel; default: the newest in this folder");
  verb.add_option("--filter", filter, "Only frames that pass this libpcap filter, such as 'ip proto 89'; in tagged frames: 'arp or (vlan and arp)'");
  verb.add_option("--port", port, "Only what concerns this port, such as r1:eth1; r1 alone: the node and all its ports");
  verb.add_option("--from", from, "From this position: a seq, a marker (cut#2: the second of that name), +12.5s");
  verb.add_option("--to", to, "Up to this position");
}

Seq EventChoice::first(const EventLog& log) const {
  return from.empty() ? kFirstSeq : value_or_throw(resolve_position(log, from));
}

Seq EventChoice::last(const EventLog& log) const {
  return to.empty() ? kLastSeq : value_or_throw(resolve_position(log, to));
}

EventFilter EventChoice::event_filter(const EventLog& log, const std::string& kinds) const {
  FilterOptions options;
  options.filter = filter;
  options.kinds = kinds;
  options.port = port;
  options.from = first(log);
  options.to = last(log);
  return value_or_throw(EventFilter::make(options, log));
}

}  // namespace labreel
