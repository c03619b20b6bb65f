// A strict reader of pcapng for tests, written from the draft and not from the writer: what it accepts is well formed.
//
// Source: draft-ietf-opsawg-pcapng (2022)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/result.h"

namespace labreel::test {

struct PcapngInterface {
  std::uint16_t link_type = 0;
  std::uint32_t snap_length = 0;
  std::string name;
  std::string description;
  std::string mac;     // 6 bytes
  std::string filter;  // with its first byte, which says what kind of filter it is
  std::optional<std::uint8_t> time_resolution;
};

struct PcapngPacket {
  std::uint32_t interface = 0;
  std::uint64_t time_ns = 0;
  std::uint32_t length = 0;
  std::string bytes;
  std::optional<std::uint32_t> flags;
  std::optional<std::uint64_t> packet_id;
  std::vector<std::string> comments;
};

struct PcapngFile {
  std::string hardware;
  std::string os;
  std::string program;
  std::vector<std::string> comments;
  std::vector<PcapngInterface> interfaces;
  std::vector<std::pair<std::string, std::string>> names;  // address as bytes, name
  std::vector<PcapngPacket> packets;
};

// Errors: whatever the draft does not allow, or that labreel has no reason to write.
Result<PcapngFile> read_pcapng(std::string_view file);

}  // namespace labreel::test
