#include "tests/replay/pcapng_reader.h"

namespace labreel::test {
namespace {

struct Malformed {
  std::string what;
};

// Takes values from the front of bytes; throws Malformed where there are none left.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) throw Malformed{"a value goes beyond its block"};
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    const std::string_view taken = take(bytes);
    for (std::size_t i = 0; i < bytes; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(taken[i])) << (8 * i);
    }
    return value;
  }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  // Takes a value and its padding to 32 bits, which must be zeros.
  std::string padded(std::size_t count) {
    std::string taken(take(count));
    for (const char zero : take((4 - count % 4) % 4)) {
      if (zero != '\0') throw Malformed{"padding is not zero"};
    }
    return taken;
  }

 private:
  std::string_view bytes_;
};

// Calls `use(code, value)` for each option; they must end with the end of options, at the end of the block.
template <class Use>
void take_options(Taker& block, Use&& use) {
  while (true) {
    const std::uint16_t code = block.u16();
    const std::uint16_t length = block.u16();
    if (code == 0) {
      if (length != 0) throw Malformed{"the end of options has a length"};
      if (!block.empty()) throw Malformed{"bytes follow the end of options"};
      return;
    }
    use(code, block.padded(length));
  }
}

[[noreturn]] void refuse_option(std::uint16_t code) { throw Malformed{"unexpected option " + std::to_string(code)}; }

void read_section(Taker& block, PcapngFile& file) {
  if (block.u32() != 0x1a2b3c4d) throw Malformed{"byte order"};
  if (block.u16() != 1 || block.u16() != 0) throw Malformed{"version"};
  if (block.number(8) != ~std::uint64_t{0}) throw Malformed{"section length"};
  take_options(block, [&](std::uint16_t code, const std::string& value) {
    switch (code) {
      case 1:
        file.comments.push_back(value);
        break;
      case 2:
        file.hardware = value;
        break;
      case 3:
        file.os = value;
        break;
      case 4:
        file.program = value;
        break;
      default:
        refuse_option(code);
    }
  });
}

void read_interface(Taker& block, PcapngFile& file) {
  PcapngInterface& interface = file.interfaces.emplace_back();
  interface.link_type = block.u16();
  if (block.u16() != 0) throw Malformed{"reserved bytes are not zero"};
  interface.snap_length = block.u32();
  take_options(block, [&](std::uint16_t code, const std::string& value) {
    switch (code) {
      case 2:
        interface.name = value;
        break;
      case 3:
        interface.description = value;
        break;
      case 6:
        if (value.size() != 6) throw Malformed{"MAC address length"};
        interface.mac = value;
        break;
      case 9:
        if (value.size() != 1) throw Malformed{"time resolution length"};
        interface.time_resolution = static_cast<std::uint8_t>(value[0]);
        break;
      case 11:
        interface.filter = value;
        break;
      default:
        refuse_option(code);
    }
  });
}

void read_names(Taker& block, PcapngFile& file) {
  while (true) {
    const std::uint16_t type = block.u16();
    const std::uint16_t length = block.u16();
    if (type == 0) {
      if (length != 0 || !block.empty()) throw Malformed{"end of name records"};
      return;
    }
    if (type != 1 && type != 2) throw Malformed{"kind of name record"};
    const std::size_t address_bytes = type == 1 ? 4 : 16;
    const std::string value = block.padded(length);
    if (value.size() < address_bytes + 2 || value.back() != '\0') throw Malformed{"name record"};
    file.names.emplace_back(value.substr(0, address_bytes),
                            value.substr(address_bytes, value.size() - address_bytes - 1));
  }
}

void read_packet(Taker& block, PcapngFile& file) {
  PcapngPacket& packet = file.packets.emplace_back();
  packet.interface = block.u32();
  if (packet.interface >= file.interfaces.size()) throw Malformed{"a packet's interface was not described"};
  packet.time_ns = std::uint64_t{block.u32()} << 32U;
  packet.time_ns |= block.u32();
  const std::uint32_t captured = block.u32();
  packet.length = block.u32();
  if (captured > packet.length) throw Malformed{"more captured than there was"};
  if (captured > file.interfaces[packet.interface].snap_length) throw Malformed{"more captured than the snap length"};
  packet.bytes = block.padded(captured);
  take_options(block, [&](std::uint16_t code, const std::string& value) {
    Taker number(value);
    switch (code) {
      case 1:
        packet.comments.push_back(value);
        break;
      case 2:
        if (value.size() != 4) throw Malformed{"flags length"};
        packet.flags = number.u32();
        break;
      case 5:
        if (value.size() != 8) throw Malformed{"packet id length"};
        packet.packet_id = number.number(8);
        break;
      default:
        refuse_option(code);
    }
  });
}

void read_block(Taker& taker, PcapngFile& file, bool first) {
  const std::uint32_t type = taker.u32();
  const std::uint32_t length = taker.u32();
  if (length < 12 || length % 4 != 0) throw Malformed{"block length " + std::to_string(length)};
  Taker block(taker.take(length - 12));
  if (taker.u32() != length) throw Malformed{"the block's two lengths differ"};
  if (first != (type == 0x0a0d0d0a)) throw Malformed{"one section header, at the front"};
  switch (type) {
    case 0x0a0d0d0a:
      return read_section(block, file);
    case 1:
      return read_interface(block, file);
    case 4:
      return read_names(block, file);
    case 6:
      return read_packet(block, file);
    default:
      throw Malformed{"block type " + std::to_string(type)};
  }
}

}  // namespace

Result<PcapngFile> read_pcapng(std::string_view bytes) {
  PcapngFile file;
  Taker taker(bytes);
  try {
    for (bool first = true; first || !taker.empty(); first = false) read_block(taker, file, first);
  } catch (const Malformed& malformed) {
    return Error{.kind = ErrorKind::input, .what = malformed.what};
  }
  return file;
}

}  // namespace labreel::test
