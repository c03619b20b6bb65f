#include "replay/event_text.h"

#include <fmt/format.h>

#include "engine/core/cable_table.h"
#include "engine/core/units.h"
#include "engine/text/text.h"
#include "replay/settings.h"
#include "replay/summary/summary.h"

namespace labreel {
namespace {

constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";

constexpr std::size_t kTextShown_max = 200;

// The start of what a node printed or a person wrote; it may be long and of any bytes.
std::string shown(std::string_view text) {
  const bool cut = text.size() > kTextShown_max;
  return printable(text.substr(0, kTextShown_max)) + (cut ? "…" : "");
}

std::string shown_with(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += shown(word);
  }
  return text;
}

class BodyText {
 public:
  BodyText(const Event& event, const Names& names, bool colours) : event_(event), names_(names), colours_(colours) {}

  std::string operator()(const LabBegun& begun) const {
    std::string text = fmt::format("{}: seed {}, {} clock, fabric version {}", shown(begun.lab), begun.seed,
                                   shown(begun.clock.text()), begun.fabric_version);
    if (begun.branch) {
      text += fmt::format(", branch of {} at event {}", shown(begun.branch->parent), begun.branch->position.value);
    }
    return text;
  }
  std::string operator()(const LabEnded& ended) const { return shown(ended.why.text()); }
  std::string operator()(const NodeAdded& added) const {
    std::string text = shown(added.name) + ", " + shown(added.node_kind.text());
    for (const NodeSetting& setting : added.settings) text += ", " + shown(setting.key) + "=" + shown(setting.value);
    return text;
  }
  std::string operator()(const NodeRemoved& effect) const { return called(effect.node); }
  std::string operator()(const NodeStarting& effect) const { return called(effect.node); }
  std::string operator()(const NodeStarted& effect) const { return called(effect.node); }
  std::string operator()(const NodeStopped& effect) const { return called(effect.node) + ": " + shown(effect.why); }
  std::string operator()(const NodePaused& effect) const { return called(effect.node); }
  std::string operator()(const NodeResumed& effect) const { return called(effect.node); }
  std::string operator()(const PortAdded& added) const {
    return fmt::format("{}:{} {}", called(added.node), shown(added.name), format_mac(added.mac));
  }
  std::string operator()(const PortRemoved& effect) const { return called(effect.port); }
  std::string operator()(const PortUp& effect) const { return called(effect.port); }
  std::string operator()(const PortDown& effect) const { return called(effect.port); }
  std::string operator()(const LinkAdded& added) const {
    std::string text = ends(added.ports);
    if (added.out[0] == added.out[1]) return text + with(added.out[0], ": ");
    return text + with(added.out[0], "; out: ") + with(added.out[1], "; in: ");
  }
  std::string operator()(const LinkRemoved& removed) const {
    const LinkInfo* link = names_.topology().find(removed.link);
    return link != nullptr ? ends(link->added.ports) : "?";
  }
  std::string operator()(const LinkUp& effect) const { return called(effect.port); }
  std::string operator()(const LinkDown& effect) const { return called(effect.port); }
  std::string operator()(const LinkChanged& changed) const {
    return fmt::format("{} {}: {}", called(changed.port), changed.direction == Direction::out ? "out" : "in",
                       settings_text(changed.settings, changed.changed));
  }
  std::string operator()(const LanAdded& added) const { return shown(added.name) + (added.hub ? ", a hub" : ""); }
  std::string operator()(const LanRemoved& removed) const { return called(removed.lan); }
  std::string operator()(const LanJoined& joined) const {
    return called(joined.port) + " joins " + called(joined.lan) + with(joined.out, "; out: ") + with(joined.in, "; in: ");
  }
  std::string operator()(const LanLeft& left) const { return called(left.port) + " leaves " + called(left.lan); }

