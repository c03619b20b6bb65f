// Export of a reel to a capture file: a packet for each port that a frame crossed, as tcpdump on that node sees it.
//
// Shape: sorted by time, then by the frame's number, the sender's packet first. The sender's packet is outbound at the
//        arrival time; each copy that was delivered in the end is inbound at its receiver at its due time. Copies that
//        were not are comments at the sender's packet. All packets of a frame have its seq as their packet id.
// Source: ARCHITECTURE.md, "Captures".
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/event_log.h"
#include "engine/core/result.h"
#include "replay/byte_sink.h"
#include "replay/packet_writer.h"

namespace labreel {

// What to export, and what the file says of itself.
//
// Units: `begin_utc_ns` since 1970: lab time 0; without it, the packets' times count from 1970.
struct ExportOptions {
  // Without any of these three, TCP packets stand at one port each: see TcpView.
  bool all_ports = false;           // TCP, too, is a packet at each port that it crosses
  bool once = false;                // one packet a frame, at its sender; the copies' fates are comments
  std::optional<std::string> port;  // packets on this port only: "r1:eth1"
  Seq from{1};                      // frames (and events) by number, both inclusive
  Seq to{std::numeric_limits<std::uint64_t>::max()};
  std::function<bool(const Frame&)> frame_passes;  // asked of the frame as it was sent; empty: all pass
  std::string filter;                              // its text
  // The event as one line of JSON, and for the packet list; set it for --with-events. It is asked of every event but frames, in order, from the
  // reel's first on, so that it may keep track of the lab; what lies outside from..to is not written.
  std::function<EventWords(const Event&)> event_json;
  std::optional<std::uint64_t> begin_utc_ns;
  std::string program = "labreel";
  std::string lab;
  std::string digest;
  std::uint64_t seed = 0;
  std::vector<std::string> comments;  // what else the file says of itself
  bool live = false;                  // the lab still runs: what is due after the last event is yet to come
  // Addresses and the names that a capture shows for them: ("10.0.1.1/24", "r1"). What is no address is left out.
  std::vector<std::pair<std::string, std::string>> addresses;
};

// What an export left out.
struct ExportCounts {
  std::uint64_t packets = 0;   // written
  std::uint64_t left_out = 0;  // TCP packets at other ports than the conversation's own
};

// Writes the file. It needs two passes: what became of a copy is known only later in the reel. Memory is bounded by the
// copies in flight at one moment and by the number of outcome events.
//
// Shape:  all passes give the same events, from the reel's first on (also with `from`: ports must be known). `ahead` runs
//         before the second pass, two seconds of lab time at most, so that a packet can say what becomes of it.
//         If nobody reads the sink any more, the export ends early, without an error.
// Errors: what is wrong with the events, after everything before that is written; a port that never was (usage).
//         std::system_error of the sink.
Status export_packets(EventSource& first_pass, EventSource& ahead, EventSource& second_pass, const ExportOptions& options,
                      PacketWriter& writer, ExportCounts* counts = nullptr);
// The same of a whole recording.
Status export_packets(const EventLog& log, const ExportOptions& options, PacketWriter& writer,
                      ExportCounts* counts = nullptr);
Status export_pcapng(const EventLog& log, const ExportOptions& options, ByteSink& sink);

}  // namespace labreel
