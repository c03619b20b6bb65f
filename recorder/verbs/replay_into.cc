#include "recorder/verbs/replay_into.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "engine/text/hex.h"
#include "engine/text/text.h"
#include "recorder/player/pacer.h"
#include "recorder/verbs/live.h"
#include "recorder/verbs/reel_choice.h"
#include "replay/diff/content_matcher.h"
#include "replay/diff/masked_frame.h"
#include "replay/final_outcomes.h"
#include "replay/names.h"
#include "replay/packet_fields.h"
#include "replay/projection/search.h"
#include "replay/reel_log.h"

namespace labreel {
namespace {

constexpr std::uint64_t kAnswerTime_ns = 1'000'000'000;  // how long answers are waited for behind the last frame

// What one call carries at most: the lab does nothing else meanwhile, and what the node answers must fit into its queue.
constexpr std::size_t kCallFrames_max = 256;
constexpr std::size_t kCallBytes_max = 256 << 10;
// Frames that are due wait for company while so many more events are looked at.
constexpr std::uint64_t kHeldEvents_max = 1'000;

// What was sent, as the injected recording has it; in its order.
struct Sent {
  LabTime recorded;
  Seq command;
};

double ms(std::uint64_t ns) { return static_cast<double>(ns) / 1e6; }

bool was_delivered_to(const Event& event, const Frame& frame, const std::string& port, const Names& names,
                      const FinalOutcomes& outcomes) {
  for (std::uint32_t i = 0; i < frame.copies.size(); ++i) {
    const Copy& copy = frame.copies[i];
    if (copy.port != kNoPort && names(copy.port) == port && outcomes.of(event.seq, i, copy).delivered()) return true;
  }
  return false;
}

// Gathers frames that are due, and sends them with one call.
class Injector {
 public:
  Injector(ControlClient& client, const std::string& port, const std::string& path)
      : client_(client), port_(port), path_(path) {}

  void add(const Event& event, std::string from, Bytes bytes) {
    recorded_.push_back({event.seq, event.time});
    frames_.push_back({std::move(from), std::string(as_text(bytes))});
    bytes_ += bytes.size();
    if (frames_.size() == kCallFrames_max || bytes_ >= kCallBytes_max) send();
  }

  // Frames wait to be sent, and have waited long enough.
  bool should_send(const Pacer& pacer, LabTime next) {
    return !frames_.empty() && (++held_events_ > kHeldEvents_max || pacer.is_ahead(next));
  }

  // Sends what waits. Throws VerbError if the lab refuses a frame, and names its event.
  void send() {
    if (frames_.empty()) return;
    const InjectReply reply = value_or_throw(client_.inject(port_, frames_));
    if (!reply.last.ok) {
      const std::size_t refused = std::max<std::size_t>(reply.commands.size(), 1) - 1;
      throw VerbError(Error{reply.last.kind, reply.last.error,
                            fmt::format("{}: event {}", path_, recorded_.at(refused).event.value), reply.last.hint});
    }
    for (std::size_t i = 0; i < frames_.size(); ++i) sent_.push_back({recorded_[i].time, reply.commands.at(i)});
    frames_.clear();
    recorded_.clear();
    bytes_ = held_events_ = 0;
  }

  std::vector<Sent> take_sent() { return std::move(sent_); }

 private:
  struct Recorded {
    Seq event;
    LabTime time;
  };

