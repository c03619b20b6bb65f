#include "replay/info.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/core/units.h"
#include "engine/text/host_notes.h"
#include "engine/text/json_writer.h"
#include "engine/text/text.h"
#include "replay/event_json.h"
#include "replay/import/imported.h"
#include "replay/lab_edges.h"
#include "replay/reel_log.h"

namespace labreel {
namespace {

// Counts one event after another.
class Count {
 public:
  Status add(const Event& event) {
    ++info_.events;
    info_.duration_ns = event.time.ns;
    edges_.follow(event);
    if (const auto* frame = std::get_if<Frame>(&event.body)) {
      return add_frame(event.seq, *frame);
    }
    if (const auto* outcome = std::get_if<Outcome>(&event.body)) {
      return add_outcome(event.seq, *outcome);
    }
    add_other(event);
    return ok_status();
  }
  ReelInfo take() { return std::move(info_); }

 private:
  Status add_frame(Seq seq, const Frame& frame) {
    ++info_.frames;
    info_.copies += frame.copies.size();
    if (frame.length > frame.bytes.size()) ++info_.cut_short;
    for (const Copy& copy : frame.copies) {
      if (copy.scheduled()) {
        ++info_.delivered;
      } else if (const Status counted = add_drop(seq, copy.reason, copy.port); !counted) {
        return counted;
      }
    }
    return ok_status();
  }
  Status add_drop(Seq seq, Reason reason, PortId receiver) {
    const auto index = static_cast<std::size_t>(reason);
    if (index >= kReasonCount) return damage(seq, "a reason that this version does not know");
    ++info_.dropped[index];
    if (edges_.of(reason, receiver) != Edge::none) ++info_.at_edges[index];
    return ok_status();
  }
  static Error damage(Seq seq, std::string what) {
    return Error{.what = std::move(what), .place = fmt::format("event {}", seq.value)};
  }
  // Each copy has at most one outcome event, so its decision need not be remembered: it was "scheduled".
  Status add_outcome(Seq seq, const Outcome& outcome) {
    if (outcome.reason == Reason::none) return ok_status();
    if (info_.delivered == 0) return damage(seq, "an outcome for a copy that no frame scheduled");
    --info_.delivered;
    return add_drop(seq, outcome.reason, outcome.port);
  }
  void add_other(const Event& event) {
    if (const auto* begun = std::get_if<LabBegun>(&event.body)) {
      ++info_.runs;
      info_.lab = begun->lab;
      info_.fabric_version = begun->fabric_version;
      info_.clock = begun->clock;
      if (is_imported(*begun)) info_.level = "view";  // nothing that could be run again
      if (info_.clock == ClockKind::virtual_time) info_.level = "lab";  // its guests can be run again, too
      info_.seed = begun->seed;
      info_.branch = begun->branch;
    } else if (const auto* marker = std::get_if<Marker>(&event.body)) {
      info_.markers.push_back({event.seq, event.time, marker->name, marker->note, marker->ask});
    } else if (const auto* snapshot = std::get_if<Snapshot>(&event.body)) {
      info_.snapshots.push_back({event.seq, event.time, snapshot->name, snapshot->detail});
    } else if (const auto* gap = std::get_if<Gap>(&event.body)) {
      ++info_.gaps;
      if (gap->where == GapPlace::recorder) info_.unrecorded += gap->frames;
    }
    switch (event.kind()) {
      case EventKind::node_added: ++info_.nodes; break;
      case EventKind::link_added: ++info_.links; break;
      case EventKind::lan_added: ++info_.lans; break;
      default: break;
    }
  }
  ReelInfo info_;
  LabEdges edges_;
};

void write_reasons(JsonWriter& json, const std::array<std::uint64_t, kReasonCount>& counts) {
  json.begin_object();
  for (std::size_t i = 1; i < kReasonCount; ++i) {
    if (counts[i] != 0) json.key(name_of(static_cast<Reason>(i))).value(counts[i]);
  }
  json.end_object();
}

std::uint64_t sum_of(const std::array<std::uint64_t, kReasonCount>& counts) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : counts) sum += count;
  return sum;
}

