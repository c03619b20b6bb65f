#include "replay/diff/aspects.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "engine/core/suggest.h"

namespace labreel {
namespace {

struct AspectName {
  Aspect aspect;
  const char* name;
  const char* help;
};

constexpr std::array kAspects{
    AspectName{kIgnoreTime, "time", "lab times, due times, and how long a wait took"},
    AspectName{kIgnoreOrder, "order", "which came first: only what happened, and how often"},
    AspectName{kIgnoreMac, "mac", "the ports' own MAC addresses, in Ethernet headers and ARP"},
    AspectName{kIgnoreNumbers, "numbers",
               "what hosts draw: IP identifications, TCP sequence numbers, windows and options, ICMP echo ids, "
               "ports from 32768 on, and checksums"},
    AspectName{kIgnorePayload, "payload", "what UDP, TCP, ICMP and other protocols over IP carry, but for its length"},
    AspectName{kIgnoreDecisions, "decisions", "what the switch made of a frame: copies, drops, outcomes"},
    AspectName{kIgnoreOutput, "output", "what commands and consoles printed"},
    AspectName{kIgnorePolls, "polls", "the looks that waits and watches of the scenario take"},
    AspectName{kIgnoreLab, "lab", "the lab's name, file and seed"},
};

}  // namespace

Result<Aspects> parse_aspects(const std::string& text) {
  Aspects aspects = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string name = text.substr(at, end - at);
    at = end + 1;
    const auto found = std::ranges::find_if(kAspects, [&](const AspectName& known) { return name == known.name; });
    if (found != kAspects.end()) {
      aspects |= found->aspect;
      continue;
    }
    std::vector<std::string> names;
    for (const AspectName& known : kAspects) names.emplace_back(known.name);
    return Error{ErrorKind::usage, fmt::format("no aspect '{}' to ignore{}", name, did_you_mean(name, names)), {},
                 "there are " + names_of(~Aspects{0})};
  }
  return aspects;
}

std::string names_of(Aspects aspects) {
  std::string text;
  for (const AspectName& known : kAspects) {
    if ((aspects & known.aspect) != 0) text += (text.empty() ? "" : ",") + std::string(known.name);
  }
  return text;
}

std::string aspects_help() {
  std::string text;
  for (const AspectName& known : kAspects) text += fmt::format("  {:<10} {}\n", known.name, known.help);
  return text;
}

}  // namespace labreel
