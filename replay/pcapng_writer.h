// PcapngWriter: packets as pcapng, for Wireshark.
//
// Source: draft-ietf-opsawg-pcapng (2022), https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/
#pragma once

#include "replay/byte_sink.h"
#include "replay/packet_writer.h"

namespace labreel {

// All interfaces have one link type and one snap length, since libpcap refuses anything else; only the interface of
// the events, if asked for, has another.
class PcapngWriter : public PacketWriter {
 public:
  explicit PcapngWriter(ByteSink& sink) : out_(sink) {}
  Status begin(const Capture& capture) override;
  Status packet(const Packet& packet) override;
  Status event(std::uint64_t time_ns, Seq seq, const EventWords& words) override;
  void end() override { out_.flush(); }
  bool closed() const override { return out_.closed(); }

 private:
  void put_section(const Capture& capture);
  void put_interface(const CaptureInterface& interface, std::uint16_t link_type, const std::string& filter);
  void put_addresses(const Capture& capture);
  void put_block(std::uint32_t type, const std::string& body);

  OutputBuffer out_;
  std::uint32_t event_interface_ = 0;
  std::string event_packet_;  // kept for its capacity
};

}  // namespace labreel
