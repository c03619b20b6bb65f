// Fuzz target: a guest's driver says anything to its devices, and writes anything into the memory that it shares:
// rings, descriptors, buffers. Each message is served or refused, and what is sent has a sane length.
//
// The input is a script: 'm' KIND LENGTH PAYLOAD, a message of vhost-user; 'w' OFFSET(2) LENGTH BYTES, written into the
// memory; 'i' LENGTH, so many bytes of input for the guest. The first byte chooses the device. corpus/vring.py writes
// such scripts.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "engine/core/check.h"
#include "engine/os/system_call.h"
#include "engine/transports/vhost_user/device.h"

namespace labreel {
namespace {

constexpr std::size_t kMemory_bytes = 0x4000;
constexpr std::uint32_t kSetMemory = 5;
constexpr std::uint32_t kSetInterruptSocket = 21;

// The file that the guest shares. It is as long as it was when it was shared: a guest that cuts it is a known limit.
class SharedFile {
 public:
  SharedFile() : fd_(checked("make the guest's memory", ::memfd_create("guest", MFD_CLOEXEC))) {
    checked("size the guest's memory", ::ftruncate(fd_.get(), kMemory_bytes));
    void* const at = ::mmap(nullptr, kMemory_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
    LABREEL_CHECK(at != MAP_FAILED);
    bytes_ = {static_cast<std::byte*>(at), kMemory_bytes};
  }
  ~SharedFile() { ::munmap(bytes_.data(), bytes_.size()); }
  SharedFile(const SharedFile&) = delete;
  SharedFile& operator=(const SharedFile&) = delete;

  std::span<std::byte> bytes() const { return bytes_; }
  OwnedFd another_fd() const { return OwnedFd(checked("share memory", ::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0))); }

 private:
  OwnedFd fd_;
  std::span<std::byte> bytes_;
};

class Script {
 public:
  explicit Script(std::span<const std::uint8_t> bytes) : rest_(bytes) {}
  bool is_over() const { return rest_.empty(); }
  std::uint8_t number() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  std::span<const std::byte> bytes(std::size_t length) {
    const auto some = rest_.first(std::min(length, rest_.size()));
    rest_ = rest_.subspan(some.size());
    return std::as_bytes(some);
  }

 private:
  std::span<const std::uint8_t> rest_;
};

class Guest {
 public:
  explicit Guest(bool is_network_card)
      : device_(is_network_card ? network_card({2, 0, 0, 0, 0, 1}, 1500) : serial_port()) {
    std::fill(file_.bytes().begin(), file_.bytes().end(), std::byte{0});
  }

  // False when the device refused something: a guest that does that is ended.
  bool step(Script& script) {
    switch (script.number()) {
      case 'm':
        return say(script);
      case 'w': {
        const std::size_t offset = script.number() + 256U * script.number();
        const auto bytes = script.bytes(script.number());
        if (offset + bytes.size() <= kMemory_bytes)
          std::memcpy(file_.bytes().data() + offset, bytes.data(), bytes.size());
        return true;
      }
      case 'i': {
        const std::vector<std::byte> input(std::size_t{16} * script.number(), std::byte{0x5a});
        const auto taken = device_.put_input(input);
        LABREEL_CHECK(!taken || *taken <= input.size());
        return taken.ok();
      }
      default:
        return true;
    }
  }

 private:
  bool say(Script& script) {
    VhostDevice::Request request;
    request.kind = script.number();
    const auto payload = script.bytes(script.number());
    request.payload.assign(payload.begin(), payload.end());
    std::size_t files = request.kind == kSetInterruptSocket ? 1 : 0;
    if (request.kind == kSetMemory && !payload.empty()) files = std::to_integer<std::size_t>(payload.front()) % 9;
    for (std::size_t i = 0; i < files; ++i) request.fds.push_back(file_.another_fd());
    const auto reply = device_.handle(request, [](Bytes output) { LABREEL_CHECK(output.size() <= (1U << 20U)); });
    LABREEL_CHECK(reply.ok() || reply.error().kind == ErrorKind::lab);
    (void)device_.wants_interrupt(VhostDevice::kOutput);
    return reply.ok();
  }

  SharedFile file_;
  VhostDevice device_;
};

}  // namespace
}  // namespace labreel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  labreel::Script script{{data, size}};
  labreel::Guest guest{script.number() % 2 == 0};
  while (!script.is_over() && guest.step(script)) {
  }
  return 0;
}
