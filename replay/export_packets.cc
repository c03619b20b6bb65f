#include "replay/export_packets.h"

#include "replay/export_survey.h"
#include "replay/packet_merge.h"
#include "replay/packet_writer.h"
#include "replay/pcap_writer.h"
#include "replay/pcapng_writer.h"

namespace labreel {
namespace {

Status merge(EventSource& events, const ExportOptions& options, PacketMerge& packets, const PacketWriter& writer) {
  Event event;
  while (!writer.closed()) {
    const Result<bool> more = events.next(event);
    if (!more) return more.error();
    if (!*more || event.seq > options.to) break;
    if (Status taken = packets.take(event); !taken) return taken;
  }
  return ok_status();
}

}  // namespace

Status export_packets(EventSource& first_pass, EventSource& second_pass, const ExportOptions& options,
                      PacketWriter& writer) {
  const ExportSurvey survey = survey_for_export(first_pass);
  PacketMerge packets(survey, options, writer);
  if (Status begun = packets.begin(); !begun) return begun;
  const Status merged = merge(second_pass, options, packets, writer);
  const Status delivered = writer.closed() ? ok_status() : packets.deliver(kNever);
  writer.end();
  return merged ? delivered : merged;
}

Status export_pcapng(EventSource& first_pass, EventSource& second_pass, const ExportOptions& options, ByteSink& sink) {
  PcapngWriter writer(sink);
  return export_packets(first_pass, second_pass, options, writer);
}

Status export_pcap(EventSource& first_pass, EventSource& second_pass, const ExportOptions& options, ByteSink& sink) {
  PcapWriter writer(sink);
  return export_packets(first_pass, second_pass, options, writer);
}

}  // namespace labreel
