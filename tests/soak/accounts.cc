#include "tests/soak/accounts.h"

#include <algorithm>
#include <optional>

#include "engine/core/topology.h"
#include "replay/reel_log.h"
#include "store/reel_check.h"
#include "tests/determinism/reel_oracle.h"

namespace labreel::test {
namespace {

Status check_soundness(const std::string& reel, const ReelLog& log) {
  const auto report = check_reel(reel);
  if (!report) return report.error();
  if (!report->findings.empty()) return Error{.what = "check: " + report->findings.front().what};
  if (!report->complete) return Error{.what = "the reel is not sealed"};
  if (const std::string fault = fault_of(log); !fault.empty()) return Error{.what = fault};
  return ok_status();
}

}  // namespace

Result<Accounts> accounts_of(const std::string& path, const std::string& counted_port) {
  const Result<ReelReader> reel = ReelReader::open(path);
  if (!reel) return reel.error();
  const ReelLog log{*reel};
  if (const Status sound = check_soundness(path, log); !sound) return sound.error();
  Accounts accounts;
  std::optional<PortId> counted;
  std::uint64_t counted_frames = 0;
  auto cursor = reel->events();
  Event event;
  for (;;) {
    const Result<bool> more = cursor.next(event);
    if (!more) return more.error();
    if (!*more) break;
    ++accounts.events;
    if (const auto* frame = std::get_if<Frame>(&event.body)) {
      ++accounts.frames;
      if (counted == frame->port) ++counted_frames;
    } else if (const auto* port = std::get_if<PortAdded>(&event.body)) {
      if (!counted && counted_port == port->name) counted = port->port;
    } else if (const auto* marker = std::get_if<Marker>(&event.body)) {
      accounts.marks[marker->name] = counted_frames;
    } else if (const auto* gap = std::get_if<Gap>(&event.body)) {
      if (gap->where == "before-fabric" && counted == gap->port) accounts.lost_before_fabric += gap->frames;
    } else if (std::holds_alternative<NodeStarted>(event.body)) {
      ++accounts.starts;
    } else if (std::holds_alternative<Checkpoint>(event.body)) {
      ++accounts.checkpoints;
    }
  }
  const auto is_stall = [](const HostNote& note) { return note.kind == "stall"; };
  accounts.stalls = static_cast<std::uint64_t>(std::count_if(log.notes().begin(), log.notes().end(), is_stall));
  return accounts;
}

}  // namespace labreel::test
