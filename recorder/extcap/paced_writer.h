// PacedWriter: pcapng that is written when the ToolbarPacer says.
#pragma once

#include "recorder/extcap/toolbar_pacer.h"
#include "replay/pcapng_writer.h"

namespace labreel {

class PacedWriter final : public PacketWriter {
 public:
  PacedWriter(ByteSink& sink, ToolbarPacer& pacer) : inner_(sink), pacer_(pacer) {}
  Status begin(const Capture& capture) override {
    const Status begun = inner_.begin(capture);
    inner_.end();  // Wireshark shows the interfaces before the first packet
    return begun;
  }
  Status packet(const Packet& packet) override {
    if (may_write(packet.time_ns)) return inner_.packet(packet);
    return ok_status();
  }
  Status event(std::uint64_t time_ns, Seq seq, const EventWords& words) override {
    if (may_write(time_ns)) return inner_.event(time_ns, seq, words);
    return ok_status();
  }
  void end() override { inner_.end(); }
  bool closed() const override { return gone_ || inner_.closed(); }

 private:
  bool may_write(std::uint64_t time_ns) {
    gone_ = gone_ || !pacer_.wait_for(time_ns, [this] { inner_.end(); });
    return !gone_;
  }

  PcapngWriter inner_;
  ToolbarPacer& pacer_;
  bool gone_ = false;
};

}  // namespace labreel
