#include "replay/import/captured_file.h"

#include <pcap/pcap.h>

#include <algorithm>

#include "engine/text/hex.h"
#include "replay/import/ordered_bytes.h"
#include "replay/import/pcapng_reader.h"
#include "replay/pcapng_format.h"

namespace labreel {
namespace {

constexpr std::size_t kPcapHeaderBytes = 24;
constexpr std::size_t kPcapRecordBytes = 16;

// What the first four bytes of a classic pcap file tell.
struct PcapKind {
  bool is_big_endian = false;
  std::uint64_t ns_per_unit = 1;  // of the fraction of a second
};

std::optional<PcapKind> pcap_kind_of(Bytes file) {
  for (const bool is_big_endian : {false, true}) {
    const std::uint32_t magic = OrderedBytes{file, is_big_endian}.u32(0);
    if (magic == 0xa1b2c3d4) return PcapKind{is_big_endian, 1'000};
    if (magic == 0xa1b23c4d) return PcapKind{is_big_endian, 1};
  }
  return std::nullopt;
}

// Classic pcap is read here too: libpcap reads files, not bytes, and says no offset of what is wrong.
Result<CapturedFile> read_pcap_file(Bytes file, PcapKind kind) {
  if (file.size() < kPcapHeaderBytes) return bad_capture(file.size(), "the file is cut off in its head");
  const OrderedBytes whole{file, kind.is_big_endian};
  if (whole.u16(4) != 2) return bad_capture(4, "pcap version " + std::to_string(whole.u16(4)) + " is not known");
  CapturedFile read;
  read.format = "pcap";
  read.interfaces.push_back({.name = {}, .link_type = whole.u16(kind.is_big_endian ? 22 : 20), .mac = {}});
  for (std::size_t at = kPcapHeaderBytes; at < file.size();) {
    const auto end_with = [&](const std::string& what) { read.end = bad_capture(at, what); };
    const std::size_t left = file.size() - at;
    if (left < kPcapRecordBytes) {
      end_with("the file is cut off in a packet's head");
      break;
    }
    const std::uint32_t captured = whole.u32(at + 8);
    if (captured > kSnapLength) {
      end_with("a packet cannot be " + std::to_string(captured) + " bytes long");
      break;
    }
    if (captured > left - kPcapRecordBytes) {
      end_with("the file is cut off in a packet of " + std::to_string(captured) + " bytes");
      break;
    }
    CapturedPacket packet;
    packet.time_ns = std::uint64_t{whole.u32(at)} * 1'000'000'000 + whole.u32(at + 4) * kind.ns_per_unit;
    packet.bytes = whole.bytes(at + kPcapRecordBytes, captured);
    packet.length = std::max(whole.u32(at + 12), captured);
    read.packets.push_back(packet);
    at += kPcapRecordBytes + captured;
  }
  return read;
}

Error not_a_capture(Bytes file) {
  Error error = bad_capture(0, "is neither pcap nor pcapng");
  const std::string_view start = as_text(file);
  if (start.starts_with("\x1f\x8b")) {
    error.what = "is compressed with gzip";
    error.hint = "gunzip it first";
  } else if (start.starts_with("\x28\xb5\x2f\xfd")) {
    error.what = "is compressed with zstd";
    error.hint = "zstd -d it first";
  } else if (start.starts_with("SQLite format 3")) {
    error.hint = "a reel needs no import: labreel info";
  } else {
    error.hint = "Wireshark saves most other formats as pcapng: tshark -r FILE -w FILE.pcapng";
  }
  return error;
}

}  // namespace

Result<CapturedFile> read_captured_file(Bytes file) {
  if (file.empty()) return bad_capture(0, "is empty");
  if (file.size() < 4) return not_a_capture(file);
  if (OrderedBytes{file, false}.u32(0) == pcapng::kSectionBlock) return read_pcapng_file(file);
  const auto kind = pcap_kind_of(file);
  return kind ? read_pcap_file(file, *kind) : Result<CapturedFile>{not_a_capture(file)};
}

std::string link_type_name(std::uint16_t link_type) {
  constexpr std::uint16_t kLinkTypeRaw = 101;  // one of the few whose number in files is not libpcap's own
  const char* const name = ::pcap_datalink_val_to_name(link_type == kLinkTypeRaw ? DLT_RAW : link_type);
  return name != nullptr ? name : "link type " + std::to_string(link_type);
}

}  // namespace labreel
