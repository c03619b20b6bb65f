#include "replay/anonymise/anonymise_frame.h"

#include <algorithm>
#include <initializer_list>

namespace labreel {
namespace {

constexpr int kNesting_max = 4;  // packets in packets

// A part of a frame that a checksum covers.
struct Part {
  std::size_t begin;
  std::size_t end;
};

class Rewriter {
 public:
  Rewriter(Bytes frame, Pseudonyms& pseudonyms)
      : in_(frame), out_(reinterpret_cast<const char*>(frame.data()), frame.size()), pseudonyms_(pseudonyms) {}

  std::string run() {
    ethernet();
    out_.resize(std::min(keep_, out_.size()));
    return std::move(out_);
  }

 private:
  bool has(std::size_t at, std::size_t bytes) const { return at <= in_.size() && bytes <= in_.size() - at; }
  unsigned u8(std::size_t at) const { return static_cast<unsigned>(in_[at]); }
  unsigned u16(std::size_t at) const { return u8(at) << 8U | u8(at + 1); }
  void keep(std::size_t end) { keep_ = std::max(keep_, end); }
  void set(std::size_t at, unsigned value) { out_[at] = static_cast<char>(value); }
  std::byte* at_byte(std::size_t at) { return reinterpret_cast<std::byte*>(out_.data()) + at; }
  void mac(std::size_t at) { pseudonyms_.mac(std::span<std::byte, 6>{at_byte(at), 6}); }
  void address4(std::size_t at) { pseudonyms_.ipv4(std::span<std::byte, 4>{at_byte(at), 4}); }
  void address6(std::size_t at) { pseudonyms_.ipv6(std::span<std::byte, 16>{at_byte(at), 16}); }

  // Moves a checksum by what has changed in the parts that it covers.
  void fix(std::size_t checksum, std::initializer_list<Part> parts) {
    std::uint32_t sum = ~u16(checksum) & 0xFFFFU;
    bool has_changed = false;
    for (const Part& part : parts) {
      for (std::size_t at = part.begin; at < std::min(part.end, in_.size()); at += 2) {
        const bool is_odd = at + 1 >= std::min(part.end, in_.size());
        const unsigned before = u8(at) << 8U | (is_odd ? 0 : u8(at + 1));
        const unsigned after =
            static_cast<unsigned char>(out_[at]) * 256U + (is_odd ? 0 : static_cast<unsigned char>(out_[at + 1]));
        if (before == after) continue;
        has_changed = true;
        sum += (~before & 0xFFFFU) + after;
        sum = (sum & 0xFFFFU) + (sum >> 16U);
      }
    }
    if (!has_changed) return;
    sum = (sum & 0xFFFFU) + (sum >> 16U);
    const unsigned fixed = ~sum & 0xFFFFU;
    set(checksum, fixed >> 8U);
    set(checksum + 1, fixed & 0xFFU);
  }

  void ethernet() {
    if (!has(0, 14)) return;
    mac(0);
    mac(6);
    std::size_t type_at = 12;
    for (int tag = 0; tag < 4 && (u16(type_at) == 0x8100 || u16(type_at) == 0x88A8) && has(type_at, 6); ++tag)
      type_at += 4;
    const unsigned type = u16(type_at);
    const std::size_t payload = type_at + 2;
    keep(payload);
    if (type == 0x0800) ipv4(payload, 0);
    if (type == 0x86DD) ipv6(payload, 0);
    if (type == 0x0806) arp(payload);
    if (type < 0x0600 && has(payload, 3)) keep(payload + 3);  // LLC: what it is, not what it says
  }

  void arp(std::size_t at) {
    if (!has(at, 28) || u16(at) != 1 || u16(at + 2) != 0x0800 || u8(at + 4) != 6 || u8(at + 5) != 4) return;
    mac(at + 8);
    address4(at + 14);
    mac(at + 18);
    address4(at + 24);
    keep(at + 28);
  }

