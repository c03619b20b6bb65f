// EventFilter: which events a person asked for, by --filter, --kind, --port, --from and --to.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/event_log.h"
#include "engine/core/result.h"
#include "replay/port_interest.h"

struct bpf_program;

namespace labreel {

// Shape: an empty string asks for nothing. Several of them must all hold.
struct FilterOptions {
  std::string filter = {};  // in libpcap's language; passes only frames
  std::string kinds = {};   // one name, or several with commas between
  std::string port = {};    // "r1:eth1": frames of or to it, and whatever else concerns it; "r1": all ports of a node
  Seq from = kFirstSeq;
  Seq to = kLastSeq;  // both inclusive
};

// Whether frames match an expression of libpcap's, such as "arp or icmp".
// Source: pcap-filter(7).
class FrameFilter {
 public:
  // Errors: Error{usage} with libpcap's own words.
  static Result<FrameFilter> compile(const std::string& expression);
  bool passes(const Frame& frame) const;

 private:
  struct Free {
    void operator()(bpf_program* program) const;
  };
  std::shared_ptr<const bpf_program> program_;
};

// Returns what libpcap calls a word of Wireshark's display filters that is in `expression`, as a hint; or nothing.
std::string hint_for_display_filter(std::string_view expression);

// Every port that a recording ever had: "r1:eth1". Reads the whole recording.
Result<std::vector<std::string>> ports_of(const EventLog& log);

// Shape: passes() is asked of every event in order, also of those before `from`: what concerns a port is known from
//        the events before.
class EventFilter {
 public:
  // Shape:  `ports` is what `options.port` may name; used only if it names one.
  // Errors: Error{usage}: a filter that libpcap refuses, an unknown kind or port (with the nearest), from beyond to.
  static Result<EventFilter> make(const FilterOptions& options, const std::vector<std::string>& ports);
  // Reads the recording for its ports if a port is asked for.
  static Result<EventFilter> make(const FilterOptions& options, const EventLog& log);

  bool passes(const Event& event);
  // Says whether no event from this one on can pass.
  bool is_past(const Event& event) const { return event.seq > options_.to; }

 private:
  explicit EventFilter(FilterOptions options) : options_(std::move(options)) {}

  FilterOptions options_;
  std::optional<PortInterest> port_;
  std::bitset<256> kinds_;  // by EventKind; none set: all pass
  std::unique_ptr<FrameFilter> frames_;
};

}  // namespace labreel
