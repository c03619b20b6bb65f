#include "tests/sim/oracle.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <set>

#include "replay/final_outcomes.h"
#include "replay/info.h"
#include "replay/projection/lab_at.h"
#include "replay/reel_log.h"
#include "store/reel_check.h"
#include "store/reel_reader.h"
#include "tests/determinism/reel_oracle.h"

namespace labreel::sim {
namespace {

// The reel's events are the story's, from the first to the last that was kept.
std::string story_fault(const ReelReader& reel, const Story& story, const WriterState& writer) {
  if (reel.end().damage) return "the reel is damaged: " + reel.end().damage->what;
  if (writer.appended.value + writer.refused != story.size()) return "events were not counted";
  if (reel.end().last != writer.appended) {
    return fmt::format("{} events were kept, {} can be read", writer.appended.value, reel.end().last.value);
  }
  ReelReader::Cursor cursor = reel.events();
  Event event{};
  for (std::uint64_t seq = 1; seq <= writer.appended.value; ++seq) {
    const Result<bool> more = cursor.next(event);
    if (!more) return fmt::format("event {} cannot be read: {}", seq, more.error().what);
    if (!*more || event.seq.value != seq || !story.has(event))
      return fmt::format("event {} is not what was appended", seq);
  }
  return {};
}

std::string check_fault(const std::string& path, const ReelReader& reel) {
  const Result<ReelReport> report = check_reel(path);
  if (!report) return "check gives up: " + report.error().what;
  if (!report->findings.empty()) return "check: " + report->findings[0].place + ": " + report->findings[0].what;
  if (report->events != reel.end().last.value) return fmt::format("check counts {} events", report->events);
  const Result<Digest> digest = reel.digest_at(reel.end().last);
  if (report->events > 0 && (!digest || *digest != report->digest)) return "check and reader disagree on the digest";
  return {};
}

// Every frame that --lossy left out is counted in a gap, but for those whose gap a kill took; all others are there.
std::string left_out_fault(const EventLog& log, const Remains& remains) {
  const auto info = summarise(log);
  if (!info) return "no summary: " + info.error().what;
  if (info->cut_short != remains.left_out.cut_short) return fmt::format("{} frames are cut short", info->cut_short);
  const std::uint64_t unrecorded = remains.left_out.unrecorded;
  if (info->unrecorded + remains.uncounted != unrecorded) {
    return fmt::format("gaps count {} frames of {}, without {}", info->unrecorded, unrecorded, remains.uncounted);
  }
  if (info->frames + unrecorded != remains.counts.frames + remains.forgotten) return "frames are neither there nor left out";
  return {};
}

// The reel's own counts are in order: they must be the live fabric's, too.
std::string counts_fault(const EventLog& log, const Remains& remains) {
  if (std::string fault = left_out_fault(log, remains); !fault.empty() || remains.left_out.unrecorded > 0) return fault;
  const FabricCounts& live = remains.counts;
  const auto counts = tally(log);
  if (!counts) return "copies cannot be counted: " + counts.error().what;
  // A recording that was cut off may know of less that was delivered: what came due after its last event.
  if (counts->frames != live.frames || counts->copies != live.copies || counts->dropped != live.dropped ||
      counts->delivered + counts->in_flight != live.delivered + live.in_flight) {
    return "the fabric counted otherwise";
  }
  return {};
}

std::string projection_fault(const EventLog& log, const std::vector<Moment>& moments) {
  for (const Moment& moment : moments) {
    if (moment.seq > log.last()) break;
    auto lab = lab_at(log, moment.seq);
    if (!lab) return fmt::format("no lab at event {}: {}", moment.seq.value, lab.error().what);
    if (!lab->fabric.advance(moment.time).ok()) return fmt::format("event {} is later than it was", moment.seq.value);
    lab->fabric.drain([](const Delivery&) {});
    if (lab->fabric.save() != moment.state) return fmt::format("the lab at event {} is another one", moment.seq.value);
  }
  return {};
}

// No frame of a paused node, but for those that a command sent in its name.
std::string paused_fault(const EventLog& log) {
  std::set<NodeId> paused;
  std::map<PortId, NodeId> nodes;
  const auto events = log.events();
  Event event{};
  for (;;) {
    const Result<bool> more = events->next(event);
    if (!more) return "events cannot be read: " + more.error().what;
    if (!*more) return {};
    if (const auto* const added = std::get_if<PortAdded>(&event.body)) nodes[added->port] = added->node;
    if (const auto* const what = std::get_if<NodePaused>(&event.body)) paused.insert(what->node);
    if (const auto* const what = std::get_if<NodeResumed>(&event.body)) paused.erase(what->node);
    if (const auto* const what = std::get_if<NodeStopped>(&event.body)) paused.erase(what->node);
    const auto* const frame = std::get_if<Frame>(&event.body);
    if (frame == nullptr || event.cause.value != 0) continue;
    if (paused.contains(nodes[frame->port])) return fmt::format("event {} is a frame of a paused node", event.seq.value);
  }
}

std::string seal_fault(const ReelEnd& end, const Remains& remains) {
  const bool should_be = remains.writer.failure.empty() && !remains.was_killed;
  if (end.complete == should_be) return {};
  return end.complete ? "the reel is sealed, but should not be" : "the reel is not sealed: " + end.why;
}

std::string repair_fault(const std::string& path, const Remains& remains) {
  const std::string output = path + ".repaired";
  const Result<ReelReport> report = repair_reel(path, output);
  if (!report) return "repair gives up: " + report.error().what;
  const Result<ReelReader> repaired = ReelReader::open(output);
  if (!repaired) return "the repaired reel cannot be opened: " + repaired.error().what;
  if (!repaired->end().complete) return "the repaired reel is not sealed";
  if (std::string fault = story_fault(*repaired, remains.story, remains.writer); !fault.empty())
    return "repaired: " + fault;
  if (std::string fault = check_fault(output, *repaired); !fault.empty()) return "repaired: " + fault;
  std::filesystem::remove(output);
  return {};
}

}  // namespace

std::string find_fault(const std::string& reel, const Remains& remains) {
  const Result<ReelReader> reader = ReelReader::open(reel);
  if (!reader) return "the reel cannot be opened: " + reader.error().what;
  const ReelLog log{*reader};
  std::string fault = story_fault(*reader, remains.story, remains.writer);
  if (fault.empty()) fault = seal_fault(reader->end(), remains);
  if (fault.empty()) fault = check_fault(reel, *reader);
  if (fault.empty()) fault = test::fault_of(log);
  if (fault.empty()) fault = paused_fault(log);
  if (fault.empty() && remains.writer.refused == 0) fault = counts_fault(log, remains);
  if (fault.empty()) fault = projection_fault(log, remains.moments);
  if (fault.empty() && !reader->end().complete) fault = repair_fault(reel, remains);
  return fault;
}

}  // namespace labreel::sim
