// TcpFollower: what of a TCP segment only its connection tells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "engine/core/event.h"
#include "replay/decode/decode.h"

namespace labreel {

// Follows the connections of one place, frame by frame, and adds to each frame's TCP layers: relative numbers, the window as
// it is meant, and whether the segment is sent again, out of order, or after one that is missing.
//
// Shape: the same packet on the next cable is no retransmission, so each cable has a place of its own. The judgements are
//        Wireshark's, as far as its default settings go; like them they are guesses from what passed by. At most 65,536 connections
//        are kept: then all are forgotten, and those that go on begin anew.
// Source: RFC 9293, RFC 7323; Wireshark 4.0, "TCP Analysis".
class TcpFollower {
 public:
  // `decoded` is what decode_frame() made of `frame`. Frames of a place come in order of time.
  void follow(DecodedFrame& decoded, Bytes frame, std::uint64_t time_ns, std::uint64_t place = 0);

 private:
  // What one end has sent so far.
  struct Flow {
    bool has_base = false;
    std::uint32_t base = 0;         // the number of its SYN
    bool has_next = false;
    std::uint32_t next = 0;         // behind the last byte that it sent
    std::uint64_t next_at_ns = 0;
    bool has_sent_ack = false;
    std::uint32_t last_ack = 0;     // what it acknowledged last
    std::uint64_t last_ack_at_ns = 0;
    std::uint32_t window = 0;       // as in the header
    std::uint32_t duplicates = 0;   // of that acknowledgement
    bool has_highest = false;
    std::uint32_t highest_to_ack = 0;  // up to where it may be acknowledged without that anything was missed
    int scale = -1;                 // of its windows; -1: its SYN was not seen
    bool said_alive = false;        // its last segment kept the connection alive
    bool probed = false;            // or asked for a window
  };
  struct Connection {
    Flow flows[2];
    std::uint64_t first_round_ns = 0;  // from SYN to the handshake's last ACK
    std::uint64_t syn_at_ns = 0;
    bool had_syn_ack = false;
  };
  struct Segment;
  struct Verdict;

  static Verdict judge(const Segment& segment, const Connection& connection, Flow& from, const Flow& to);
  static void remember(const Segment& segment, const Verdict& verdict, Flow& from, Flow& to);
  static void learn_numbers(const Segment& segment, Connection& connection, Flow& from, Flow& to);
  static void add_fields(Layer& layer, const Segment& segment, const Verdict& verdict, const Flow& from, const Flow& to);

  std::map<std::string, Connection> connections_;  // place, addresses and ports, the lower end first
};

}  // namespace labreel
