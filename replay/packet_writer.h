// PacketWriter: what a capture file holds, whatever its format: interfaces first, then packets in order of time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"

namespace labreel {

// libpcap and Wireshark refuse a file with a longer packet; what is beyond is cut off, and the true length stays.
inline constexpr std::uint32_t kSnapLength = 262'144;

// What a frame of an interface begins with; the numbers of pcap files.
inline constexpr std::uint16_t kLinkTypeEthernet = 1;
inline constexpr std::uint16_t kLinkTypeUpperPdu = 252;  // Wireshark's own: here, events as JSON

// The beginning of a section's comment on where TCP packets stand.
inline constexpr std::string_view kTcpComment = "tcp: ";

struct CaptureInterface {
  std::string name;  // "r1:eth1"
  std::string description;
  MacAddress mac{};
};

// What a reader of the file learns before the first packet.
struct Capture {
  std::string program;                                         // "labreel 0.1.0"
  std::vector<std::string> comments;                           // lab, seed, digest
  std::string filter;                                          // the filter used, or empty
  std::vector<std::pair<std::string, std::string>> addresses;  // IPv4 or IPv6, with or without /length, and its node
  std::vector<CaptureInterface> interfaces;
  bool with_events = false;  // one interface more, the last, carries events as JSON
};

// The numbers are those of epb_flags.
enum class PacketDirection : std::uint8_t { unknown = 0, in = 1, out = 2 };

// One frame as one port saw it.
//
// Shape: `interface` is an index into Capture::interfaces; `length` is at least bytes.size().
// Units: `time_ns` since 1970, UTC.
struct Packet {
  std::uint64_t time_ns = 0;
  Seq seq;
  std::uint32_t interface = 0;
  PacketDirection direction = PacketDirection::out;
  Bytes bytes;
  std::uint32_t length = 0;
  std::span<const std::string> comments;
};

// An event that is no frame, as a capture shows it.
struct EventWords {
  EventWords(std::string json_line, std::string list_column = "LABREEL", std::string one_line = {})
      : json(std::move(json_line)), protocol(std::move(list_column)), info(std::move(one_line)) {}
  std::string json;
  std::string protocol;  // of the packet list: "MARKER cut"
  std::string info;      // the whole event in one line
};

class PacketWriter {
 public:
  PacketWriter() = default;
  PacketWriter(const PacketWriter&) = delete;
  PacketWriter& operator=(const PacketWriter&) = delete;
  virtual ~PacketWriter() = default;
  // Errors: what the format cannot hold.
  virtual Status begin(const Capture& capture) = 0;
  virtual Status packet(const Packet& packet) = 0;
  // Writes an event other than a frame, as JSON; only after begin() with `with_events`.
  virtual Status event(std::uint64_t time_ns, Seq seq, const EventWords& words) = 0;
  virtual void end() = 0;
  // Says whether nobody reads any more.
  virtual bool closed() const = 0;
};

}  // namespace labreel
