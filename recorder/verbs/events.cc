// labreel events: what happened, one event a line, for people or as JSON.
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>

#include "recorder/pack/lab_file_ports.h"
#include "recorder/verbs/colours.h"
#include "recorder/verbs/event_choice.h"
#include "recorder/verbs/live.h"
#include "recorder/verbs/live_tail.h"
#include "recorder/verbs/progress.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "replay/decode/layer_text.h"
#include "replay/event_filter.h"
#include "replay/event_json.h"
#include "replay/event_text.h"
#include "replay/frame_fields.h"
#include "replay/position.h"
#include "replay/projection/search.h"
#include "replay/reel_log.h"
#include "replay/trace.h"
#include "replay/trace/trace_report.h"

namespace labreel {
namespace {

struct EventsOptions {
  EventChoice choice;
  std::string kinds;
  std::string trace;
  std::string lab;
  bool follow = false;
  bool payload = false;
  bool fields = false;
  bool as_json = false;
};

constexpr std::chrono::milliseconds kReaderGoneAfter{100};  // is noticed by then

// Prints one event, or only takes it into account; false when nobody reads any more.
class Printer {
 public:
  explicit Printer(const EventsOptions& options) : as_json_(options.as_json), json_(options.payload, options.fields) {
    if (options.fields && !as_json_) fields_.emplace();
    text_options_.colours = wants_colours();
  }
  void observe(const Event& event) {
    if (as_json_) {
      json_.observe(event);
    } else {
      names_.follow(event);
      static_cast<void>(layers_of(event));
    }
  }
  bool print(const Event& event) {
    std::string line;
    if (as_json_) {
      line = json_.line(event);
    } else {
      names_.follow(event);
      line = event_text(event, names_, text_options_);
      for (const std::string& field : layer_lines(layers_of(event))) line += "\n    " + field;
    }
    line += '\n';
    return std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
  }

 private:
  // None but for a frame whose fields are asked for.
  DecodedFrame layers_of(const Event& event) {
    const auto* const frame = std::get_if<Frame>(&event.body);
    return fields_ && frame != nullptr ? fields_->of(event, *frame, names_.topology()) : DecodedFrame{};
  }

  bool as_json_;
  EventJson json_;
  std::optional<FrameFields> fields_;
  Names names_;
  EventTextOptions text_options_;
};

// What was asked for, of events given one after another.
class Listing {
 public:
  Listing(const EventsOptions& options, const EventLog& log)
      : filter_(options.choice.event_filter(log, options.kinds)), printer_(options) {}

  // False when no later event is asked for, or nobody reads any more.
  bool take(const Event& event) {
    if (filter_.is_past(event)) return false;
    if (filter_.passes(event)) {
      if (progress_) progress_->hide();  // the line may go to the same terminal
      return printer_.print(event);      // main() says so if it was not a closed pipe
    }
    printer_.observe(event);
    return true;
  }
  // Gives a reel's events from `from` on; false as take().
  bool take_all(const std::string& path, const ReelLog& log, Seq from) {
    progress_.emplace("events", log.last().value);
    ProgressSource source{log.events(from), *progress_};
    Event event;
    bool goes_on = true;
    while (goes_on && value_or_throw(source.next(event), path)) goes_on = take(event);
    progress_.reset();
    return goes_on;
  }

