// Fabric: the user-space switch of a lab as a pure state machine. It reads no clock; `at` is an argument.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "engine/core/topology.h"

namespace labreel {

// Bumped whenever the same inputs could give other decisions; stored in every reel's `lab.begun`.
inline constexpr std::uint32_t kFabricVersion = 1;

// One copy that has come due: the loop gives it to the node. The bytes are the copy's own (a corrupted copy has its
// flipped bit) and live until another call than drain(): what came due together may be given together.
struct Delivery {
  Seq frame;
  std::uint32_t copy;
  PortId port;
  LabTime due;
  Bytes bytes;
};

// What became of the copies since the lab began. Conservation: copies == in_flight + delivered + sum(dropped).
struct FabricCounts {
  std::uint64_t frames = 0;
  std::uint64_t copies = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t delivered = 0;
  std::array<std::uint64_t, kReasonCount> dropped{};  // by Reason; [none] stays 0
  bool operator==(const FabricCounts&) const = default;
};

// One remembered address of a learning switch.
struct MacEntry {
  LanId lan;
  MacAddress mac;
  PortId port;
  LabTime learned;
};

// One copy on its way, for pictures of the lab at a position.
struct InFlight {
  Seq frame;
  std::uint32_t copy;
  PortId from;
  PortId to;
  LabTime due;
};

// The bytes that wait for the rate limit of one direction.
struct QueueState {
  PortId port;
  Direction direction;
  std::uint64_t bytes;
};

class Fabric {
 public:
  explicit Fabric(std::uint64_t seed);
  ~Fabric();
  Fabric(Fabric&&) noexcept;
  Fabric& operator=(Fabric&&) noexcept;

  // Time must never go back between calls. Each of the four inputs first makes every copy due at or before `at`
  // a Delivery (see drain()); so the result does not depend on how often advance() is called. A copy that is due when
  // its frame arrives is a Delivery at once: after any call, whatever is in flight is due later.

  // Takes an effect (an input event other than a frame).
  //
  // Shape:  returns the outcomes of copies that the effect ended (cut in flight …), in order of (frame, copy); the
  //         caller appends them as events whose cause is the effect. LabEnded ends all that fly, and frames that
  //         arrive after it are dropped as lab_ended, until LabBegun. A cable that is cut or taken away ends what flies
  //         to its ports, and on a lan what its port sent and the switch has not got: as link_down, by port.removed as
  //         port_removed.
  //         node.stopped ends what flies to the node. port.down ends nothing: the node refuses what comes due.
  //         Events that are no effects only let time pass.
  // Errors: an effect that does not fit the topology, or a time that goes back; nothing is changed then.
  Result<std::vector<Outcome>> apply(const EventBody& effect, LabTime at);

  // Takes a frame from a port's node and decides for each copy.
  //
  // Shape:  `seq` is the number that the frame's event gets. Frames that no event tells of share the number of the gap
  //         that will count them: their copies are numbered on. A state that is saved while two of them fly cannot be
  //         restored. The returned copies live until the next call. There is at least one copy (a frame that goes
  //         nowhere is one copy dropped as no_receiver). A dropped copy names the receiver if one was known: on a link
  //         always, except when the sender's node or port is off.
  // Errors: an unknown or removed port; a time that goes back; a `seq` below the last frame's. Nothing is changed
  //         then.
  Result<std::span<const Copy>> arrive(PortId port, Bytes frame, LabTime at, Seq seq);

  // Takes back a delivery that the node's socket did not accept: its outcome is refused_by_node.
  //
  // Errors: the copy is not among those that came due at or after the last strictly earlier `at` of an apply, arrive
  //         or refuse (advance() does not count, so that who never calls it decides the same), or was refused before.
  Result<Outcome> refuse(Seq frame, std::uint32_t copy, LabTime at);

  // Lets time pass.
  Status advance(LabTime at);

  // Gives each copy that has come due and was not yet taken to `take`, ordered by (due, frame, copy).
  // `take` must not call the fabric, except that the caller may refuse() after the drain.
  template <class Take>
  void drain(Take&& take) {
    Delivery delivery;
    while (next_delivery(delivery)) take(static_cast<const Delivery&>(delivery));
  }

  // When the next copy in flight comes due; kNever if none flies.
  LabTime next_due() const;

  const Topology& topology() const;
  FabricCounts counts() const;
  std::vector<MacEntry> mac_entries(LabTime at) const;
  std::vector<InFlight> in_flight() const;
  std::vector<QueueState> queues(LabTime at) const;

  // The whole state, undelivered frames included, as bytes; equal states give equal bytes.
  //
  // Shape: the bytes depend on the inputs, on the time, and on which deliveries were taken; to compare the states of
  //        two runs, advance() both to one time and drain() both first.
  std::string save() const;
  // Errors: bytes that save() did not make (they may come from a damaged or hostile reel).
  static Result<Fabric> restore(std::string_view state);

 private:
  bool next_delivery(Delivery& delivery);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace labreel
