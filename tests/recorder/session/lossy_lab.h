// LossyLab: three nodes on a lan and two of them on a link, too, recorded through a LossySink. Time passes in
// milliseconds.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/core/fabric.h"
#include "recorder/session/lossy_sink.h"
#include "tests/recorder/session/fakes.h"

namespace labreel::test {

inline constexpr PortId kLanA{0};
inline constexpr PortId kLanB{1};
inline constexpr PortId kLanC{2};
inline constexpr PortId kLinkA{3};
inline constexpr PortId kLinkB{4};

inline constexpr std::uint64_t kMs = 1'000'000;

class LossyLab {
 public:
  LossyLab(EventSink& reel, std::function<unsigned()> backlog, const CableSettings& cable = {},
           std::uint64_t checkpoint_bytes_max = 1 << 20)
      : fabric(7), sink(reel, std::move(backlog), checkpoint_bytes_max), loop(fabric, sink) {
    sink.follow(loop, fabric);
    apply(LabBegun{"lossy", "name: lossy\n", "lab.yml", 7, "real", kFabricVersion});
    for (std::uint32_t i = 0; i < 3; ++i) {
      apply(NodeAdded{NodeId{i}, std::string(1, static_cast<char>('a' + i)), "namespace", {}});
      apply(NodeStarted{NodeId{i}});
    }
    const std::uint32_t nodes[] = {0, 1, 2, 0, 1};
    for (std::uint32_t i = 0; i < 5; ++i) {
      apply(PortAdded{
          PortId{i}, NodeId{nodes[i]}, "eth" + std::to_string(i), {2, 0, 0, 0, 0, static_cast<std::uint8_t>(i)}});
    }
    apply(LanAdded{LanId{0}, "lan"});
    for (const PortId port : {kLanA, kLanB, kLanC}) apply(LanJoined{LanId{0}, port, cable, cable});
    apply(LinkAdded{LinkId{0}, {kLinkA, kLinkB}, {cable, cable}});
  }

  Seq apply(const EventBody& effect) {
    const auto seq = loop.apply({}, effect);
    LABREEL_CHECK(seq.ok());
    deliver(loop.now());
    return *seq;
  }
  // As the loop does it: the frame has the number that the next event would get. Its batch ends with settle().
  void send(PortId from, const std::string& frame) {
    const Bytes bytes{reinterpret_cast<const std::byte*>(frame.data()), frame.size()};
    const auto copies = fabric.arrive(from, bytes, loop.now(), sink.next_seq());
    LABREEL_CHECK(copies.ok());
    sink.append_frame(loop.now(), from, bytes, *copies);
  }
  void pass_ms(std::uint64_t ms = 1) {
    for (; ms > 0; --ms) {
      const LabTime now = loop.now() + kMs;
      LABREEL_CHECK(fabric.advance(now).ok());
      deliver(now);
      loop.run_until(now);  // nothing is set for a time between
    }
  }
  void settle() { deliver(loop.now()); }

  // As a session does every so often.
  void keep_checkpoint() { sink.append(loop.now(), {}, Checkpoint{fabric.save()}); }
  void end() {
    apply(LabEnded{"stopped"});
    sink.finish();
  }

  Fabric fabric;
  LossySink sink;
  FakeLoop loop;
  std::function<bool(const Delivery&)> refuses;

 private:
  void deliver(LabTime at) {
    std::vector<Delivery> refused;
    fabric.drain([&](const Delivery& delivery) {
      if (refuses && refuses(delivery)) refused.push_back(delivery);
    });
    for (const Delivery& delivery : refused) {
      const auto outcome = fabric.refuse(delivery.frame, delivery.copy, at);
      LABREEL_CHECK(outcome.ok());
      sink.append(at, delivery.frame, *outcome);
    }
  }
};

// A frame of an address to another; 0xff is the broadcast address.
inline std::string lab_frame(std::uint8_t from, std::uint8_t to, std::size_t length) {
  std::string frame(length, '\x5a');
  const auto put = [&](std::size_t at, std::uint8_t address) {
    frame.replace(
        at, 6, address == 0xff ? std::string(6, '\xff') : std::string("\x02\0\0\0\0", 5) + static_cast<char>(address));
  };
  put(0, to);
  put(6, from);
  return frame;
}

}  // namespace labreel::test
