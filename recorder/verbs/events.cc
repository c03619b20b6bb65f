// labreel events: what happened, one event a line, for people or as JSON.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "replay/event_filter.h"
#include "replay/event_json.h"
#include "replay/event_text.h"
#include "replay/position.h"
#include "replay/reel_log.h"

namespace labreel {
namespace {

struct EventsOptions {
  std::string reel;
  std::string filter;
  std::string kinds;
  std::string port;
  std::string from;
  std::string to;
  bool payload = false;
  bool as_json = false;
};

bool wants_colours() {
  const char* const no_colour = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) != 0 && (no_colour == nullptr || *no_colour == '\0') &&
         (terminal == nullptr || std::string_view{terminal} != "dumb");
}

// Prints one event, or only takes it into account; false when nobody reads any more.
class Printer {
 public:
  explicit Printer(const EventsOptions& options) : as_json_(options.as_json), json_(options.payload) {
    text_options_.colours = wants_colours();
  }
  void observe(const Event& event) {
    if (as_json_) {
      json_.observe(event);
    } else {
      names_.follow(event);
    }
  }
  bool print(const Event& event) {
    std::string line;
    if (as_json_) {
      line = json_.line(event);
    } else {
      names_.follow(event);
      line = event_text(event, names_, text_options_);
    }
    line += '\n';
    return std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
  }

 private:
  bool as_json_;
  EventJson json_;
  Names names_;
  EventTextOptions text_options_;
};

int print_events(const EventsOptions& options) {
  const std::string path = choose_reel(options.reel);
  const ReelReader reel = open_reel(path);
  const ReelLog log{reel};
  FilterOptions filter_options;
  filter_options.filter = options.filter;
  filter_options.kinds = options.kinds;
  filter_options.port = options.port;
  if (!options.from.empty()) filter_options.from = value_or_throw(resolve_position(log, options.from));
  if (!options.to.empty()) filter_options.to = value_or_throw(resolve_position(log, options.to));
  EventFilter filter = value_or_throw(EventFilter::make(filter_options, log));
  Printer printer{options};
  const auto source = log.events();
  Event event;
  for (;;) {
    auto more = source->next(event);
    if (!more) {
      Error error = std::move(more).error();
      error.place = path + (error.place.empty() ? "" : ": " + error.place);
      throw VerbError(std::move(error));
    }
    if (!*more || filter.is_past(event)) break;
    if (!filter.passes(event)) {
      printer.observe(event);
    } else if (!printer.print(event)) {
      return kExitDone;  // main() says so if it was not a closed pipe
    }
  }
  std::fflush(stdout);
  warn_of_end(path, reel);
  return kExitDone;
}

}  // namespace

void add_events(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<EventsOptions>();
  CLI::App* const verb = app.add_subcommand("events", "Print what happened, event by event");
  verb->add_option("REEL", options->reel, "The reel; default: the newest in this folder");
  verb->add_option("--filter", options->filter, "Only frames that pass this libpcap filter");
  verb->add_option("--kind", options->kinds, "Only this kind, such as frame or link.down; several with commas");
  verb->add_option("--port", options->port, "Only what concerns this port, such as r1:eth1");
  verb->add_option("--from", options->from, "From this position: a seq, a marker, +12.5s");
  verb->add_option("--to", options->to, "Up to this position");
  verb->add_flag("--payload", options->payload, "With --json: the frames' bytes");
  verb->add_flag("--json", options->as_json, "One JSON object a line");
  verb->callback([options, &exit_code] { exit_code = print_events(*options); });
}

}  // namespace labreel
