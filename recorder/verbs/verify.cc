// labreel verify: re-executes the switch on the recorded inputs and proves the result identical, or names the
// difference.
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "engine/text/json_writer.h"
#include "engine/text/text.h"
#include "recorder/session/recorded_lab.h"
#include "recorder/verbs/difference_text.h"
#include "recorder/verbs/lab_home.h"
#include "recorder/verbs/progress.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/trust.h"
#include "recorder/verbs/verb.h"
#include "recorder/verbs/verify_lab.h"
#include "replay/event_json.h"
#include "replay/reel_log.h"
#include "replay/verify.h"

namespace labreel {
namespace {

struct VerifyOptions {
  std::string reel;
  std::uint32_t times = 1;
  bool trust = false;
  bool as_json = false;
};

void write_side(JsonWriter& json, const std::optional<KeptEvent>& side, const Topology& topology) {
  if (!side) {
    json.null();
    return;
  }
  write_event(json, side->event(), topology, true);
}

std::string json_of(const VerifyResult& result, const std::string& level, bool higher) {
  JsonWriter json;
  json.begin_object();
  json.key("level").value(level);
  json.key("higher_level_available").value(higher);
  json.key("identical").value(result.identical());
  json.key("events").value(result.events);
  json.key("frames").value(result.frames);
  json.key("ranges").begin_array();
  for (const VerifiedRange& range : result.ranges) {
    json.begin_object();
    json.key("from").value(range.from.value);
    json.key("to").value(range.to.value);
    json.end_object();
  }
  json.end_array();
  json.key("first_difference");
  if (result.difference) {
    json.begin_object();
    json.key("seq").value(result.difference->seq.value);
    // `expected` and `got` are the older names, which read the wrong way round: what came out now, and what is recorded.
    for (const char* const name : {"expected", "now"}) {
      json.key(name);
      write_side(json, result.difference->expected, result.difference->topology);
    }
    for (const char* const name : {"got", "recorded"}) {
      json.key(name);
      write_side(json, result.difference->got, result.difference->topology);
    }
    json.end_object();
  } else {
    json.null();
  }
  json.end_object();
  return json.take();
}

// What is proved, where frames are missing in between.
std::string ranges_text(const VerifyResult& result) {
  std::string text;
  for (const VerifiedRange& range : result.ranges) {
    text += fmt::format("{}{} to {}", text.empty() ? "" : ", ", range.from.value, range.to.value);
  }
  return text.empty() ? "none" : text;
}

void print_words(const std::string& path, const VerifyResult& result, const std::string& level, bool higher) {
  if (result.identical()) {
    fmt::print("{}: identical at the {} level: {} events, {} frames {}\n", printable(path), level, result.events, result.frames,
               level == "lab" ? "came out the same" : "decided again");
    const bool has_holes = result.ranges.size() != 1 || result.ranges[0].to.value != result.events;
    if (has_holes && level == "fabric" && result.events > 0) {
      fmt::print("  proved: events {}; between them frames are missing (labreel events --kind gap)\n", ranges_text(result));
    }
    if (higher)
      fmt::print(stderr, "hint: --trust re-runs the whole lab, guests included; it runs the reel's commands here\n");
    return;
  }
  const Difference& difference = *result.difference;
  fmt::print("{}: differs at event {}: {}\n  in the reel {}\n  now         {}\n", printable(path), difference.seq.value, printable(difference.why),
             side_text(difference.got, difference.topology), side_text(difference.expected, difference.topology));
}

// The digest that the reel claims must be that of its events.
void check_digest(const std::string& path, const ReelReader& reel) {
  const auto recorded = reel.recorded_digest();
  if (!recorded) return;
  const Digest computed = value_or_throw(reel.digest_at(reel.end().last));
  if (computed == *recorded) return;
  throw VerbError(Error{ErrorKind::input,
                        fmt::format("the reel claims the digest {}, but its events have {}", *recorded, computed), path,
                        "labreel check " + path});
}

// At the lab level if there is a home of its node files, else at the fabric level.
VerifyResult verify_once(const std::string& path, const EventLog& log, const std::optional<LabHome>& home) {
  Progress progress{home ? "verify --trust" : "verify", log.last().value};
  ProgressSource source{log.events(), progress};
  return value_or_throw(home ? verify_lab(log, home->lab_file_path(), source) : verify_fabric(source, log.complete()), path);
}

int verify(const VerifyOptions& options) {
  const std::string path = choose_reel(options.reel);
  std::optional<ReelFiles> to_run;
  if (options.trust) to_run = take_to_run(path);
  if (to_run) require_trust(*to_run, RunsOf::recorded_lab, Trust::by_level);
  const ReelReader reel = to_run ? open_to_run(*to_run) : open_reel(path);
  warn_of_end(path, reel);
  const ReelLog log{reel};
  const bool higher = !options.trust && is_virtual(log);
  const std::string level = options.trust ? "lab" : "fabric";
  std::optional<LabHome> home;
  if (to_run) home.emplace(*to_run, log);
  int exit_code = kExitDone;
  for (std::uint32_t time = 0; time < options.times && exit_code == kExitDone; ++time) {
    const VerifyResult verified = verify_once(path, log, home);
    if (options.as_json) {
      fmt::print("{}\n", json_of(verified, level, higher));
    } else {
      print_words(path, verified, level, higher);
    }
    if (!verified.identical()) exit_code = kExitDiffers;
  }
  if (exit_code == kExitDone) check_digest(path, reel);
  return exit_code;
}

}  // namespace

void add_verify(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* const verb = app.add_subcommand("verify", "Re-execute the switch and prove every decision identical");
  verb->add_option("REEL", options->reel, "The reel; default: the newest in this folder");
  verb->add_option("--times", options->times, "How often")->check(CLI::Range(1U, 1'000'000U));
  verb->add_flag("--trust", options->trust, "Run the whole lab again, guests and all: the reel's commands run here; a terminal shows them first, and asks");
  verb->add_flag("--json", options->as_json, "One JSON object");
  verb->footer("With --json, first_difference has `recorded`, the event in the reel, and `now`, what came out this time;\n"
               "`got` and `expected` are older names of the same two.");
  verb->callback([options, &exit_code] { exit_code = verify(*options); });
}

}  // namespace labreel
