#include "replay/event_filter.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/core/suggest.h"
#include "engine/text/text.h"

namespace labreel {
namespace {

constexpr int kSnapLength = 262'144;

Error usage(std::string what, std::string hint) {
  return Error{.kind = ErrorKind::usage, .what = std::move(what), .hint = std::move(hint)};
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const EventKind kind : named_kinds()) names.emplace_back(name_of(kind));
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

// A word of Wireshark's display filters, and what libpcap has for it.
struct DisplayWord {
  std::string_view word;
  std::string_view libpcap;
};
constexpr std::array<DisplayWord, 31> kDisplayWords{{
    {"ospf", "ip proto 89"},
    {"bgp", "tcp port 179"},
    {"rip", "udp port 520"},
    {"dns", "port 53"},
    {"http", "tcp port 80"},
    {"tls", "tcp port 443"},
    {"ssh", "tcp port 22"},
    {"dhcp", "udp port 67 or udp port 68"},
    {"bootp", "udp port 67 or udp port 68"},
    {"dhcpv6", "udp port 546 or udp port 547"},
    {"ntp", "udp port 123"},
    {"bfd", "udp port 3784"},
    {"vxlan", "udp port 4789"},
    {"lldp", "ether proto 0x88cc"},
    {"icmpv6", "icmp6"},
    {"ipv6", "ip6"},
    {"ip.addr", "host 10.0.0.1"},
    {"ip.src", "src host 10.0.0.1"},
    {"ip.dst", "dst host 10.0.0.1"},
    {"ip.proto", "ip proto 89"},
    {"ip.ttl", "ip[8] == 1"},
    {"ipv6.addr", "ip6 host fd00::1"},
    {"tcp.port", "tcp port 80"},
    {"tcp.srcport", "tcp src port 80"},
    {"tcp.dstport", "tcp dst port 80"},
    {"udp.port", "udp port 53"},
    {"tcp.flags.syn", "tcp[tcpflags] & tcp-syn != 0"},
    {"tcp.flags.reset", "tcp[tcpflags] & tcp-rst != 0"},
    {"eth.addr", "ether host 02:00:00:00:00:01"},
    {"vlan.id", "vlan 10"},
    {"frame.len", "greater 1000, less 100"},
}};

bool belongs_to_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
}

}  // namespace

std::string hint_for_display_filter(std::string_view expression) {
  while (!expression.empty()) {
    const auto begin = std::find_if(expression.begin(), expression.end(), belongs_to_word);
    const auto end = std::find_if_not(begin, expression.end(), belongs_to_word);
    const std::string_view word{begin, end};
    for (const DisplayWord& known : kDisplayWords) {
      if (word != known.word) continue;
      return fmt::format("\"{}\" is a word of Wireshark's display filters; libpcap's filters have: {}", word, known.libpcap);
    }
    expression = std::string_view{end, expression.end()};
  }
  return {};
}

void FrameFilter::Free::operator()(bpf_program* program) const {
  pcap_freecode(program);
  delete program;
}

Result<FrameFilter> FrameFilter::compile(const std::string& expression) {
  const std::unique_ptr<pcap_t, decltype(&pcap_close)> handle(pcap_open_dead(DLT_EN10MB, kSnapLength), &pcap_close);
  LABREEL_CHECK(handle != nullptr);
  auto program = std::make_unique<bpf_program>();
  if (pcap_compile(handle.get(), program.get(), expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    const std::string hint = hint_for_display_filter(expression);
    return usage(fmt::format("filter \"{}\": {}", printable(expression), printable(pcap_geterr(handle.get()))),
                 hint.empty() ? "filters are libpcap's, such as \"arp or icmp\": see pcap-filter(7)" : hint);
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
  if (!options.port.empty()) filter.port_.emplace(options.port);
  const auto asked_for = [&](const std::string& port) { return filter.port_->is_asked_for(port); };
  if (filter.port_ && std::none_of(ports.begin(), ports.end(), asked_for)) {
    return usage(fmt::format("there is no port \"{}\"{}", printable(options.port), did_you_mean(options.port, ports)),
                 "ports are written NODE:PORT, such as r1:eth1; a node's name alone means all of its ports");
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
  const bool port_passes = !port_ || port_->concerns(event);
  if (!port_passes || event.seq < options_.from || event.seq > options_.to) return false;
  if (kinds_.any() && !kinds_.test(static_cast<std::size_t>(event.kind()))) return false;
  if (!frames_) return true;
  const auto* frame = std::get_if<Frame>(&event.body);
  return frame != nullptr && frames_->passes(*frame);
}

}  // namespace labreel