 private:
  EventFilter filter_;
  Printer printer_;
  std::optional<Progress> progress_;
};

// Says whether anybody may still read our output.
bool is_read() {
  pollfd out{STDOUT_FILENO, 0, 0};
  ::poll(&out, 1, 0);
  return (out.revents & (POLLERR | POLLHUP)) == 0;
}

// Prints what a running lab has recorded and goes on until it ends. Says where it stopped; nothing if that is the end.
std::optional<Seq> follow(LiveTail& tail, Listing& listing) {
  for (;;) {
    const auto wanted = tail.read_new([&](const Event& event) { return listing.take(event); });
    std::fflush(stdout);
    if (!wanted) return tail.next();
    if (!*wanted) return std::nullopt;
    for (bool more = false; !more;) {
      const auto told = tail.wait_for_more(kReaderGoneAfter);
      if (!told) return tail.next();
      if (!is_read()) return std::nullopt;
      more = *told;
    }
  }
}

// One packet, hop by hop, why each hop is taken for one, and what became of it.
int print_trace(const EventsOptions& options, const std::string& path) {
  const ReelReader reel = open_reel(path);
  const ReelLog log{reel};
  Progress progress{"events --trace", log.last().value};
  const Seq frame = value_or_throw(resolve_position(log, options.trace));
  const Trace trace = value_or_throw(trace_packet(ProgressLog{log, progress}, frame, recorded_ports(log, frame)));
  progress.hide();
  Names names;
  EventJson json{options.payload, options.fields};
  FrameFields fields;
  EventTextOptions text;
  text.colours = wants_colours();
  auto hop = trace.hops.begin();
  throw_unless_ok(read_events(log, kFirstSeq, trace.hops.back().frame, [&](const Event& event) {
    names.follow(event);
    const auto* const sent = std::get_if<Frame>(&event.body);
    const bool wants_fields = options.fields && !options.as_json && sent != nullptr;
    const DecodedFrame layers = wants_fields ? fields.of(event, *sent, names.topology()) : DecodedFrame{};
    if (event.seq != hop->frame) {
      if (options.as_json) json.observe(event);
      return true;
    }
    if (options.as_json) {
      fmt::print("{}\n", hop_json(json.line(event), *hop));
    } else {
      fmt::print("{}\n{}", event_text(event, names, text), hop_text(*hop));
      for (const std::string& field : layer_lines(layers)) fmt::print("    {}\n", field);
    }
    return ++hop != trace.hops.end();
  }));
  if (!trace.note.empty()) fmt::print(stderr, "labreel: {}\n", trace.note);
  warn_of_end(path, reel);
  return kExitDone;
}

// The reel that was named, or that of a running lab that was; else the newest of this folder.
std::string reel_of(const EventsOptions& options) {
  if (!options.choice.reel.empty()) return options.choice.reel;
  const std::string lab = options.follow ? chosen_lab(options.lab) : options.lab;
  if (lab.empty()) return choose_reel({});
  return value_or_throw(connect_to_lab(options.lab).status()).reel;
}

int print_events(const EventsOptions& options) {
  const std::string path = reel_of(options);
  if (!options.trace.empty()) return print_trace(options, path);
  std::optional<Listing> listing;
  auto recorder = options.follow ? recorder_of(path) : std::nullopt;
  if (recorder) {
    {
      const ReelReader so_far = open_reel(path);
      const ReelLog log{so_far};
      EventsOptions from_now = options;
      if (from_now.choice.from.empty() && !log.last().is_none()) from_now.choice.from = "end";
      listing.emplace(from_now, log);
    }
    LiveTail tail{std::move(*recorder)};
    const auto stopped_at = follow(tail, *listing);
    if (!stopped_at) return kExitDone;
    const ReelReader reel = open_reel(path);
    if (listing->take_all(path, ReelLog{reel}, *stopped_at)) warn_of_end(path, reel);
    std::fflush(stdout);
    return kExitDone;
  }
  const ReelReader reel = open_reel(path);
  const ReelLog log{reel};
  listing.emplace(options, log);
  listing->take_all(path, log, kFirstSeq);
  std::fflush(stdout);
  warn_of_end(path, reel);
  return kExitDone;
}

}  // namespace

void add_events(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<EventsOptions>();
  CLI::App* const verb = app.add_subcommand("events", "Print what happened, event by event");
  options->choice.declare(*verb);
  verb->add_option("--kind", options->kinds, "Only this kind, such as frame or link.down; several with commas");
  auto* const trace =
      verb->add_option("--trace", options->trace, "Only this frame's packet, hop by hop, and what became of it: a seq");
  verb->add_flag("--follow", options->follow, "Of a running lab: what comes from now on (or --from 1: all), until it ends or Ctrl-C");
  add_lab_option(*verb, options->lab)->excludes(verb->get_option("REEL"));
  verb->add_flag("--fields", options->fields, "Each frame's layers and fields, named as Wireshark names them");
  verb->add_flag("--payload", options->payload, "With --json: the frames' bytes");
  verb->add_flag("--json", options->as_json, "One JSON object a line");
  for (const char* const name : {"--filter", "--port", "--from", "--to", "--kind", "--follow"}) {
    trace->excludes(verb->get_option(name));
  }
  verb->callback([options, &exit_code] { exit_code = print_events(*options); });
}

}  // namespace labreel