  void ipv4(std::size_t at, int nesting) {
    if (!has(at, 20) || u8(at) >> 4U != 4 || nesting > kNesting_max) return;
    const std::size_t header = (u8(at) & 0xFU) * 4;
    if (header < 20 || !has(at, header)) return;
    address4(at + 12);
    address4(at + 16);
    scrub_options(at + 20, at + header, {0, 1, 148});  // end, no operation, router alert
    fix(at + 10, {{at, at + header}});
    keep(at + header);
    const std::size_t total = u16(at + 2);
    const std::size_t end = total >= header ? std::min(at + total, in_.size()) : in_.size();
    const bool is_first = (u16(at + 6) & 0x1FFFU) == 0;
    if (is_first) transport(u8(at + 9), at + header, end, {at + 12, at + 20}, nesting);
  }

  void ipv6(std::size_t at, int nesting) {
    if (!has(at, 40) || u8(at) >> 4U != 6 || nesting > kNesting_max) return;
    address6(at + 8);
    address6(at + 24);
    keep(at + 40);
    const std::size_t length = u16(at + 4);
    const std::size_t end = length != 0 ? std::min(at + 40 + length, in_.size()) : in_.size();
    unsigned next = u8(at + 6);
    std::size_t header = at + 40;
    for (int i = 0; i < 8 && (next == 0 || next == 44 || next == 60); ++i) {
      // A longer one has options that may hold anything.
      if (!has(header, 8) || (next != 44 && u8(header + 1) != 0)) return;
      const bool is_later = next == 44 && (u16(header + 2) & 0xFFF8U) != 0;
      next = u8(header);
      header += 8;
      keep(header);
      if (is_later) return;
    }
    transport(next, header, end, {at + 8, at + 40}, nesting);
  }

  // Options of IPv4 and TCP: all but the named become no-operations.
  void scrub_options(std::size_t at, std::size_t end, std::initializer_list<unsigned> kept) {
    while (at < end) {
      const unsigned kind = u8(at);
      const bool is_single = kind <= 1;
      std::size_t length = is_single ? 1 : at + 1 < end ? u8(at + 1) : 0;
      if (kind == 0)
        return std::fill(out_.begin() + static_cast<std::ptrdiff_t>(at),
                         out_.begin() + static_cast<std::ptrdiff_t>(end), '\0');
      if (length == 0 || length > end - at || (length < 2 && !is_single)) length = end - at;
      if (std::find(kept.begin(), kept.end(), kind) == kept.end() || length > end - at) {
        for (std::size_t i = 0; i < length; ++i) set(at + i, 1);
      }
      at += length;
    }
  }

  void transport(unsigned protocol, std::size_t at, std::size_t end, Part addresses, int nesting) {
    switch (protocol) {
      case 1:
        return icmp(at, end, nesting);
      case 2:
        return igmp(at, end);
      case 4:
        return ipv4(at, nesting + 1);
      case 6:
        return tcp(at, addresses);
      case 17:
        return udp(at, addresses);
      case 41:
        return ipv6(at, nesting + 1);
      case 58:
        return icmpv6(at, end, addresses, nesting);
      case 89:
        return ospf(at, addresses);
      default:
        return;
    }
  }

  void tcp(std::size_t at, Part addresses) {
    if (!has(at, 20)) {
      if (has(at, 8)) keep(at + 8);  // what an error quotes of it
      return;
    }
    const std::size_t header = (u8(at + 12) >> 4U) * 4U;
    if (header < 20 || !has(at, header)) return keep(at + 8);
    scrub_options(at + 20, at + header, {0, 1, 2, 3, 4, 5, 8});  // MSS, window scale, SACK, timestamps
    fix(at + 16, {addresses, {at, at + header}});
    keep(at + header);
  }

  void udp(std::size_t at, Part addresses) {
    if (!has(at, 8)) return;
    keep(at + 8);
    if (u16(at + 6) == 0) return;  // it has none
    fix(at + 6, {addresses});
    if (out_[at + 6] == 0 && out_[at + 7] == 0) set(at + 6, 0xFF), set(at + 7, 0xFF);
  }

