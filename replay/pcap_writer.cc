#include "replay/pcap_writer.h"

#include <algorithm>
#include <limits>

namespace labreel {

Status PcapWriter::begin(const Capture& capture) {
  if (capture.with_events) {
    return Error{.kind = ErrorKind::usage,
                 .what = "a pcap file holds frames only, no events",
                 .hint = "export to a .pcapng file instead"};
  }
  out_.put(std::uint32_t{0xa1b23c4d});  // little endian, with nanoseconds
  out_.put(std::uint16_t{2});           // version 2.4
  out_.put(std::uint16_t{4});
  out_.put(std::uint32_t{0});
  out_.put(std::uint32_t{0});
  out_.put(kSnapLength);
  out_.put(std::uint32_t{1});  // LINKTYPE_ETHERNET
  return ok_status();
}

Status PcapWriter::packet(const Packet& packet) {
  constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
  const std::uint64_t seconds = packet.time_ns / kNanosecondsPerSecond;
  if (seconds > std::numeric_limits<std::uint32_t>::max()) {
    return Error{.kind = ErrorKind::input,
                 .what = "a pcap file cannot hold a time beyond the year 2106",
                 .place = "event " + std::to_string(packet.seq.value),
                 .hint = "export to a .pcapng file instead"};
  }
  const Bytes bytes = packet.bytes.first(std::min<std::size_t>(packet.bytes.size(), kSnapLength));
  out_.put(static_cast<std::uint32_t>(seconds));
  out_.put(static_cast<std::uint32_t>(packet.time_ns % kNanosecondsPerSecond));
  out_.put(static_cast<std::uint32_t>(bytes.size()));
  out_.put(packet.length);
  out_.put(bytes);
  return ok_status();
}

Status PcapWriter::event(std::uint64_t, Seq, const EventWords&) {
  LABREEL_CHECK(false && "begin() refuses events");
  return ok_status();
}

}  // namespace labreel
