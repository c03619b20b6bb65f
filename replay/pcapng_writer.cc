#include "replay/pcapng_writer.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "replay/pcapng_format.h"

namespace labreel {
namespace {

using namespace pcapng;

constexpr std::size_t kOptionBytes_max = 0xffff;
constexpr std::size_t kInfoBytes_max = 300;

constexpr std::size_t padding(std::size_t bytes) { return padded(bytes) - bytes; }

// Cuts text to at most `bytes_max`, between characters.
std::string_view cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
  return text.substr(0, end);
}

template <class Integer>
void append(std::string& body, Integer value) {
  static_assert(std::is_unsigned_v<Integer> && std::endian::native == std::endian::little);
  body.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append_padding(std::string& body) { body.append(padding(body.size()), '\0'); }

void append_option(std::string& body, OptionCode code, std::string_view value) {
  append(body, static_cast<std::uint16_t>(code));
  append(body, static_cast<std::uint16_t>(value.size()));
  body += value;
  append_padding(body);
}

void append_text(std::string& body, OptionCode code, std::string_view text) {
  append_option(body, code, cut(text, kOptionBytes_max));
}

void append_end(std::string& body) { append(body, std::uint32_t{kOptionEnd}); }

// One record of the name resolution block: an address as bytes, then its name.
void append_name(std::string& body, std::string_view address, const std::string& name) {
  constexpr std::uint16_t kIpv4Record = 1;
  constexpr std::uint16_t kIpv6Record = 2;
  const std::string_view whole = cut(name.c_str(), kOptionBytes_max - address.size() - 1);  // a name ends at a zero
  append(body, address.size() == 4 ? kIpv4Record : kIpv6Record);
  append(body, static_cast<std::uint16_t>(address.size() + whole.size() + 1));
  body += address;
  body += whole;
  body += '\0';
  append_padding(body);
}

// One tag of Wireshark's "exported PDU" header: big endian, its value padded with zeros.
//
// Source: wireshark epan/exported_pdu.h
void append_tag(std::string& packet, std::uint16_t tag, std::string_view value) {
  const std::size_t length = padded(value.size());
  for (const std::size_t number : {std::size_t{tag}, length}) {
    packet += static_cast<char>(number >> 8U);
    packet += static_cast<char>(number & 0xffU);
  }
  packet += value;
  packet.append(length - value.size(), '\0');
}

}  // namespace

void PcapngWriter::put_block(std::uint32_t type, const std::string& body) {
  const auto length = static_cast<std::uint32_t>(body.size() + kBlockFrameBytes);
  out_.put(type);
  out_.put(length);
  out_.put(std::string_view(body));
  out_.put(length);
}

Status PcapngWriter::begin(const Capture& capture) {
  put_section(capture);
  for (const CaptureInterface& interface : capture.interfaces) {
    put_interface(interface, kLinkTypeEthernet, capture.filter);
  }
  event_interface_ = static_cast<std::uint32_t>(capture.interfaces.size());
  if (capture.with_events) {
    put_interface({"labreel", "what happened beside the frames, as JSON", {}}, kLinkTypeUpperPdu, "");
  }
  put_addresses(capture);
  return ok_status();
}

void PcapngWriter::put_section(const Capture& capture) {
  std::string body;
  append(body, kByteOrder);
  append(body, std::uint16_t{1});           // version 1.0
  append(body, std::uint16_t{0});
  append(body, ~std::uint64_t{0});  // the section's length is not known: it may go into a pipe
  for (const std::string& comment : capture.comments) append_text(body, kOptionComment, comment);
  append_text(body, kSectionHardware, kOurHardware);
  append_text(body, kSectionOs, "Linux");
  append_text(body, kSectionProgram, capture.program);
  append_end(body);
  put_block(kSectionBlock, body);
}

void PcapngWriter::put_interface(const CaptureInterface& interface, std::uint16_t link_type,
                                 const std::string& filter) {
  std::string body;
  append(body, link_type);
  append(body, std::uint16_t{0});
  append(body, kSnapLength);
  append_text(body, kInterfaceName, interface.name);
  append_text(body, kInterfaceDescription, interface.description);
  if (interface.mac != MacAddress{}) {
    append_option(body, kInterfaceMac, {reinterpret_cast<const char*>(interface.mac.data()), interface.mac.size()});
  }
  append_option(body, kInterfaceTimeResolution, "\x09");                                    // 10^-9 s
  if (!filter.empty()) append_text(body, kInterfaceFilter, std::string(1, '\0') + filter);  // 0: as libpcap's text
  append_end(body);
  put_block(kInterfaceBlock, body);
}

void PcapngWriter::put_addresses(const Capture& capture) {
  std::string body;
  for (const auto& [text, name] : capture.addresses) {
    const std::string address = text.substr(0, text.find('/'));
    std::array<char, 16> bytes{};
    if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1)
      append_name(body, {bytes.data(), 4}, name);
    else if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1)
      append_name(body, {bytes.data(), 16}, name);
  }
  if (body.empty()) return;
  append(body, std::uint32_t{0});  // the end of the records
  put_block(kNameBlock, body);
}