  std::string operator()(const Frame& frame) const {
    std::string text = summarise_frame(frame.bytes, frame.length);
    if (frame.length > frame.bytes.size()) {
      text += fmt::format("  [{} of {} bytes kept]", frame.bytes.size(), frame.length);
    }
    for (const Copy& copy : frame.copies) text += copy_text(copy, frame.copies.size() > 1);
    return text;
  }
  std::string operator()(const Outcome& outcome) const {
    return fmt::format("frame {} copy {} -> {} {}", outcome.frame.value, outcome.copy,
                       outcome.port == kNoPort ? "nowhere" : called(outcome.port), dropped(outcome.reason));
  }
  std::string operator()(const Command& command) const {
    return fmt::format("{} {} ({})", shown(command.verb), shown_with(command.arguments), shown(command.by.text()));
  }
  std::string operator()(const CommandDone& done) const { return done.ok ? "ok" : "failed: " + shown(done.error); }
  std::string operator()(const Exec& exec) const { return called(exec.node) + ": " + shown_with(exec.argv); }
  std::string operator()(const ExecOutput& output) const {
    return called(output.node) + (output.stream == Stream::stderr_stream ? " stderr: " : ": ") + shown(output.bytes);
  }
  std::string operator()(const ExecDone& done) const { return fmt::format("{}: status {}", called(done.node), done.status); }
  std::string operator()(const Console& console) const {
    return called(console.node) + (console.input ? " < " : " > ") + shown(console.bytes);
  }
  std::string operator()(const Scenario& scenario) const {
    std::string text = fmt::format("step {} {}", scenario.step, shown(scenario.state.text()));
    return scenario.detail.empty() ? text : text + ": " + shown(scenario.detail);
  }
  std::string operator()(const Marker& marker) const {
    std::string text = shown(marker.name);
    if (!marker.note.empty()) text += ": " + shown(marker.note);
    return marker.ask.empty() ? text : text + "; asks: " + shown(marker.ask);
  }
  std::string operator()(const Snapshot& snapshot) const {
    std::string text = shown(snapshot.name) + " " + shown(snapshot.detail);
    return snapshot.manifest.empty() ? text : text + fmt::format(", a manifest of {} bytes", snapshot.manifest.size());
  }
  std::string operator()(const Checkpoint& checkpoint) const {
    return fmt::format("{} bytes of the fabric's state", checkpoint.state.size());
  }
  std::string operator()(const Gap& gap) const {
    return fmt::format("{} frames lost ({}{}): {}", gap.frames, shown(gap.where.text()),
                       gap.port == kNoPort ? "" : " at " + called(gap.port), shown(gap.reason));
  }
  std::string operator()(const Divergence& divergence) const { return shown(divergence.detail); }
  template <DescribedNote Note>
  std::string operator()(const Note& note) const {
    std::string text;
    each_field(note, [&](std::string_view name, const auto& value) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, field(value));
    });
    return text;
  }
  std::string operator()(const UnknownNote& note) const { return fmt::format("{} bytes of a later version", note.bytes.size()); }

 private:
  std::string field(NodeId node) const { return called(node); }
  static std::string field(const std::string& text) { return shown(text); }
  static std::string field(bool holds) { return holds ? "yes" : "no"; }
  static std::string field(const RawBytes& raw) { return shown(raw.bytes); }
  std::string ends(const std::array<PortId, 2>& ports) const { return called(ports[0]) + " -- " + called(ports[1]); }
  static std::string with(const CableSettings& settings, std::string_view before) {
    const std::string text = settings_text(settings);
    return text.empty() ? text : std::string(before) + text;
  }
  std::string dropped(Reason reason) const {
    const std::string text = fmt::format("dropped: {}", name_of(reason));
    return colours_ ? fmt::format("{}{}{}", kRed, text, kPlain) : text;
  }
  std::string copy_text(const Copy& copy, bool several) const {
    std::string text = "  ";
    if (!copy.scheduled()) {
      if (several && copy.port != kNoPort) text += "-> " + called(copy.port) + ' ';
      text += dropped(copy.reason);
    } else {
      const std::uint64_t later_ns = copy.due.ns - std::min(copy.due.ns, event_.time.ns);
      text += "-> " + called(copy.port) + (later_ns == 0 ? " at once" : " at +" + format_duration(later_ns));
    }
    std::string flags;
    for (const std::string_view flag : names_of_flags(copy.flags)) flags += (flags.empty() ? "" : ", ") + std::string(flag);
    return flags.empty() ? text : text + " (" + flags + ")";
  }

  template <class Id>
  std::string called(Id id) const {
    return printable(names_(id));
  }

  const Event& event_;
  const Names& names_;
  bool colours_;
};

}  // namespace

std::string event_words(const Event& event, const Names& names, const EventTextOptions& options) {
  const auto* frame = std::get_if<Frame>(&event.body);
  const std::string what = printable(frame != nullptr ? names(frame->port) : std::string(name_of(event.kind())));
  const std::string padding(what.size() < 12 ? 12 - what.size() : 0, ' ');
  const std::string rest = std::visit(BodyText{event, names, options.colours}, event.body);
  if (!options.colours) return fmt::format("{}{}  {}", what, padding, rest);
  return fmt::format("{}{}{}{}  {}", frame != nullptr ? "" : kBold, what, kPlain, padding, rest);
}

std::string event_text(const Event& event, const Names& names, const EventTextOptions& options) {
  const auto place = fmt::format("{:>8}  {:>14}", event.seq.value, format_seconds(event.time));
  const std::string words = event_words(event, names, options);
  return options.colours ? fmt::format("{}{}{}  {}", kDim, place, kPlain, words) : place + "  " + words;
}

}  // namespace labreel
