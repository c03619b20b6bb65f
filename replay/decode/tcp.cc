// TCP with its options. The numbers are those on the wire. Source: RFC 9293, RFC 7323, RFC 2018.
#include <array>

#include "engine/text/hex.h"
#include "replay/decode/protocols.h"

namespace labreel::decode {
namespace {

constexpr std::uint64_t kEnd = 0, kNop = 1, kSegmentSize = 2, kWindowScale = 3, kSackPermitted = 4, kSack = 5, kTimestamps = 8;
constexpr std::array kOptions{Word{kEnd, "End of Option List"}, Word{kNop, "No-Operation"}, Word{kSegmentSize, "Maximum Segment Size"},
                              Word{kWindowScale, "Window Scale"}, Word{kSackPermitted, "SACK Permitted"}, Word{kSack, "SACK"},
                              Word{kTimestamps, "Time Stamp Option"}, Word{19, "MD5 Signature Option"}, Word{34, "TCP Fast Open"}};

void options(Fields& fields) {
  while (fields.left() > 0 && fields.ok()) {
    const std::uint64_t kind = fields.dec(1, "tcp.option_kind", "Kind", kOptions);
    if (kind == kEnd) return;
    if (kind == kNop) continue;
    const auto parts = fields.parts();
    const std::uint64_t length = fields.dec(1, "tcp.option_len", "Length");
    if (length < 2) return;
    fields.within(length - 2, [&] {
      if (kind == kSegmentSize) fields.dec(2, "tcp.options.mss_val", "MSS Value");
      if (kind == kWindowScale) fields.dec(1, "tcp.options.wscale.shift", "Shift count");
      if (kind == kTimestamps) {
        fields.dec(4, "tcp.options.timestamp.tsval", "Timestamp value");
        fields.dec(4, "tcp.options.timestamp.tsecr", "Timestamp echo reply");
      }
      while (kind == kSack && fields.left() >= 8) {
        fields.dec(4, "tcp.options.sack_le", "left edge");
        fields.dec(4, "tcp.options.sack_re", "right edge");
      }
    });
  }
}

void flags(Fields& fields) {
  fields.part(0x0fff, "tcp.flags", "Flags", {}, 4);
  const auto parts = fields.parts();
  fields.part(0x0e00, "tcp.flags.res", "Reserved");
  fields.flag(0x0100, "tcp.flags.ae", "Accurate ECN");
  fields.flag(0x0080, "tcp.flags.cwr", "Congestion Window Reduced");
  fields.flag(0x0040, "tcp.flags.ece", "ECN-Echo");
  fields.flag(0x0020, "tcp.flags.urg", "Urgent");
  fields.flag(0x0010, "tcp.flags.ack", "Acknowledgment");
  fields.flag(0x0008, "tcp.flags.push", "Push");
  fields.flag(0x0004, "tcp.flags.reset", "Reset");
  fields.flag(0x0002, "tcp.flags.syn", "Syn");
  fields.flag(0x0001, "tcp.flags.fin", "Fin");
}

}  // namespace

void tcp(Walk& walk, Bytes bytes) {
  constexpr std::uint64_t kHeaderBytes_min = 20;
  Fields fields{walk, bytes, "tcp", "Transmission Control Protocol"};
  const auto source = static_cast<std::uint16_t>(fields.dec(2, "tcp.srcport", "Source Port"));
  const auto destination = static_cast<std::uint16_t>(fields.dec(2, "tcp.dstport", "Destination Port"));
  fields.dec(4, "tcp.seq_raw", "Sequence Number (raw)");
  fields.dec(4, "tcp.ack_raw", "Acknowledgment number (raw)");
  fields.read(2);
  const std::uint64_t header_bytes = fields.scaled_part(0xf000, 4, "tcp.hdr_len", "Header Length");
  flags(fields);
  fields.dec(2, "tcp.window_size_value", "Window");
  fields.hex(2, "tcp.checksum", "Checksum");
  fields.dec(2, "tcp.urgent_pointer", "Urgent Pointer");
  if (!fields.ok()) return;
  fields.add_to_title(", Src Port: " + std::to_string(source) + ", Dst Port: " + std::to_string(destination));
  if (header_bytes < kHeaderBytes_min) return fields.add_to_title(" with a bad header");
  fields.within(header_bytes - kHeaderBytes_min, [&] { options(fields); });
  fields.computed("tcp.len", "TCP Segment Len", std::to_string(fields.left()));
  by_port(walk, Transport::tcp, source, destination, fields.rest());
}

}  // namespace labreel::decode
