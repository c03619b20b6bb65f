#include "replay/export_packets.h"

#include "replay/export_survey.h"
#include "replay/packet_merge.h"
#include "replay/packet_writer.h"
#include "replay/pcapng_writer.h"

namespace labreel {
namespace {

// Lets the merge see what comes, two seconds of lab time ahead; where the events break off, so will the second pass.
class Ahead {
 public:
  Ahead(EventSource& events, PacketMerge& packets) : events_(events), packets_(packets) {}
  void run_before(const Event& event) {
    while (!is_over_ && packets_.wants_ahead(event)) {
      const Result<bool> more = events_.next(event_);
      is_over_ = !more || !*more;
      if (!is_over_) packets_.look_ahead(event_);
    }
  }

 private:
  EventSource& events_;
  PacketMerge& packets_;
  Event event_;
  bool is_over_ = false;
};

Status merge(EventSource& ahead, EventSource& events, const ExportOptions& options, PacketMerge& packets,
             const PacketWriter& writer) {
  Ahead runner{ahead, packets};
  Event event;
  while (!writer.closed()) {
    const Result<bool> more = events.next(event);
    if (!more) return more.error();
    if (!*more || event.seq > options.to) break;
    runner.run_before(event);
    if (Status taken = packets.take(event); !taken) return taken;
  }
  return ok_status();
}

}  // namespace

Status export_packets(EventSource& first_pass, EventSource& ahead, EventSource& second_pass, const ExportOptions& options,
                      PacketWriter& writer, ExportCounts* counts) {
  const ExportSurvey survey = survey_for_export(first_pass);
  PacketMerge packets(survey, options, writer);
  if (Status begun = packets.begin(); !begun) return begun;
  const Status merged = merge(ahead, second_pass, options, packets, writer);
  const Status delivered = writer.closed() ? ok_status() : packets.deliver(kNever);
  writer.end();
  if (counts != nullptr) *counts = packets.counts();
  return merged ? delivered : merged;
}

Status export_packets(const EventLog& log, const ExportOptions& options, PacketWriter& writer, ExportCounts* counts) {
  const auto first = log.events();
  const auto ahead = log.events();
  const auto second = log.events();
  return export_packets(*first, *ahead, *second, options, writer, counts);
}

Status export_pcapng(const EventLog& log, const ExportOptions& options, ByteSink& sink) {
  PcapngWriter writer(sink);
  return export_packets(log, options, writer);
}

}  // namespace labreel