Status PcapngWriter::packet(const Packet& packet) {
  const Bytes bytes = packet.bytes.first(std::min<std::size_t>(packet.bytes.size(), kSnapLength));
  constexpr std::size_t kFixedBytes = 20;
  constexpr std::size_t kFlagsBytes = kOptionHeaderBytes + 4;
  constexpr std::size_t kIdBytes = kOptionHeaderBytes + 8;
  std::size_t size =
      kBlockFrameBytes + kFixedBytes + padded(bytes.size()) + kFlagsBytes + kIdBytes + kOptionHeaderBytes;
  for (const std::string& comment : packet.comments) {
    size += kOptionHeaderBytes + padded(cut(comment, kOptionBytes_max).size());
  }
  const auto length = static_cast<std::uint32_t>(size);

  // Piece by piece a small packet would cost more than its bytes do.
  const std::array<std::uint32_t, 7> head{kPacketBlock, length, packet.interface,
                                          static_cast<std::uint32_t>(packet.time_ns >> 32U),
                                          static_cast<std::uint32_t>(packet.time_ns),
                                          static_cast<std::uint32_t>(bytes.size()), packet.length};
  out_.put(Bytes{std::as_bytes(std::span(head))});
  out_.put(bytes);
  out_.put_zeros(padding(bytes.size()));
  for (const std::string& comment : packet.comments) {
    const std::string_view text = cut(comment, kOptionBytes_max);
    out_.put(std::uint16_t{kOptionComment});
    out_.put(static_cast<std::uint16_t>(text.size()));
    out_.put(text);
    out_.put_zeros(padding(text.size()));
  }
  const std::array<std::uint32_t, 7> tail{4U << 16U | kPacketFlags,  // length and code of the option in one
                                          static_cast<std::uint32_t>(packet.direction), 8U << 16U | kPacketId,
                                          static_cast<std::uint32_t>(packet.seq.value),
                                          static_cast<std::uint32_t>(packet.seq.value >> 32U), kOptionEnd, length};
  out_.put(Bytes{std::as_bytes(std::span(tail))});
  return ok_status();
}

Status PcapngWriter::event(std::uint64_t time_ns, Seq seq, const EventWords& words) {
  constexpr std::uint16_t kTagDissector = 12;
  constexpr std::uint16_t kTagProtocolColumn = 33;
  constexpr std::uint16_t kTagInfoColumn = 36;  // since Wireshark 4.2; before, the line is the packet's comment only
  event_packet_.clear();
  append_tag(event_packet_, kTagDissector, "json");
  append_tag(event_packet_, kTagProtocolColumn, words.protocol);
  if (!words.info.empty()) append_tag(event_packet_, kTagInfoColumn, cut(words.info, kInfoBytes_max));
  append_tag(event_packet_, 0, "");
  event_packet_ += words.json;
  return packet({.time_ns = time_ns,
                 .seq = seq,
                 .interface = event_interface_,
                 .direction = PacketDirection::unknown,
                 .bytes = std::as_bytes(std::span(event_packet_)),
                 .length = static_cast<std::uint32_t>(event_packet_.size()),
                 .comments = std::span(&words.info, words.info.empty() ? 0 : 1)});
}

}  // namespace labreel
