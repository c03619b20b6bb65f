#include "recorder/verbs/capture_options.h"

#include <time.h>

#include <cctype>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/lab/lab_file.h"
#include "recorder/verbs/verb.h"
#include "recorder/version.h"
#include "replay/event_filter.h"
#include "replay/event_json.h"
#include "replay/event_text.h"
#include "replay/host_delays.h"
#include "replay/info.h"

namespace labreel {
namespace {

// "2026-11-24T02:00:00.123456789Z" as nanoseconds since 1970; nothing if it is not of that form.
std::optional<std::uint64_t> ns_of_utc(const std::string& utc) {
  tm date{};
  const char* const rest = ::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%S", &date);
  if (rest == nullptr) return std::nullopt;
  std::uint64_t ns = static_cast<std::uint64_t>(::timegm(&date)) * 1'000'000'000U;
  std::uint64_t unit = 100'000'000;
  for (const char* digit = rest + 1; *rest == '.' && *digit >= '0' && *digit <= '9' && unit > 0; ++digit, unit /= 10) {
    ns += static_cast<std::uint64_t>(*digit - '0') * unit;
  }
  return ns;
}

// The addresses of the lab file, so that a capture shows r1 rather than 10.0.12.1.
std::vector<std::pair<std::string, std::string>> addresses_of(const std::string& lab_text,
                                                              const std::string& lab_name) {
  std::vector<std::pair<std::string, std::string>> addresses;
  const auto lab = parse_lab_file(lab_text, lab_name);
  if (!lab) return addresses;  // an older or newer lab file: names are a courtesy
  for (const NodeDef& node : lab->nodes) {
    for (const PortDef& port : node.ports) {
      for (const std::string& address : port.addresses) addresses.emplace_back(address, node.name);
    }
  }
  return addresses;
}

// "MARKER cut", as the packet list's protocol column has room for it.
std::string list_column(EventKind kind, const std::string& text) {
  constexpr std::size_t kBytes_max = 40;
  std::string column{name_of(kind)};
  for (char& c : column) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string_view rest = text;
  if (kind == EventKind::marker) rest = rest.substr(0, rest.find(": "));
  if (column.size() + 1 + rest.size() > kBytes_max) {
    rest = rest.substr(0, rest.rfind(' ', kBytes_max - column.size()));
    if (column.size() + 1 + rest.size() > kBytes_max) rest = {};
  }
  return rest.empty() ? column : column + " " + std::string{rest};
}

}  // namespace

std::function<EventWords(const Event&)> events_for_captures() {
  struct State {
    EventJson json;
    Names names;
  };
  auto state = std::make_shared<State>();
  return [state](const Event& event) {
    state->names.follow(event);
    const std::string_view kind = name_of(event.kind());
    std::string line = event_text(event, state->names);
    const std::size_t at = line.find(kind);
    std::string text = at == std::string::npos ? "" : line.substr(std::min(line.size(), at + kind.size()));
    text.erase(0, text.find_first_not_of(' '));
    return EventWords{state->json.line(event), list_column(event.kind(), text), std::string{kind} + " " + text};
  };
}

ExportOptions capture_options(const EventChoice& choice, const EventLog& log) {
  ExportOptions options;
  if (!choice.port.empty()) options.port = choice.port;
  options.from = choice.first(log);
  options.to = choice.last(log);
  if (!choice.filter.empty()) {
    const FrameFilter filter = value_or_throw(FrameFilter::compile(choice.filter));
    options.frame_passes = [filter](const Frame& frame) { return filter.passes(frame); };
    options.filter = choice.filter;
  }
  const ReelInfo info = value_or_throw(summarise(log));
  if (info.begin_utc) {
    options.begin_utc_ns = ns_of_utc(*info.begin_utc);
    options.comments.push_back("begin_utc: " + *info.begin_utc + " (lab time 0)");
  }
  // Times in captures are those of the decisions: how far the host was behind them is said once.
  if (const std::string late = delays_text(host_delays_of(log.notes())); !late.empty()) options.comments.push_back(late);
  options.program = std::string{"labreel "} + kProgramVersion;
  options.lab = info.lab;
  options.digest = info.digest;
  options.seed = info.seed;
  auto first = log.event_at(kFirstSeq);
  if (first) {
    if (const auto* begun = std::get_if<LabBegun>(&first->body)) {
      options.addresses = addresses_of(begun->lab_file, begun->lab_file_name);
    }
  }
  return options;
}

}  // namespace labreel