// "1 node", "2 nodes".
std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string dropped_text(const ReelInfo& info) {
  std::string text;
  for (std::size_t i = 1; i < kReasonCount; ++i) {
    if (info.dropped[i] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? " (" : ", ", info.dropped[i], name_of(static_cast<Reason>(i)));
  }
  if (const std::uint64_t edges = sum_of(info.at_edges); edges != 0) {
    text += fmt::format("; {} of them at start and stop", edges == sum_of(info.dropped) ? "all" : fmt::format("{}", edges));
  }
  return text.empty() ? text : text + ")";
}

// "12.345 s": milliseconds are enough for people.
std::string seconds_text(std::uint64_t ns) {
  return fmt::format("{}.{:03} s", ns / 1'000'000'000, ns / 1'000'000 % 1000);
}

}  // namespace

Result<ReelInfo> summarise(const EventLog& log) {
  Count count;
  const auto events = log.events();
  Event event;
  while (true) {
    const Result<bool> more = events->next(event);
    if (!more) return more.error();
    if (!*more) break;
    if (const Status counted = count.add(event); !counted) return counted.error();
  }
  ReelInfo info = count.take();
  info.format_version = log.format_version();
  info.complete = log.complete();
  info.delays = host_delays_of(log.notes());
  info.stalls = info.delays.stalls.size();
  info.begin_utc = begin_utc_of(log.notes());
  auto digest = log.digest_at(log.last());
  if (!digest) return std::move(digest).error();
  info.digest = *std::move(digest);
  return info;
}

std::optional<std::string> begin_utc_of(const std::vector<HostNote>& notes) {
  const auto note = first_note<BeginUtcNote>(notes);
  return note ? std::optional(note->utc) : std::nullopt;
}

Result<ReelInfo> summarise(const ReelReader& reel) { return summarise(ReelLog(reel)); }

namespace {

void write_delays(JsonWriter& json, const HostDelays& delays) {
  const auto optional = [&json](const char* key, const std::optional<std::uint64_t>& value) {
    json.key(key);
    if (value) {
      json.value(*value);
    } else {
      json.null();
    }
  };
  const LatenessNote* const worst = delays.worst();
  json.key("late").begin_object().key("copies").value(delays.late_copies());
  optional("median_ns", delays.median_ns());
  optional("worst_ns", worst == nullptr || worst->worst_ns == 0 ? std::nullopt : std::optional(worst->worst_ns));
  optional("worst_seq", worst == nullptr || worst->frame.is_none() ? std::nullopt : std::optional(worst->frame.value));
  const StallNote* const longest = delays.longest_stall();
  json.end_object().key("stalled_ns").value(delays.stalled_ns());
  json.key("longest_stall_ns").value(longest == nullptr ? 0 : longest->to.ns - longest->from.ns);
}

}  // namespace

std::string to_json(const ReelInfo& info) {
  JsonWriter json;
  json.begin_object();
  json.key("lab").value(info.lab).key("format").value(info.format_version).key("fabric").value(info.fabric_version);
  json.key("level").value(info.level).key("clock").value(info.clock.text()).key("seed").value(info.seed);
  json.key("events").value(info.events).key("frames").value(info.frames).key("copies").value(info.copies);
  json.key("delivered").value(info.delivered).key("dropped");
  write_reasons(json, info.dropped);
  json.key("gaps").value(info.gaps).key("stalls").value(info.stalls);
  json.key("cut_short").value(info.cut_short).key("unrecorded").value(info.unrecorded);
  json.key("nodes").value(info.nodes).key("links").value(info.links).key("lans").value(info.lans);
  json.key("runs").value(info.runs).key("begin_utc");
  if (info.begin_utc) {
    json.value(*info.begin_utc);
  } else {
    json.null();
  }
  if (info.branch) write_branch(json, *info.branch);
  json.key("duration_ns").value(info.duration_ns).key("complete").value(info.complete).key("digest").value(info.digest);
  json.key("markers").begin_array();
  for (const MarkerInfo& marker : info.markers) {
    json.begin_object().key("seq").value(marker.seq.value).key("time").value(marker.time.ns);
    json.key("name").value(marker.name).key("note").value(marker.note);
    if (!marker.ask.empty()) json.key("ask").value(marker.ask);
    json.end_object();
  }
  json.end_array().key("snapshots").begin_array();
  for (const SnapshotInfo& snapshot : info.snapshots) {
    json.begin_object().key("seq").value(snapshot.seq.value).key("time").value(snapshot.time.ns);
    json.key("name").value(snapshot.name).key("detail").value(snapshot.detail).end_object();
  }
  json.end_array().key("packed").begin_array();
  for (const PackedEntry& file : info.packed) {
    json.begin_object().key("name").value(printable(file.name)).key("bytes").value(file.bytes).end_object();
  }
  json.end_array().key("dropped_at_start_and_stop");
  write_reasons(json, info.at_edges);
  write_delays(json, info.delays);
  json.key("reel").value(info.file).key("recording").value(info.recording).end_object();
  return json.take();
}

