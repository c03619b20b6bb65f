#include "replay/event_filter.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/core/suggest.h"
#include "replay/text.h"

namespace labreel {
namespace {

constexpr int kSnapLength = 262'144;
// How long after its due time a copy may still be refused by its node: the loop is late at most so much.
constexpr std::uint64_t kRefusalMax_ns = 10'000'000'000;

Error usage(std::string what, std::string hint) {
  return Error{.kind = ErrorKind::usage, .what = std::move(what), .hint = std::move(hint)};
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= std::variant_size_v<EventBody>; ++i) {
    names.emplace_back(name_of(static_cast<EventKind>(i)));
  }
  return names;
}

Result<std::bitset<256>> kinds_in(std::string_view list) {
  std::bitset<256> kinds;
  if (list.empty()) return kinds;
  for (std::size_t comma = 0; comma != std::string_view::npos;) {
    comma = list.find(',');
    const std::string_view name = list.substr(0, comma);
    if (comma != std::string_view::npos) list.remove_prefix(comma + 1);
    const auto kind = kind_named(name);
    if (!kind) {
      return usage(fmt::format("there is no kind \"{}\"{}", printable(name), did_you_mean(name, kind_names())),
                   fmt::format("the kinds are {}", fmt::join(kind_names(), " ")));
    }
    kinds.set(static_cast<std::size_t>(*kind));
  }
  return kinds;
}

}  // namespace

void FrameFilter::Free::operator()(bpf_program* program) const {
  pcap_freecode(program);
  delete program;
}

Result<FrameFilter> FrameFilter::compile(const std::string& expression) {
  const std::unique_ptr<pcap_t, decltype(&pcap_close)> handle(pcap_open_dead(DLT_EN10MB, kSnapLength), &pcap_close);
  LABREEL_CHECK(handle != nullptr);
  auto program = std::make_unique<bpf_program>();
  if (pcap_compile(handle.get(), program.get(), expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    return usage(fmt::format("filter \"{}\": {}", printable(expression), printable(pcap_geterr(handle.get()))),
                 "filters are libpcap's, such as \"arp or icmp\": see pcap-filter(7)");
  }
  FrameFilter filter;
  filter.program_ = std::shared_ptr<bpf_program>(program.release(), Free{});
  return filter;
}

bool FrameFilter::passes(const Frame& frame) const {
  pcap_pkthdr header{};
  header.caplen = static_cast<bpf_u_int32>(frame.bytes.size());
  header.len = std::max(frame.length, header.caplen);
  return pcap_offline_filter(program_.get(), &header, reinterpret_cast<const u_char*>(frame.bytes.data())) != 0;
}

Result<std::vector<std::string>> ports_of(const EventLog& log) {
  std::set<std::string> ports;
  Names names;
  const auto events = log.events();
  Event event;
  while (true) {
    const Result<bool> more = events->next(event);
    if (!more) return more.error();
    if (!*more) return std::vector<std::string>(ports.begin(), ports.end());
    names.follow(event);
    if (const auto* added = std::get_if<PortAdded>(&event.body)) ports.insert(names(added->port));
  }
}

Result<EventFilter> EventFilter::make(const FilterOptions& options, const std::vector<std::string>& ports) {
  EventFilter filter(options);
  if (options.from > options.to) {
    return usage(fmt::format("from event {} to event {} there is nothing", options.from.value, options.to.value),
                 "--from must not be after --to");
  }
  auto kinds = kinds_in(options.kinds);
  if (!kinds) return std::move(kinds).error();
  filter.kinds_ = *kinds;
  if (!options.filter.empty()) {
    auto frames = FrameFilter::compile(options.filter);
    if (!frames) return std::move(frames).error();
    filter.frames_ = std::make_unique<FrameFilter>(*std::move(frames));
  }
  if (!options.port.empty() && std::find(ports.begin(), ports.end(), options.port) == ports.end()) {
    return usage(fmt::format("there is no port \"{}\"{}", printable(options.port), did_you_mean(options.port, ports)),
                 "ports are written NODE:PORT, such as r1:eth1");
  }
  return filter;
}

Result<EventFilter> EventFilter::make(const FilterOptions& options, const EventLog& log) {
  if (options.port.empty()) return make(options, std::vector<std::string>{});
  const auto ports = ports_of(log);
  if (!ports) return ports.error();
  return make(options, *ports);
}

bool EventFilter::passes(const Event& event) {
  const bool port_passes = options_.port.empty() || concerns_port(event);
  if (!port_passes || event.seq < options_.from || event.seq > options_.to) return false;
  if (kinds_.any() && !kinds_.test(static_cast<std::size_t>(event.kind()))) return false;
  if (!frames_) return true;
  const auto* frame = std::get_if<Frame>(&event.body);
  return frame != nullptr && frames_->passes(*frame);
}

bool EventFilter::concerns_port(const Event& event) {
  // What is removed must be looked at while it is there, what is added once it is.
  const bool before = body_concerns_port(event);
  names_.follow(event);
  const bool concerns = before || (event.kind() <= EventKind::lan_left && body_concerns_port(event));
  remember(event, concerns);
  return concerns;
}

// The port's own cable: a cut of its peer's end is one of its own.
bool EventFilter::is_on_cable(PortId port) const {
  const auto peer = names_.topology().peer_of(port);
  return is_port(port) || (peer && is_port(*peer));
}

bool EventFilter::body_concerns_port(const Event& event) {
  const Topology& lab = names_.topology();
  const auto is_node = [&](NodeId node) { return options_.port.starts_with(names_(node) + ":"); };
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
          return std::find(e.arguments.begin(), e.arguments.end(), options_.port) != e.arguments.end();
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
        } else {
          return false;
        }
      },
      event.body);
}

void EventFilter::remember(const Event& event, bool concerns) {
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
