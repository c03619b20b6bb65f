// AnonymisingWriter: a capture in which nothing tells whose lab it was but the names of its nodes.
#pragma once

#include "replay/anonymise/anonymise_frame.h"
#include "replay/packet_writer.h"

namespace labreel {

// Hands packets on with pseudonyms, and leaves out of the file's own description what has addresses in it: names for
// addresses, the filter, comments such as the digest.
//
// Shape:  borrows the writer. Names of nodes, ports and the lab stay. Errors: events, which are free text.
class AnonymisingWriter final : public PacketWriter {
 public:
  AnonymisingWriter(PacketWriter& to, const PseudonymKey& key) : to_(to), pseudonyms_(key) {}

  Status begin(const Capture& capture) override;
  Status packet(const Packet& packet) override;
  Status event(std::uint64_t time_ns, Seq seq, const EventWords& words) override;
  void end() override { to_.end(); }
  bool closed() const override { return to_.closed(); }

 private:
  PacketWriter& to_;
  Pseudonyms pseudonyms_;
};

}  // namespace labreel