std::string to_text(const ReelInfo& info) {
  std::string text;
  const auto out = std::back_inserter(text);
  if (!info.file.empty()) fmt::format_to(out, "file       {}\n", printable(info.file));
  fmt::format_to(out, "lab        {}, {} clock, seed {}\n", printable(info.lab), printable(info.clock.text()), info.seed);
  if (info.branch) {
    fmt::format_to(out, "branch     of {} at event {}, where its digest was {}\n", printable(info.branch->parent),
                   info.branch->position.value, printable(info.branch->digest));
  }
  const bool is_import = info.fabric_version == kNoFabric;
  fmt::format_to(out, "reel       format {}, {}, replay level {}, {}\n", info.format_version,
                 is_import ? "imported from a capture" : fmt::format("fabric {}", info.fabric_version), info.level,
                 info.recording  ? "running: it is being recorded"
                 : info.complete ? "complete"
                                 : "cut off: it ends before the lab did");
  fmt::format_to(out, "recorded   {}, {} of lab time{}\n",
                 info.begin_utc ? printable(*info.begin_utc) : std::string("at an unknown time"),
                 seconds_text(info.duration_ns), info.runs > 1 ? fmt::format(" in {} runs", info.runs) : "");
  fmt::format_to(out, "lab parts  {}, {}, {}\n", counted(info.nodes, "node"), counted(info.links, "link"),
                 counted(info.lans, "lan"));
  fmt::format_to(out, "events     {}, {} of them frames\n", info.events, info.frames);
  fmt::format_to(out, "copies     {}: {} delivered, {} dropped{}\n", info.copies, info.delivered, sum_of(info.dropped),
                 dropped_text(info));
  if (const std::string late = lateness_text(info.delays); !late.empty()) {
    fmt::format_to(out, "late       {}\n", late);
  }
  fmt::format_to(out, "not seen   {}, {}\n", counted(info.gaps, "gap"), stalls_text(info.delays));
  if (info.cut_short + info.unrecorded > 0) {
    fmt::format_to(out, "left out   the payload of {}, {} altogether (--lossy)\n",
                   counted(info.cut_short, "frame"), counted(info.unrecorded, "frame"));
  }
  for (const MarkerInfo& marker : info.markers) {
    fmt::format_to(out, "marker     {} at {} (event {}){}{}\n", printable(marker.name), seconds_text(marker.time.ns),
                   marker.seq.value, marker.note.empty() ? "" : ": ", printable(marker.note));
  }
  for (const SnapshotInfo& snapshot : info.snapshots) {
    fmt::format_to(out, "snapshot   {} at {} (event {})\n", printable(snapshot.name), seconds_text(snapshot.time.ns),
                   snapshot.seq.value);
  }
  for (const PackedEntry& file : info.packed) {
    fmt::format_to(out, "packed     {}, {}\n", printable(file.name), counted(file.bytes, "byte"));
  }
  fmt::format_to(out, "digest     {}", info.digest);
  return text;
}

}  // namespace labreel
