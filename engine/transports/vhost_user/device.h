// VhostDevice: one virtio device of a guest, served over vhost-user with in-band notifications.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "engine/transports/vhost_user/channel.h"
#include "engine/transports/vhost_user/guest_memory.h"
#include "engine/transports/vhost_user/vring.h"

namespace labreel {

// What kind of device it is. Queue 0 is the guest's input, queue 1 its output.
struct DeviceProfile {
  std::uint32_t virtio_id = 0;
  std::uint64_t features = 0;         // of the device kind; the transport's are added
  std::size_t header_bytes = 0;       // before the payload of every buffer
  std::size_t payload_bytes_max = 0;  // of one output
  bool splits_input = false;          // a stream: one input may fill several buffers
  std::vector<std::byte> config;
};
DeviceProfile network_card(const MacAddress& mac, std::uint32_t mtu);
DeviceProfile serial_port();

// Shape:  the guest is stopped until it has our reply to a kick, so its rings are read exactly as they were at that
// moment. Errors: a message or ring that a correct driver cannot make is Error{lab}: end that guest. Source: QEMU
// docs/interop/vhost-user.rst; linux drivers/virtio/virtio_uml.c.
class VhostDevice {
 public:
  enum Queue : std::uint32_t { kInput = 0, kOutput = 1 };

  explicit VhostDevice(DeviceProfile profile) : profile_(std::move(profile)) {}

  // The guest's driver connected.
  void connect(OwnedFd socket) { control_ = Channel(std::move(socket)); }
  bool is_connected() const { return control_.is_open(); }
  int fd() const { return control_.fd(); }

  // What a message did that its owner must know of.
  struct Served {
    bool closed = false;    // the driver let go of the device
    bool kicked = false;    // the guest's time is current, and it waits for answer()
    bool returned = false;  // output buffers went back: an interrupt is due if wants_interrupt(kOutput)
  };
  // Reads one message, hands its output to `take_output`, and answers it unless it was a kick.
  Result<Served> serve(const std::function<void(Bytes)>& take_output);
  // Answers the kick that serve() told of: with the time, of the guest's clock, until which it may run unasked (0: as
  // before). Beyond the standard, like the time of an interrupt: our guests' kernel reads them.
  Status answer_kick(std::uint64_t free_until_ns);

  // One message, with its descriptors; for serve() and for the fuzzer.
  struct Request {
    std::uint32_t kind = 0;
    std::uint32_t flags = 0;
    std::vector<std::byte> payload;
    std::vector<OwnedFd> fds;
  };
  struct Reply {
    std::vector<std::byte> payload;  // nothing: no answer of its own
    Served served;
  };
  Result<Reply> handle(Request& request, const std::function<void(Bytes)>& take_output);

  // Gives input to the guest; returns how many bytes it took: all or none, unless the profile splits input.
  Result<std::size_t> put_input(Bytes bytes);
  bool wants_interrupt(Queue queue) const { return interrupts_.is_open() && queues_[queue].wants_interrupt(); }

  // Sends an interrupt and what the guest's clock then shows; the guest must be waiting. It answers on interrupt_fd().
  Status send_interrupt(Queue queue, std::uint64_t now_ns);
  int interrupt_fd() const { return interrupts_.fd(); }
  Status read_interrupt_answer();

  // The memory, for tests.
  GuestMemory& memory() { return memory_; }

 private:
  Result<Vring*> queue_named(std::uint32_t index);
  Status set_memory(Request& request);
  Status set_ring_addresses(const Request& request);
  Status take_interrupt_socket(Request& request);
  Result<std::vector<std::byte>> read_config(const Request& request) const;
  Result<bool> collect_output(const std::function<void(Bytes)>& take_output);
  Result<bool> put_part(Bytes& rest);

  DeviceProfile profile_;
  Channel control_;
  Channel interrupts_;
  GuestMemory memory_;
  std::array<Vring, 2> queues_;
  Vring::Buffer buffer_;
  std::vector<std::byte> gathered_;
  std::uint32_t kick_flags_ = 0;
};

}  // namespace labreel
