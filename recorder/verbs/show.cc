// labreel show: the whole lab at a position, or as it is now.
#include <fmt/format.h>

#include <memory>

#include "recorder/pack/lab_file_ports.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "replay/projection/lab_at.h"
#include "replay/position.h"
#include "replay/reel_log.h"

namespace labreel {
namespace {

struct ShowOptions {
  std::string reel;
  std::string at = "end";
  bool as_json = false;
  bool as_dot = false;
  bool as_mermaid = false;
};

int show(const ShowOptions& options) {
  const std::string path = choose_reel(options.reel);
  const ReelReader reel = open_reel(path);
  const ReelLog log{reel};
  const Seq position = value_or_throw(resolve_position(log, options.at));
  const auto lab = value_or_throw(lab_at(log, position), path);
  const RecordedPorts recorded = recorded_ports(log, position);
  const NodeEnds ends = node_ends(log, lab.fabric.topology(), position);
  if (options.as_json) {
    fmt::print("{}\n", lab_to_json(lab, recorded, ends));
  } else if (options.as_dot) {
    fmt::print("{}", lab_to_dot(lab, path, ends));
  } else if (options.as_mermaid) {
    fmt::print("{}", lab_to_mermaid(lab, ends));
  } else {
    fmt::print("{}", lab_to_text(lab, recorded, ends));
  }
  return kExitDone;
}

}  // namespace

void add_show(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* const verb =
      app.add_subcommand("show", "Show the whole lab at a position: links, tables, frames in flight");
  verb->add_option("REEL", options->reel, "The reel; default: the newest in this folder");
  verb->add_option("--at", options->at, "A seq, a marker, +12.5s, or end (the default; of a running lab: now)");
  auto* const json = verb->add_flag("--json", options->as_json, "One JSON object");
  auto* const dot = verb->add_flag("--dot", options->as_dot, "A picture for Graphviz");
  auto* const mermaid = verb->add_flag("--mermaid", options->as_mermaid, "A picture for Markdown");
  json->excludes(dot)->excludes(mermaid);
  dot->excludes(mermaid);
  verb->callback([options, &exit_code] { exit_code = show(*options); });
}

}  // namespace labreel
