// labreel replay: a recording played again in its own time, or stepped through in the terminal.
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cmath>
#include <csignal>
#include <memory>

#include "engine/core/suggest.h"
#include "engine/core/units.h"
#include "engine/text/text.h"
#include "recorder/player/full_screen.h"
#include "recorder/player/pacer.h"
#include "recorder/player/step_player.h"
#include "recorder/verbs/colours.h"
#include "recorder/verbs/event_choice.h"
#include "recorder/verbs/live.h"
#include "recorder/verbs/progress.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/replay_into.h"
#include "recorder/verbs/verb.h"
#include "replay/event_filter.h"
#include "replay/event_text.h"
#include "replay/projection/search.h"
#include "replay/reel_log.h"
#include "replay/terminal_text.h"

namespace labreel {
namespace {

struct ReplayOptions {
  EventChoice choice;
  std::string speed = "1";
  std::string console;
  std::string into;
  std::string lab;
  bool step = false;
  bool raw = false;
};

volatile bool interrupted = false;
void note_interrupt(int /*signal*/) { interrupted = true; }

void watch_for_interrupts() {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

// 0 stands for "max".
double speed_of(const std::string& text) {
  if (text == "max") return 0;
  double speed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), speed);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(speed) || speed <= 0) {
    throw VerbError(Error{ErrorKind::usage, fmt::format("\"{}\" is no speed", printable(text)), {},
                          "a speed is a number above 0, such as 0.5 or 10, or max"});
  }
  return speed;
}

// Prints events, or the bytes of one node's consoles, each in its time.
class Performance {
 public:
  Performance(const ReplayOptions& options, const EventLog& log)
      : pacer_(speed_of(options.speed)), console_(options.console),
        is_tamed_(!options.raw && ::isatty(STDOUT_FILENO) != 0), filter_(filter_of(options, log)),
        from_(options.choice.first(log)) {
    text_.colours = wants_colours();
  }

  // False when no later event is asked for, nobody reads any more, or a person has ended it.
  bool take(const Event& event) {
    names_.follow(event);
    if (filter_.is_past(event)) return false;
    const bool passes = filter_.passes(event);
    if (event.seq < from_) return true;
    if (!started_) pacer_.start(event.time);
    started_ = true;
    const std::string shown = !passes ? "" : console_.empty() ? event_text(event, names_, text_) + "\n" : console_text(event);
    if (shown.empty()) return true;
    if (pacer_.is_ahead(event.time)) std::fflush(stdout);
    if (!pacer_.wait_for(event.time, interrupted)) return false;
    ++played_;
    return std::fwrite(shown.data(), 1, shown.size(), stdout) == shown.size();
  }

  // Ends what the node's last bytes began.
  void finish() {
    const std::string rest = tamed_.finish();
    std::fwrite(rest.data(), 1, rest.size(), stdout);
    std::fflush(stdout);
  }

  void say_timing() const {
    if (!started_) return fmt::print(stderr, "played nothing: no event was asked for\n");
    std::string text = fmt::format("played {} events in {:.3f} s (recorded: {:.3f} s)", played_,
                                   static_cast<double>(pacer_.played_ns()) / 1e9, static_cast<double>(pacer_.lab_ns()) / 1e9);
    const Lateness& late = pacer_.lateness();
    if (late.count() > 0) {
      text += fmt::format("; late by p50 {:.3f} ms, p99 {:.3f} ms, max {:.3f} ms", ms(late.at_percent(50)),
                          ms(late.at_percent(99)), ms(late.max_ns()));
    }
    fmt::print(stderr, "{}\n", text);
  }

 private:
  static double ms(std::uint64_t ns) { return static_cast<double>(ns) / 1e6; }

  static EventFilter filter_of(const ReplayOptions& options, const EventLog& log) {
    FilterOptions filter;
    filter.filter = options.choice.filter;
    filter.port = options.choice.port;
    filter.from = options.choice.first(log);
    filter.to = options.choice.last(log);
    return value_or_throw(EventFilter::make(filter, log));
  }

  // What a node printed is whoever recorded it: a terminal gets only what cannot steer it.
  std::string console_text(const Event& event) {
    const std::string bytes = bytes_of(event);
    return is_tamed_ ? tamed_.take(bytes) : bytes;
  }
  // What the node wrote, as its terminal had it.
  std::string bytes_of(const Event& event) const {
    if (const auto* output = std::get_if<ExecOutput>(&event.body)) {
      return names_(output->node) == console_ ? output->bytes : "";
    }
    const auto* console = std::get_if<Console>(&event.body);
    return console != nullptr && !console->input && names_(console->node) == console_ ? console->bytes : "";
  }

