// ReelInfo: one reel in a few numbers, `labreel info`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/event_log.h"
#include "engine/core/result.h"
#include "replay/host_delays.h"
#include "store/packed_files.h"
#include "store/reel_reader.h"

namespace labreel {

struct MarkerInfo {
  Seq seq;
  LabTime time;
  std::string name;
  std::string note;
  std::string ask;
};
struct SnapshotInfo {
  Seq seq;
  LabTime time;
  std::string name;
  std::string detail;
};

// Shape: copies == delivered + sum(dropped), by final outcomes: an outcome event replaces its copy's decision. In a
//        cut-off reel a copy that was still in flight counts as decided. nodes, links and lans are those that the lab
//        ever had.
struct ReelInfo {
  std::string lab;
  std::uint32_t format_version = 0;
  std::uint32_t fabric_version = 0;
  std::string level = "fabric";  // the highest at which a verify can replay it
  LabClock clock;
  std::optional<BranchPoint> branch;
  std::uint64_t seed = 0;
  std::uint64_t runs = 0;  // 1, and one more each time that it was continued
  std::uint64_t events = 0;
  std::uint64_t frames = 0;
  std::uint64_t copies = 0;
  std::uint64_t delivered = 0;
  std::array<std::uint64_t, kReasonCount> dropped{};  // by Reason; [none] stays 0
  std::array<std::uint64_t, kReasonCount> at_edges{};  // of these, only because the lab started or stopped: LabEdges
  std::uint64_t gaps = 0;
  std::uint64_t stalls = 0;
  HostDelays delays;
  std::uint64_t cut_short = 0;   // frames without their payload
  std::uint64_t unrecorded = 0;  // frames that --lossy only counted; not among `frames`
  std::uint64_t nodes = 0;
  std::uint64_t links = 0;
  std::uint64_t lans = 0;
  std::optional<std::string> begin_utc;
  std::uint64_t duration_ns = 0;  // the last event's lab time
  bool complete = false;
  std::string digest;
  std::vector<MarkerInfo> markers;
  std::vector<SnapshotInfo> snapshots;
  // Its caller's to fill, for they are no part of an event log.
  std::string file;        // the reel's name; empty if it has none
  bool recording = false;  // a recorder writes it right now
  std::vector<PackedEntry> packed;
};

// Reads the whole recording and computes its digest.
//
// Errors: what the recording says of damage; an outcome that no decision precedes.
// Source: ARCHITECTURE.md, "Events" and "JSON".
Result<ReelInfo> summarise(const EventLog& log);
Result<ReelInfo> summarise(const ReelReader& reel);

// When the recording began, in UTC, if its notes say.
std::optional<std::string> begin_utc_of(const std::vector<HostNote>& notes);

std::string to_json(const ReelInfo& info);
std::string to_text(const ReelInfo& info);  // several lines, the last without a newline

}  // namespace labreel
