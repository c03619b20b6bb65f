#include "engine/transports/vhost_user/device.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

namespace labreel {
namespace {

// Requests of the guest.
enum RequestKind : std::uint32_t {
  kGetFeatures = 1,
  kSetFeatures = 2,
  kSetOwner = 3,
  kSetMemory = 5,
  kSetRingSize = 8,
  kSetRingAddresses = 9,
  kSetRingBase = 10,
  kGetProtocolFeatures = 15,
  kSetProtocolFeatures = 16,
  kEnableRing = 18,
  kSetInterruptSocket = 21,
  kGetConfig = 24,
  kKick = 35,
};
constexpr std::uint32_t kInterrupt = 4;  // our request, on the interrupt socket

constexpr std::uint32_t kVersion = 1;
constexpr std::uint32_t kIsReply = 4;
constexpr std::uint32_t kNeedsReply = 8;

constexpr std::uint64_t kProtocolFeatures = 1ULL << 30U;
constexpr std::uint64_t kVirtioVersion1 = 1ULL << 32U;
constexpr std::uint64_t kNetMtu = 1ULL << 3U;
constexpr std::uint64_t kNetMac = 1ULL << 5U;
constexpr std::uint64_t kOfferedProtocol = 1ULL << 3U      // a reply to every message
                                           | 1ULL << 5U    // an interrupt socket
                                           | 1ULL << 9U    // the device's config
                                           | 1ULL << 14U;  // notifications in band

constexpr std::size_t kPayloadMax = 512;
constexpr std::size_t kRegionsMax = 8;
constexpr std::size_t kNetHeaderBytes = 12;
constexpr std::size_t kNetHeaderBuffers = 10;  // where num_buffers lies
constexpr std::size_t kNetMtuAt = 10;          // in the config

struct Header {
  std::uint32_t kind;
  std::uint32_t flags;
  std::uint32_t size;
};
struct RingState {
  std::uint32_t index;
  std::uint32_t number;
};
struct RingAddresses {
  std::uint32_t index;
  std::uint32_t flags;
  std::uint64_t descriptors;
  std::uint64_t used;
  std::uint64_t available;
  std::uint64_t log;
};
struct MemoryTable {
  std::uint32_t regions;
  std::uint32_t padding;
};
struct MemoryRegion {
  std::uint64_t address;
  std::uint64_t size;
  std::uint64_t user_address;
  std::uint64_t offset;
};
struct ConfigRange {
  std::uint32_t offset;
  std::uint32_t size;
  std::uint32_t flags;
};

Error hostile(const std::string& what) { return Error{ErrorKind::lab, "the guest's device driver " + what}; }

template <class T>
std::vector<std::byte> bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::vector<std::byte> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

// Reads a fixed part of a payload that must at least have it.
template <class T>
Result<T> part_of(const std::vector<std::byte>& payload, std::size_t offset = 0) {
  T value{};
  if (payload.size() < offset + sizeof value) return hostile("sent a message that is too short");
  std::memcpy(&value, payload.data() + offset, sizeof value);
  return value;
}

}  // namespace

DeviceProfile network_card(const MacAddress& mac, std::uint32_t mtu) {
  constexpr std::uint32_t kDefaultMtu = 1500;
  DeviceProfile profile;
  profile.virtio_id = 1;
  profile.features = kNetMac;
  profile.header_bytes = kNetHeaderBytes;
  profile.payload_bytes_max = 65'550;
  profile.config.resize(kNetMtuAt + 2);
  std::memcpy(profile.config.data(), mac.data(), mac.size());
  if (mtu > kDefaultMtu) {  // then the driver makes its buffers long enough
    profile.features |= kNetMtu;
    const auto short_mtu = static_cast<std::uint16_t>(std::min(mtu, 65'535U));
    std::memcpy(profile.config.data() + kNetMtuAt, &short_mtu, sizeof short_mtu);
  }
  return profile;
}

DeviceProfile serial_port() {
  DeviceProfile profile;
  profile.virtio_id = 3;
  profile.payload_bytes_max = 1U << 20U;
  profile.splits_input = true;
  profile.config.resize(12);
  return profile;
}

Result<VhostDevice::Served> VhostDevice::serve(const std::function<void(Bytes)>& take_output) {
  Header header{};
  Request request;
  auto some = control_.read(std::as_writable_bytes(std::span(&header, 1)), &request.fds);
  if (!some) return std::move(some).error();
  if (!*some) {
    control_.close();
    interrupts_.close();
    for (Vring& queue : queues_) queue.enable(false);
    Served closed;
    closed.closed = true;
    return closed;
  }
  if (header.size > kPayloadMax) return hostile("sent a message of " + std::to_string(header.size) + " bytes");
  request.kind = header.kind;
  request.flags = header.flags;
  request.payload.resize(header.size);
  some = control_.read(request.payload, &request.fds);
  if (!some) return std::move(some).error();
  if (!*some) return hostile("closed in the middle of a message");
  auto reply = handle(request, take_output);
  if (!reply) return std::move(reply).error();
  if (reply->served.kicked) {
    kick_flags_ = header.flags;
    return reply->served;
  }
  if (reply->payload.empty() && (header.flags & kNeedsReply) != 0) reply->payload = bytes_of(std::uint64_t{0});
  if (!reply->payload.empty()) {
    auto message =
        bytes_of(Header{header.kind, kVersion | kIsReply, static_cast<std::uint32_t>(reply->payload.size())});
    message.insert(message.end(), reply->payload.begin(), reply->payload.end());
    if (auto sent = control_.write(message); !sent) return std::move(sent).error();
  }
  return reply->served;
}

Status VhostDevice::answer_kick(std::uint64_t free_until_ns) {
  if ((kick_flags_ & kNeedsReply) == 0) return ok_status();
  struct [[gnu::packed]] {
    Header header{kKick, kVersion | kIsReply, 8};
    std::uint64_t free_until_ns = 0;
  } message;
  message.free_until_ns = free_until_ns;
  return control_.write(std::as_bytes(std::span(&message, 1)));
}

Result<VhostDevice::Reply> VhostDevice::handle(Request& request, const std::function<void(Bytes)>& take_output) {
  Reply reply;
  Status status = ok_status();
  switch (request.kind) {
    case kGetFeatures:
      reply.payload = bytes_of(profile_.features | kProtocolFeatures | kVirtioVersion1);
      break;
    case kGetProtocolFeatures:
      reply.payload = bytes_of(kOfferedProtocol);
      break;
    case kSetFeatures:
    case kSetProtocolFeatures: {
      const auto features = part_of<std::uint64_t>(request.payload);
      if (!features) return features.error();
      const auto offered =
          request.kind == kSetFeatures ? profile_.features | kProtocolFeatures | kVirtioVersion1 : kOfferedProtocol;
      if ((*features & ~offered) != 0) return hostile("wants features that were not offered");
      break;
    }
    case kSetOwner:
      break;
    case kSetMemory:
      status = set_memory(request);
      break;
    case kSetInterruptSocket:
      status = take_interrupt_socket(request);
      break;
    case kGetConfig: {
      auto config = read_config(request);
      if (!config) return std::move(config).error();
      reply.payload = std::move(*config);
      break;
    }
    case kSetRingAddresses:
      status = set_ring_addresses(request);
      break;
    case kSetRingSize:
    case kSetRingBase:
    case kEnableRing:
    case kKick: {
      const auto state = part_of<RingState>(request.payload);
      if (!state) return state.error();
      auto queue = queue_named(state->index);
      if (!queue) return std::move(queue).error();
      if (request.kind == kSetRingSize) status = (*queue)->set_size(state->number);
      if (request.kind == kSetRingBase) (*queue)->set_base(static_cast<std::uint16_t>(state->number));
      if (request.kind == kEnableRing) (*queue)->enable(state->number != 0);
      if (request.kind == kKick) {
        reply.served.kicked = true;
        if (state->index == kOutput) {
          const auto returned = collect_output(take_output);
          if (!returned) return returned.error();
          reply.served.returned = *returned;
        }
      }
      break;
    }
    default:
      return hostile("sent request " + std::to_string(request.kind) + ", which was not offered");
  }
  if (!status) return std::move(status).error();
  return reply;
}

Result<Vring*> VhostDevice::queue_named(std::uint32_t index) {
  if (index >= queues_.size()) return hostile("names queue " + std::to_string(index) + " of 2");
  return &queues_[index];
}

Status VhostDevice::set_memory(Request& request) {
  const auto table = part_of<MemoryTable>(request.payload);
  if (!table) return table.error();
  if (table->regions > kRegionsMax || table->regions != request.fds.size()) {
    return hostile("shares " + std::to_string(table->regions) + " regions in " + std::to_string(request.fds.size()) +
                   " files");
  }
  for (Vring& queue : queues_) queue.unmap();
  memory_.clear();
  for (std::size_t i = 0; i < table->regions; ++i) {
    const auto region = part_of<MemoryRegion>(request.payload, sizeof(MemoryTable) + i * sizeof(MemoryRegion));
    if (!region) return region.error();
    if (auto mapped = memory_.map(region->address, region->size, region->offset, request.fds[i]); !mapped)
      return mapped;
  }
  return ok_status();
}

Status VhostDevice::set_ring_addresses(const Request& request) {
  const auto addresses = part_of<RingAddresses>(request.payload);
  if (!addresses) return addresses.error();
  auto queue = queue_named(addresses->index);
  if (!queue) return std::move(queue).error();
  return (*queue)->set_addresses(memory_, {addresses->descriptors, addresses->available, addresses->used});
}

Status VhostDevice::take_interrupt_socket(Request& request) {
  if (request.fds.size() != 1) return hostile("gives no interrupt socket");
  interrupts_ = Channel(std::move(request.fds.front()));
  return ok_status();
}

Result<std::vector<std::byte>> VhostDevice::read_config(const Request& request) const {
  const auto range = part_of<ConfigRange>(request.payload);
  if (!range) return range.error();
  if (range->size > kPayloadMax - sizeof(ConfigRange) || request.payload.size() != sizeof(ConfigRange) + range->size) {
    return hostile("reads " + std::to_string(range->size) + " bytes of config");
  }
  std::vector<std::byte> answer = request.payload;  // what lies beyond the config reads as the guest left it: zero it
  std::fill(answer.begin() + sizeof(ConfigRange), answer.end(), std::byte{0});
  for (std::size_t i = 0;
       i < range->size && range->offset < profile_.config.size() - std::min(i, profile_.config.size()); ++i) {
    answer[sizeof(ConfigRange) + i] = profile_.config[range->offset + i];
  }
  return answer;
}

Result<bool> VhostDevice::collect_output(const std::function<void(Bytes)>& take_output) {
  Vring& queue = queues_[kOutput];
  if (!queue.ready()) return false;
  queue.look();
  bool any = false;
  for (;;) {
    auto taken = queue.take(memory_, buffer_);
    if (!taken) return std::move(taken).error();
    if (!*taken) return any;
    gathered_.clear();
    for (const Vring::Part& part : buffer_.parts) {
      if (part.writable) return hostile("sends from a buffer that is for us to write");
      if (gathered_.size() + part.length > profile_.header_bytes + profile_.payload_bytes_max) {
        return hostile("sends more than " + std::to_string(profile_.payload_bytes_max) + " bytes at once");
      }
      gathered_.insert(gathered_.end(), part.bytes, part.bytes + part.length);
    }
    if (gathered_.size() < profile_.header_bytes) return hostile("sends a buffer without its header");
    queue.give_back(buffer_, 0);
    any = true;
    take_output(Bytes(gathered_).subspan(profile_.header_bytes));
  }
}

// Fills one buffer and takes what it took off `rest`; false if there is no buffer that would do.
Result<bool> VhostDevice::put_part(Bytes& rest) {
  Vring& queue = queues_[kInput];
  if (!queue.ready()) return false;
  auto taken = queue.take(memory_, buffer_);
  if (!taken) return std::move(taken).error();
  if (!*taken) return false;
  std::size_t room = 0;
  for (const Vring::Part& part : buffer_.parts) {
    if (!part.writable) return hostile("offers a buffer for input that we may not write");
    room += part.length;
  }
  const std::size_t length = profile_.splits_input ? std::min(rest.size(), room) : rest.size();
  if (room < profile_.header_bytes + length || length == 0) {
    queue.untake();
    return false;
  }
  gathered_.assign(profile_.header_bytes, std::byte{0});
  if (profile_.header_bytes == kNetHeaderBytes) gathered_[kNetHeaderBuffers] = std::byte{1};
  gathered_.insert(gathered_.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(length));
  std::size_t done = 0;
  for (const Vring::Part& part : buffer_.parts) {
    const std::size_t here = std::min<std::size_t>(part.length, gathered_.size() - done);
    std::copy_n(gathered_.data() + done, here, part.bytes);
    done += here;
  }
  queue.give_back(buffer_, static_cast<std::uint32_t>(done));
  rest = rest.subspan(length);
  return true;
}

Result<std::size_t> VhostDevice::put_input(Bytes bytes) {
  Bytes rest = bytes;
  queues_[kInput].look();
  do {
    const auto put = put_part(rest);
    if (!put) return put.error();
    if (!*put) break;
  } while (!rest.empty());
  return bytes.size() - rest.size();
}

Status VhostDevice::send_interrupt(Queue queue, std::uint64_t now_ns) {
  struct [[gnu::packed]] {
    Header header{kInterrupt, kVersion | kNeedsReply, sizeof(RingState) + sizeof(std::uint64_t)};
    RingState state{};
    std::uint64_t now_ns = 0;
  } message;
  message.state.index = queue;
  message.now_ns = now_ns;
  return interrupts_.write(std::as_bytes(std::span(&message, 1)));
}

Status VhostDevice::read_interrupt_answer() {
  struct {
    Header header;
    std::array<std::uint32_t, 2> result;
  } answer{};
  static_assert(sizeof answer == 20);
  auto some = interrupts_.read(std::as_writable_bytes(std::span(&answer, 1)));
  if (!some) return std::move(some).error();
  if (!*some) return hostile("closed its interrupt socket");
  if (answer.header.kind != kInterrupt || answer.header.size != sizeof answer.result)
    return hostile("answers an interrupt wrongly");
  return ok_status();
}

}  // namespace labreel
