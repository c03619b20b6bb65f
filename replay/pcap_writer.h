// PcapWriter: packets as classic pcap with nanoseconds, for programs that read nothing else.
//
// Shape:  one interface for all, without names, directions and comments.
// Source: draft-ietf-opsawg-pcap (2022)
#pragma once

#include "replay/byte_sink.h"
#include "replay/packet_writer.h"

namespace labreel {

class PcapWriter : public PacketWriter {
 public:
  explicit PcapWriter(ByteSink& sink) : out_(sink) {}
  // Errors: a capture with events; the format has one link type.
  Status begin(const Capture& capture) override;
  // Errors: a time beyond 2106, which the format cannot say.
  Status packet(const Packet& packet) override;
  Status event(std::uint64_t time_ns, Seq seq, const EventWords& words) override;
  void end() override { out_.flush(); }
  bool closed() const override { return out_.closed(); }

 private:
  OutputBuffer out_;
};

}  // namespace labreel