  void icmp(std::size_t at, std::size_t end, int nesting) {
    if (!has(at, 8)) return;
    const unsigned type = u8(at);
    const bool is_error = type == 3 || type == 5 || type == 11 || type == 12;
    const bool is_known = is_error || type == 0 || type == 8;
    keep(at + (is_known ? 8 : 4));
    if (type == 5) address4(at + 4);
    if (is_error) ipv4(at + 8, nesting + 1);
    fix(at + 2, {{at, end}});
  }

  void igmp(std::size_t at, std::size_t end) {
    if (!has(at, 8)) return;
    keep(at + 8);
    if (u8(at) != 0x22) address4(at + 4);
    fix(at + 2, {{at, end}});
  }

  void ospf(std::size_t at, Part addresses) {
    const bool is_v2 = has(at, 24) && u8(at) == 2;
    const bool is_v3 = has(at, 16) && u8(at) == 3;
    if (!is_v2 && !is_v3) return;
    address4(at + 4);  // the router's and the area's number look like addresses, and often are
    address4(at + 8);
    if (is_v3) {
      fix(at + 12, {addresses, {at, at + 16}});
      return keep(at + 16);
    }
    if (u16(at + 14) != 2) fix(at + 12, {{at, at + 16}});  // its authentication is not part of the sum
    std::fill_n(out_.begin() + static_cast<std::ptrdiff_t>(at) + 16, 8, '\0');
    keep(at + 24);
  }

  void icmpv6(std::size_t at, std::size_t end, Part addresses, int nesting) {
    if (!has(at, 8)) return;
    const unsigned type = u8(at);
    keep(at + 4);
    if (type >= 1 && type <= 4) {
      keep(at + 8);
      ipv6(at + 8, nesting + 1);
    } else if (type == 128 || type == 129) {
      keep(at + 8);
    } else if (type >= 130 && type <= 132 && has(at, 24)) {
      address6(at + 8);
      keep(at + 24);
    } else if (type >= 133 && type <= 137) {
      neighbour_discovery(type, at, end);
    } else if (type == 143) {
      group_records(at, end);
    }
    fix(at + 2, {addresses, {at, end}});
  }

  void neighbour_discovery(unsigned type, std::size_t at, std::size_t end) {
    const std::size_t fixed = type == 133 ? 8 : type == 134 ? 16 : type == 137 ? 40 : 24;
    if (!has(at, fixed)) return;
    if (type >= 135) address6(at + 8);
    if (type == 137) address6(at + 24);
    keep(at + fixed);
    for (at += fixed; at + 8 <= end;) {
      const std::size_t length = u8(at + 1) * 8U;
      if (length == 0 || at + length > end) return;
      const unsigned option = u8(at);
      if ((option == 1 || option == 2) && length == 8) {
        mac(at + 2);
      } else if (option == 3 && length == 32) {
        prefix(at + 16, u8(at + 2));
      } else if ((option != 5 && option != 14) || length != 8) {  // MTU, nonce
        return;
      }
      at += length;
      keep(at);
    }
  }

  // An address of which only the first bits count.
  void prefix(std::size_t at, std::size_t bits) {
    address6(at);
    for (std::size_t bit = bits; bit < 128; ++bit) {
      set(at + bit / 8, static_cast<unsigned char>(out_[at + bit / 8]) & ~(0x80U >> (bit % 8)));
    }
  }

  // MLDv2's report.
  void group_records(std::size_t at, std::size_t end) {
    keep(at + 8);
    for (at += 8; at + 20 <= end;) {
      const std::size_t sources = u16(at + 2);
      const std::size_t length = 20 + 16 * sources;
      if (u8(at + 1) != 0 || length > end - at) return;
      for (std::size_t i = 0; i <= sources; ++i) address6(at + 4 + 16 * i);
      at += length;
      keep(at);
    }
  }

  Bytes in_;
  std::string out_;
  Pseudonyms& pseudonyms_;
  std::size_t keep_ = 0;
};

}  // namespace

std::string anonymise_frame(Bytes frame, Pseudonyms& pseudonyms) { return Rewriter{frame, pseudonyms}.run(); }

}  // namespace labreel