  ControlClient& client_;
  const std::string& port_;
  const std::string& path_;
  std::vector<InjectedFrame> frames_;
  std::vector<Recorded> recorded_;  // where the frames come from
  std::size_t bytes_ = 0;
  std::uint64_t held_events_ = 0;  // that were looked at while frames waited
  std::vector<Sent> sent_;
};

// Sends one frame after another, each in its time; a refusal of the lab ends it.
std::vector<Sent> send_all(const IntoOptions& options, const std::string& path, const EventLog& log, ControlClient& client,
                           const volatile bool& stop) {
  const FinalOutcomes outcomes = value_or_throw(find_final_outcomes(log));
  EventFilter filter = options.choice.event_filter(log);
  Pacer pacer{options.speed};
  Names names;
  Injector injector{client, options.port, path};
  bool started = false;
  const Status read = read_events(log, kFirstSeq, log.last(), [&](const Event& event) {
    names.follow(event);
    if (stop || filter.is_past(event)) return false;
    if (injector.should_send(pacer, event.time)) injector.send();
    const auto* frame = std::get_if<Frame>(&event.body);
    if (!filter.passes(event) || frame == nullptr) return true;
    if (frame->length > frame->bytes.size()) return true;  // --lossy left its payload out
    if (!was_delivered_to(event, *frame, options.port, names, outcomes)) return true;
    if (!started) pacer.start(event.time);
    started = true;
    if (!pacer.wait_for(event.time, stop)) return false;
    injector.add(event, names(frame->port), frame->bytes);
    return true;
  });
  if (!stop) injector.send();
  throw_unless_ok(read);
  return injector.take_sent();
}

// The frames that the port's node sent in a stretch of lab time, given to a matcher.
std::uint64_t take_answers(const EventLog& log, const std::string& port, LabTime from, LabTime to, Side side,
                           ContentMatcher& matcher) {
  std::uint64_t count = 0;
  Names names;
  throw_unless_ok(read_events(log, kFirstSeq, log.last(), [&](const Event& event) {
    names.follow(event);
    const auto* frame = std::get_if<Frame>(&event.body);
    if (frame == nullptr || event.time < from || event.time > to || names(frame->port) != port) return event.time <= to;
    if (!event.cause.is_none()) return true;  // it was injected, and nobody's answer
    ++count;
    matcher.take(side, event.seq, masked_frame(frame->bytes, kIgnoreNumbers));
    return true;
  }));
  return count;
}

// How the injected frames came out in the live lab's own recording.
struct Landing {
  Lateness error;  // of the time since the first frame
  std::uint64_t delivered = 0;
  std::uint64_t injected = 0;
  std::uint64_t elsewhere = 0;  // sent to one MAC address that is not the port's: its node takes no notice
  LabTime first;
  LabTime last;
};

bool is_for_another(const Frame& frame, const std::string& port, const Topology& topology) {
  const auto fields = packet_fields(frame.bytes);
  const auto id = topology.port_named(port);
  return fields && id && (fields->to[0] & 1U) == 0 && fields->to != topology.find(*id)->added.mac;
}

Landing land(const EventLog& live, const std::string& port, const std::vector<Sent>& sent, double speed) {
  const FinalOutcomes outcomes = value_or_throw(find_final_outcomes(live));
  Landing landing;
  Names names;
  throw_unless_ok(read_events(live, kFirstSeq, live.last(), [&](const Event& event) {
    names.follow(event);
    const auto* frame = std::get_if<Frame>(&event.body);
    if (frame == nullptr || event.cause.is_none()) return true;
    const auto found = std::ranges::lower_bound(sent, event.cause, {}, &Sent::command);
    if (found == sent.end() || found->command != event.cause) return true;
    if (landing.injected++ == 0) landing.first = event.time;
    landing.last = event.time;
    if (was_delivered_to(event, *frame, port, names, outcomes)) ++landing.delivered;
    if (is_for_another(*frame, port, names.topology())) ++landing.elsewhere;
    if (speed > 0) {
      const double wanted_ns = static_cast<double>(found->recorded.ns - sent.front().recorded.ns) / speed;
      const double came_ns = static_cast<double>(event.time.ns - landing.first.ns);
      landing.error.add(static_cast<std::uint64_t>(came_ns > wanted_ns ? came_ns - wanted_ns : wanted_ns - came_ns));
    }
    return true;
  }));
  return landing;
}

void report(const IntoOptions& options, const EventLog& log, const std::string& live_path, const std::vector<Sent>& sent) {
  const ReelReader live_reel = open_reel_unlocked(live_path);
  const ReelLog live{live_reel};
  const Landing landing = land(live, options.port, sent, options.speed);
  fmt::print("{} frames sent into {}: {} delivered, {} not; within {:.6f} s\n", landing.injected, options.port,
             landing.delivered, landing.injected - landing.delivered,
             static_cast<double>(landing.last.ns - landing.first.ns) / 1e9);
  if (landing.elsewhere > 0) {
    fmt::print(stderr, "hint: {} were for another MAC address than the port has here; the lab file can set it: mac\n",
               landing.elsewhere);
  }
  if (landing.error.count() > 0) {
    fmt::print("timing error, by the lab's own clock since the first frame: p50 {:.3f} ms, p99 {:.3f} ms, max {:.3f} ms\n",
               ms(landing.error.at_percent(50)), ms(landing.error.at_percent(99)), ms(landing.error.max_ns()));
  }
  ContentMatcher matcher;
  const auto then = take_answers(log, options.port, sent.front().recorded, sent.back().recorded + kAnswerTime_ns, Side::a,
                                 matcher);
  const auto now = take_answers(live, options.port, landing.first, landing.last + kAnswerTime_ns, Side::b, matcher);
  matcher.finish();
  const std::uint64_t only_then = matcher.only_in(Side::a).count;
  fmt::print("its own frames meanwhile: {} in the reel, {} now; {} the same but for numbers that hosts draw, {} only then, "
             "{} only now\n",
             then, now, then - only_then, only_then, matcher.only_in(Side::b).count);
}

}  // namespace

int replay_into(const IntoOptions& options, const std::string& path, const ReelReader& reel, const volatile bool& stop) {
  const ReelLog log{reel};
  ControlClient client = connect_to_lab(options.lab);
  const std::string live_path = value_or_throw(client.status()).reel;
  fmt::print(stderr, "inject level: recorded frames into a live node, in their order; its answers are not promised\n");
  const std::vector<Sent> sent = send_all(options, path, log, client, stop);
  if (sent.empty()) {
    if (stop) return kExitInterrupted;
    throw VerbError(Error{ErrorKind::usage, "no frame that was asked for was delivered to " + printable(options.port), path,
                          "labreel show " + path + " --at end lists the ports"});
  }
  if (!stop) std::this_thread::sleep_for(std::chrono::nanoseconds{kAnswerTime_ns});
  report(options, log, live_path, sent);
  fmt::print(stderr, "what came of it is in {}: labreel events --kind frame {}\n", printable(live_path),
             printable(live_path));
  warn_of_end(path, reel);
  return stop ? kExitInterrupted : kExitDone;
}

}  // namespace labreel
