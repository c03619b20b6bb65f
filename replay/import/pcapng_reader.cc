#include "replay/import/pcapng_reader.h"

#include <algorithm>
#include <limits>

#include "engine/core/arithmetic.h"
#include "engine/text/hex.h"
#include "replay/import/ordered_bytes.h"
#include "replay/pcapng_format.h"

namespace labreel {
namespace {

using namespace pcapng;

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::size_t kInterfaces_max = 65'536;

// Calls see(code, value) for each option; the end of options, or of what can be read, ends them.
template <class See>
void read_options(OrderedBytes options, See&& see) {
  std::size_t at = 0;
  while (options.size() - at >= kOptionHeaderBytes) {
    const std::uint16_t code = options.u16(at);
    const std::size_t length = options.u16(at + 2);
    at += kOptionHeaderBytes;
    if (code == kOptionEnd || length > options.size() - at) return;
    see(code, options.bytes(at, length));
    at += std::min(padded(length), options.size() - at);
  }
}

// How an interface counts time.
struct Clock {
  std::uint64_t units_per_second = 1'000'000;
  std::int64_t offset_s = 0;

  // Nothing if that is before 1970, or beyond the year 2554.
  std::optional<std::uint64_t> utc_ns(std::uint64_t units) const {
    const Wide whole_ns = static_cast<Wide>(units) * kNanosecondsPerSecond / units_per_second;
    const Wide shift_ns =
        (offset_s < 0 ? -static_cast<Wide>(offset_s) : static_cast<Wide>(offset_s)) * kNanosecondsPerSecond;
    if (offset_s < 0 && shift_ns > whole_ns) return std::nullopt;
    const Wide ns = offset_s < 0 ? whole_ns - shift_ns : whole_ns + shift_ns;
    if (ns > std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
    return static_cast<std::uint64_t>(ns);
  }
};

// The high bit says that the rest is a power of 2, not of 10. Nothing for what 64 bits cannot count.
std::optional<std::uint64_t> units_per_second(std::uint8_t resolution) {
  const unsigned power = resolution & 0x7fU;
  if ((resolution & 0x80U) != 0) return power < 64 ? std::optional{std::uint64_t{1} << power} : std::nullopt;
  if (power > 19) return std::nullopt;
  std::uint64_t units = 1;
  for (unsigned i = 0; i < power; ++i) units *= 10;
  return units;
}

class PcapngFile {
 public:
  explicit PcapngFile(Bytes file) : file_(file) { read_.format = "pcapng"; }

  Result<CapturedFile> read() {
    while (at_ < file_.size()) {
      if (Status block = read_block(); !block) {
        if (section_ == 0) return block.error();
        read_.end = block.error();
        break;
      }
    }
    return std::move(read_);
  }

 private:
  // Shape: leaves `at_` behind the block.
  Status read_block() {
    const std::size_t left = file_.size() - at_;
    if (left < kBlockFrameBytes) return bad("the file is cut off in a block's head");
    const bool is_section = OrderedBytes{file_.subspan(at_), false}.u32(0) == kSectionBlock;  // the same in both orders
    if (is_section) {
      if (left < kBlockFrameBytes + 16) return bad("the file is cut off in a section's head");
      if (Status order = read_byte_order(); !order) return order;
    }
    const OrderedBytes whole{file_.subspan(at_), is_big_endian_};
    const std::size_t length = whole.u32(4);
    if (length < kBlockFrameBytes || length % 4 != 0)
      return bad("a block's length cannot be " + std::to_string(length));
    if (length > left) return bad("the file is cut off in a block of " + std::to_string(length) + " bytes");
    if (whole.u32(length - 4) != length) return bad("a block's two lengths differ");
    const OrderedBytes body{whole.bytes(8, length - kBlockFrameBytes), is_big_endian_};
    const std::uint32_t type = whole.u32(0);
    Status taken = is_section ? take_section(body) : take_block(type, body);
    at_ += length;
    return taken;
  }

  Status take_block(std::uint32_t type, OrderedBytes body) {
    switch (type) {
      case kInterfaceBlock:
        return take_interface(body);
      case kPacketBlock:
        return take_packet(body, 4);
      case kOldPacketBlock:
        return take_packet(body, 2);
      case kSimplePacketBlock:
        return take_simple_packet(body);
      default:
        return ok_status();  // names, statistics, secrets, other programs' own
    }
  }

  Status read_byte_order() {
    for (const bool is_big_endian : {false, true}) {
      if (OrderedBytes{file_.subspan(at_), is_big_endian}.u32(8) != kByteOrder) continue;
      is_big_endian_ = is_big_endian;
      return ok_status();
    }
    return bad("a section's byte order is neither big nor little endian");
  }

  Status take_section(OrderedBytes body) {
    if (body.size() < 16) return bad("a section's head is too short");
    if (body.u16(4) != 1) return bad("pcapng version " + std::to_string(body.u16(4)) + " is not known");
    ++section_;
    is_ours_ = false;
    first_interface_ = read_.interfaces.size();
    clocks_.clear();
    read_options(options_of(body, 16), [&](std::uint16_t code, Bytes value) {
      if (code == kSectionHardware) is_ours_ = as_text(value) == kOurHardware;
      if (section_ > 1) return;  // the first speaks for the file
      if (code == kOptionComment) read_.comments.emplace_back(as_text(value));
      if (code == kSectionProgram) read_.program = as_text(value);
    });
    return ok_status();
  }