  Pacer pacer_;
  std::string console_;
  bool is_tamed_;
  TerminalText tamed_;
  EventFilter filter_;
  Seq from_;
  Names names_;
  EventTextOptions text_;
  bool started_ = false;
  std::uint64_t played_ = 0;
};

void require_node(const std::string& node, const EventLog& log) {
  std::vector<std::string> nodes;
  throw_unless_ok(read_events(log, kFirstSeq, log.last(), [&](const Event& event) {
    if (const auto* added = std::get_if<NodeAdded>(&event.body)) nodes.push_back(added->name);
    return true;
  }));
  if (std::find(nodes.begin(), nodes.end(), node) != nodes.end()) return;
  throw VerbError(Error{
      ErrorKind::usage, fmt::format("there is no node \"{}\"{}", printable(node), printable(did_you_mean(node, nodes))), {}, {}});
}

int play(const ReplayOptions& options, const std::string& path, const ReelReader& reel) {
  const ReelLog log{reel};
  if (!options.console.empty()) require_node(options.console, log);
  Performance performance{options, log};
  fmt::print(stderr, "view level: recorded events in their order and time; nothing is run again\n");
  watch_for_interrupts();
  // Damage is said at the end, as `events` says it.
  throw_unless_ok(read_events(log, kFirstSeq, log.last(), [&](const Event& event) { return performance.take(event); }));
  performance.finish();
  performance.say_timing();
  warn_of_end(path, reel);
  return interrupted ? kExitInterrupted : kExitDone;
}

void require_terminal() {
  if (::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0) return;
  throw VerbError(Error{ErrorKind::usage, "--step needs a terminal, and stdin or stdout is none", {},
                        "labreel events prints what --step shows; labreel replay plays it"});
}

std::string words_of_end(const ReelEnd& end) {
  if (end.damage) return "this is the last event before damage: " + end.damage->place + ": " + end.damage->what;
  return end.complete ? "this is the end of the recording" : "this is the last event: " + end.why;
}

int step(const ReplayOptions& options, const std::string& path, const ReelReader& reel) {
  require_terminal();
  const ReelLog log{reel};
  if (log.last().is_none()) throw VerbError(Error{ErrorKind::input, "the recording has no events", path, {}});
  Progress progress{"replay", log.last().value};
  const ProgressLog counted{log, progress};
  StepPlayer player =
      value_or_throw(StepPlayer::open(log, path, words_of_end(reel.end()), options.choice.first(log), &counted), path);
  progress.hide();
  FullScreen screen;
  for (;;) {
    screen.paint(player.page(screen.size().rows));
    const FullScreen::Input input = screen.wait();
    if (input.ended_by != 0) return kExitInterrupted;
    for (const char key : input.keys) {
      if (!player.press(key)) return kExitDone;
    }
  }
}

int replay(const ReplayOptions& options) {
  const std::string path = choose_reel(options.choice.reel);
  // What sends frames into a live lab has to connect to it.
  const ReelReader reel = options.into.empty() ? open_reel(path) : open_reel_unlocked(path);
  if (!options.into.empty()) {
    watch_for_interrupts();
    return replay_into({options.choice, options.into, options.lab, speed_of(options.speed)}, path, reel, interrupted);
  }
  return options.step ? step(options, path, reel) : play(options, path, reel);
}

}  // namespace

void add_replay(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* const verb = app.add_subcommand("replay", "Play a recording again in its own time, or step through it");
  options->choice.declare(*verb);
  auto* const step = verb->add_flag("--step", options->step, "Step forwards and backwards in the terminal; ? shows the keys");
  auto* const speed = verb->add_option("--speed", options->speed, "How many times as fast as it was: 0.5, 10, or max");
  auto* const console =
      verb->add_option("--console", options->console, "Only what this node's consoles and commands printed; on a terminal, what would steer it is made visible");
  auto* const raw = verb->add_flag("--raw", options->raw, "With --console: every byte as it was, on a terminal, too: trust the reel first");
  raw->needs(console);
  auto* const into = verb->add_option("--into", options->into,
                                      "Send what this port got into the same port of a running lab, in its time");
  add_lab_option(*verb, options->lab);
  step->excludes(speed)->excludes(console)->excludes(into);
  into->excludes(console)->excludes(verb->get_option("--port"));
  for (const char* const name : {"--filter", "--port", "--to"}) step->excludes(verb->get_option(name));
  verb->callback([options, &exit_code] { exit_code = replay(*options); });
}

}  // namespace labreel
