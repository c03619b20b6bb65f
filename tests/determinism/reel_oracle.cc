#include "tests/determinism/reel_oracle.h"

#include <fmt/format.h>

#include <filesystem>

#include "replay/final_outcomes.h"
#include "replay/import/imported.h"
#include "replay/reel_log.h"
#include "replay/verify.h"
#include "store/reel_check.h"
#include "store/reel_reader.h"

namespace labreel::test {

namespace {

bool is_imported_log(const EventLog& log) {
  const auto first = log.event_at(kFirstSeq);
  const auto* begun = first ? std::get_if<LabBegun>(&first->body) : nullptr;
  return begun != nullptr && is_imported(*begun);
}

// What the fabric level says; of an imported capture there is none.
std::string fault_of_decisions(const EventLog& log) {
  if (is_imported_log(log)) return {};
  const auto source = log.events();
  const auto verified = verify_fabric(*source, log.complete());
  if (!verified) return "verify gives up: " + verified.error().what;
  if (!verified->identical()) {
    return fmt::format("verify: event {}: {}", verified->difference->seq.value, verified->difference->why);
  }
  if (verified->events != log.last().value) return fmt::format("verify read {} events", verified->events);
  return {};
}

}  // namespace

std::string fault_of(const EventLog& log) {
  if (std::string fault = fault_of_decisions(log); !fault.empty()) return fault;
  const auto counts = tally(log);
  if (!counts) return "copies cannot be counted: " + counts.error().what;
  if (!counts->holds()) return "a copy has no outcome or more than one";
  if (log.complete() && counts->in_flight > 0 && !is_imported_log(log)) return "copies fly on after the end";
  return {};
}

std::string fault_of_reels_in(const std::string& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".reel") continue;
    const Result<ReelReport> report = check_reel(entry.path());
    if (!report || !report->findings.empty() || report->events == 0) continue;
    const Result<ReelReader> reel = ReelReader::open(entry.path());
    if (!reel) return entry.path().string() + ": check finds nothing, but it cannot be opened: " + reel.error().what;
    const std::string fault = fault_of(ReelLog{*reel});
    if (!fault.empty()) return entry.path().string() + ": " + fault;
  }
  return {};
}

}  // namespace labreel::test
