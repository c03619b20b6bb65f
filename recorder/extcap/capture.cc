#include "recorder/extcap/capture.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "recorder/control/registry.h"
#include "recorder/extcap/follow_packets.h"
#include "recorder/extcap/interfaces.h"
#include "recorder/extcap/paced_writer.h"
#include "recorder/verbs/capture_options.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "replay/reel_log.h"

namespace labreel {
namespace {

constexpr std::chrono::milliseconds kLiveInterval{100};

ExportOptions options_of(const CaptureWords& words, const CaptureTarget& target, const EventLog& log) {
  EventChoice choice;
  choice.filter = words.filter;
  choice.port = target.port.empty() ? words.port : target.port;
  choice.from = words.from;
  ExportOptions options = capture_options(choice, log);
  options.all_ports = words.all_ports;
  if (words.with_events) {
    options.event_json = events_for_captures();
  }
  return options;
}

void replay_reel(const CaptureWords& words, const CaptureTarget& target, ByteSink& sink, ToolbarPacer& pacer) {
  const ReelReader reel = open_reel(target.reel);
  const ReelLog log{reel};
  ExportOptions options = options_of(words, target, log);
  options.comments.emplace_back("level: view (recorded bytes, order, decisions and times)");
  PacedWriter writer{sink, pacer};
  throw_unless_ok(export_packets(log, options, writer));
}

void follow_lab(const CaptureWords& words, const CaptureTarget& target, ByteSink& sink, ToolbarPacer& pacer) {
  const RunningLab lab = value_or_throw(find_lab(target.lab));
  ControlClient asked = value_or_throw(ControlClient::connect(lab.socket));
  const std::string path = value_or_throw(asked.status()).reel;
  LiveTail tail{value_or_throw(ControlClient::connect(lab.socket))};  // a locked process connects no more
  const ReelReader so_far = open_reel(path);
  const ReelLog log{so_far};
  ExportOptions options = options_of(words, target, log);
  if (words.from.empty()) options.from = log.last().next();
  options.digest.clear();  // the lab goes on
  options.live = true;
  PacedWriter writer{sink, pacer};
  const auto recorded = log.events();
  LivePackets packets{survey_for_export(*recorded), log.last(), options, writer};
  throw_unless_ok(packets.begin());
  const auto idle = [&](std::chrono::milliseconds at_most) {
    writer.end();
    return !writer.closed() && pacer.idle(at_most);
  };
  if (!value_or_throw(follow_packets(asked, tail, packets, kLiveInterval, idle))) return;
  const ReelReader reel = open_reel(path);
  const ReelLog whole{reel};
  const auto rest = whole.events(tail.next());
  throw_unless_ok(packets.take_rest(*rest));
  writer.end();
}

// A FIFO that ends before its capture began would be Wireshark's own error, said in place of ours: an empty section
// first.
void begin_nothing(int fifo) {
  constexpr std::array<std::uint32_t, 7> kSection{0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0xFFFFFFFF, 0xFFFFFFFF, 28};
  static_cast<void>(!::write(fifo, kSection.data(), sizeof kSection));
}

void send(const CaptureWords& words, Toolbar& toolbar, int fifo, ByteSink& sink) {
  const CaptureTarget target = value_or_throw(capture_target_of(words.interface));
  const bool live = !target.lab.empty();
  ToolbarPacer pacer{fifo, toolbar, live ? 0 : words.speed};  // a running lab has its own pace
  if (live) {
    follow_lab(words, target, sink, pacer);
  } else {
    replay_reel(words, target, sink, pacer);
  }
}

}  // namespace

void capture(const CaptureWords& words) {
  Toolbar toolbar{words.control_in, words.control_out};
  const OwnedFd fifo{checked("open " + words.fifo, ::open(words.fifo.c_str(), O_WRONLY | O_CLOEXEC))};
  FileSink sink{fifo.get(), words.fifo};
  try {
    send(words, toolbar, fifo.get(), sink);
  } catch (...) {
    begin_nothing(fifo.get());
    throw;
  }
}

}  // namespace labreel
