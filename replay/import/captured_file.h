// CapturedFile: a pcap or pcapng file as interfaces and packets, whatever wrote it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"
#include "replay/packet_writer.h"

namespace labreel {

struct CapturedInterface {
  std::string name;  // empty if the file gives none
  std::uint16_t link_type = 0;
  MacAddress mac{};
};

// Shape: `interface` is an index into CapturedFile::interfaces; `id` is what labreel's export wrote: the frame's
//        number in its reel, the same at its sender and its receivers; 0 in files of other programs. `options` are
//        pcapng's own, to be read by comments_of().
// Units: `time_ns` since 1970, UTC; without a time of its own a packet has that of the one before.
struct CapturedPacket {
  std::uint64_t time_ns = 0;
  std::uint64_t id = 0;
  Bytes bytes;
  Bytes options;
  std::uint32_t length = 0;  // on the wire: at least bytes.size()
  std::uint32_t interface = 0;
  std::uint32_t section = 0;
  PacketDirection direction = PacketDirection::unknown;
  bool has_time = true;
  bool is_big_endian = false;
};

// Shape: borrows the file's bytes. Packets stand in the file's order, about 80 bytes of memory each.
struct CapturedFile {
  std::string format;                 // "pcap", "pcapng"
  std::string program;                // that wrote it, if it says so
  std::vector<std::string> comments;  // of the file as a whole
  std::vector<CapturedInterface> interfaces;
  std::vector<CapturedPacket> packets;
  std::optional<Error> end;  // set if the file is cut off or damaged there: what is before it was read
};

// Reads a capture. Never throws, never reads past `file`.
//
// Errors: neither pcap nor pcapng, or nothing of it can be read; the place is "byte N".
// Source: draft-ietf-opsawg-pcapng, draft-ietf-opsawg-pcap.
Result<CapturedFile> read_captured_file(Bytes file);

std::vector<std::string> comments_of(const CapturedPacket& packet);

// The link type's name as libpcap has it: "LINUX_SLL2".
std::string link_type_name(std::uint16_t link_type);

}  // namespace labreel