  Status take_interface(OrderedBytes body) {
    if (body.size() < 8) return bad("an interface's description is too short");
    if (read_.interfaces.size() >= kInterfaces_max) return bad("more than 65536 interfaces");
    CapturedInterface& interface = read_.interfaces.emplace_back();
    interface.link_type = body.u16(0);
    Clock clock;
    bool is_clock_known = true;
    read_options(options_of(body, 8), [&](std::uint16_t code, Bytes value) {
      if (code == kInterfaceName) interface.name = as_text(value);
      if (code == kInterfaceMac && value.size() == interface.mac.size()) {
        std::transform(value.begin(), value.end(), interface.mac.begin(), std::to_integer<std::uint8_t>);
      }
      if (code == kInterfaceTimeResolution && value.size() == 1) {
        const auto units = units_per_second(std::to_integer<std::uint8_t>(value[0]));
        is_clock_known = units.has_value();
        clock.units_per_second = units.value_or(1);
      }
      if (code == kInterfaceTimeOffset && value.size() == 8) {
        clock.offset_s = static_cast<std::int64_t>(OrderedBytes{value, is_big_endian_}.u64(0));
      }
    });
    if (!is_clock_known) return bad("an interface counts time finer than 64 bits can");
    clocks_.push_back(clock);
    return ok_status();
  }

  // `interface_bytes`: the obsolete block has a short number, and a count of drops behind it.
  Status take_packet(OrderedBytes body, std::size_t interface_bytes) {
    if (body.size() < 20) return bad("a packet's head is too short");
    CapturedPacket packet;
    const std::uint32_t interface = interface_bytes == 4 ? body.u32(0) : body.u16(0);
    if (Status of_interface = start_packet(packet, interface); !of_interface) return of_interface;
    const auto time_ns = clocks_[interface].utc_ns(std::uint64_t{body.u32(4)} << 32U | body.u32(8));
    if (!time_ns) return bad("a packet's time is before 1970 or beyond the year 2554");
    packet.time_ns = *time_ns;
    const std::uint32_t captured = body.u32(12);
    if (captured > body.size() - 20) return bad("a packet is longer than its block");
    packet.bytes = body.bytes(20, captured);
    packet.length = body.u32(16);
    const std::size_t options = 20 + padded(captured);
    if (options < body.size()) packet.options = body.bytes(options, body.size() - options);
    read_options({packet.options, is_big_endian_}, [&](std::uint16_t code, Bytes value) {
      const OrderedBytes number{value, is_big_endian_};
      if (code == kPacketFlags && value.size() == 4) packet.direction = direction_of(number.u32(0));
      if (code == kPacketId && value.size() == 8 && is_ours_) packet.id = number.u64(0);
    });
    return add(packet);
  }

  Status take_simple_packet(OrderedBytes body) {
    if (body.size() < 4) return bad("a packet's head is too short");
    CapturedPacket packet;
    if (Status of_interface = start_packet(packet, 0); !of_interface) return of_interface;
    packet.has_time = false;
    if (!read_.packets.empty()) packet.time_ns = read_.packets.back().time_ns;
    packet.length = body.u32(0);
    packet.bytes = body.bytes(4, std::min<std::size_t>(packet.length, body.size() - 4));
    return add(packet);
  }

  Status start_packet(CapturedPacket& packet, std::uint32_t interface) {
    if (interface >= clocks_.size()) {
      return bad("a packet is of interface " + std::to_string(interface) + ", which was not described");
    }
    packet.interface = static_cast<std::uint32_t>(first_interface_ + interface);
    packet.section = section_;
    packet.is_big_endian = is_big_endian_;
    return ok_status();
  }

  Status add(CapturedPacket& packet) {
    if (packet.bytes.size() > kSnapLength) {
      return bad("a packet of " + std::to_string(packet.bytes.size()) + " bytes is longer than any that is read");
    }
    packet.length = std::max(packet.length, static_cast<std::uint32_t>(packet.bytes.size()));
    read_.packets.push_back(packet);
    return ok_status();
  }

  static PacketDirection direction_of(std::uint32_t flags) {
    const std::uint32_t direction = flags & 3U;
    return direction == 3 ? PacketDirection::unknown : static_cast<PacketDirection>(direction);
  }
  OrderedBytes options_of(OrderedBytes body, std::size_t at) const {
    return {body.bytes(at, body.size() - at), is_big_endian_};
  }
  Error bad(std::string what) const { return bad_capture(at_, std::move(what)); }

  Bytes file_;
  std::size_t at_ = 0;
  CapturedFile read_;
  // Of the section at hand.
  std::uint32_t section_ = 0;  // the first is 1
  bool is_big_endian_ = false;
  bool is_ours_ = false;
  std::size_t first_interface_ = 0;
  std::vector<Clock> clocks_;  // of its interfaces
};

}  // namespace

Result<CapturedFile> read_pcapng_file(Bytes file) { return PcapngFile{file}.read(); }

std::vector<std::string> comments_of(const CapturedPacket& packet) {
  std::vector<std::string> comments;
  read_options({packet.options, packet.is_big_endian}, [&](std::uint16_t code, Bytes value) {
    if (code == kOptionComment) comments.emplace_back(as_text(value));
  });
  return comments;
}

}  // namespace labreel
