// Large segments of TCP: cut as the kernel cuts them, and joined again only if nothing is lost by it.
#include "engine/transports/super_frame.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/core/random.h"
#include "engine/transports/arrival.h"
#include "engine/transports/checksum.h"

namespace labreel {
namespace {

using Octets = std::vector<std::byte>;

// What a super-frame is made of.
struct Made {
  bool over_ipv6 = false;
  std::size_t tags = 0;
  std::size_t ip_options = 0;   // bytes
  std::size_t tcp_options = 12;  // bytes
  std::size_t payload = 4'000;
  std::uint8_t flags = 0x10;
  std::uint32_t sequence = 0xffff'f000;  // soon around
  std::uint16_t identification = 0xfffe;
};

std::size_t ip_at(const Made& made) { return 14 + made.tags * 4; }
std::size_t tcp_at(const Made& made) { return ip_at(made) + (made.over_ipv6 ? 40 : 20 + made.ip_options); }
std::size_t payload_at(const Made& made) { return tcp_at(made) + 20 + made.tcp_options; }

// A segment with an unfinished checksum, as a stack gives it to a card that cuts.
Octets super_frame(const Made& made) {
  Octets bytes(payload_at(made) + made.payload, std::byte{1});
  const std::size_t ip = ip_at(made), tcp = tcp_at(made);
  for (std::size_t tag = 0; tag < made.tags; ++tag) put_u16(bytes, 12 + 4 * tag, 0x8100);
  put_u16(bytes, ip - 2, made.over_ipv6 ? 0x86dd : 0x0800);
  if (made.over_ipv6) {
    bytes[ip] = std::byte{0x60};
    bytes[ip + 6] = std::byte{6};
    put_u16(bytes, ip + 4, static_cast<std::uint16_t>(bytes.size() - ip - 40));
  } else {
    bytes[ip] = static_cast<std::byte>(0x40 + (20 + made.ip_options) / 4);
    put_u16(bytes, ip + 2, static_cast<std::uint16_t>(bytes.size() - ip));
    put_u16(bytes, ip + 4, made.identification);
    put_u16(bytes, ip + 6, 0x4000);
    bytes[ip + 9] = std::byte{6};
  }
  put_u32(bytes, tcp + 4, made.sequence);
  bytes[tcp + 12] = static_cast<std::byte>((20 + made.tcp_options) / 4 << 4);
  bytes[tcp + 13] = std::byte{made.flags};
  InternetSum pseudo_header;
  pseudo_header.add(Bytes(bytes).subspan(made.over_ipv6 ? ip + 8 : ip + 12, made.over_ipv6 ? 32 : 8));
  pseudo_header.add(std::uint16_t{6});
  pseudo_header.add(static_cast<std::uint16_t>(bytes.size() - tcp));
  put_u16(bytes, tcp + 16, pseudo_header.value());
  for (std::size_t i = 0; i < made.payload; ++i) bytes[payload_at(made) + i] = static_cast<std::byte>(mix(i) & 0xffU);
  return bytes;
}

OffloadHeader header_of(const Made& made, std::uint16_t segment_size) {
  return {.flags = kNeedsChecksum,
          .segment_kind = made.over_ipv6 ? kTcpOverIpv6 : kTcpOverIpv4,
          .header_length = static_cast<std::uint16_t>(payload_at(made)),
          .segment_size = segment_size,
          .checksum_start = static_cast<std::uint16_t>(tcp_at(made)),
          .checksum_offset = 16};
}

std::vector<Octets> cut(const Octets& bytes, const OffloadHeader& header) {
  Arrival arrival;
  std::copy(bytes.begin(), bytes.end(), arrival.room().begin());
  REQUIRE(arrival.hold(0, bytes.size(), header));
  std::vector<Octets> frames;
  for (Bytes frame; arrival.next(frame);) frames.emplace_back(frame.begin(), frame.end());
  return frames;
}

std::size_t count_joined(const std::vector<Octets>& frames) {
  const std::vector<Bytes> train(frames.begin(), frames.end());
  SuperFrame joined;
  return joined.join(train);
}

// The one's complement sum over TCP, its checksum and the pseudo header; right if it is 0xffff.
std::uint16_t tcp_sum(const Made& made, const Octets& frame) {
  InternetSum sum;
  sum.add(Bytes(frame).subspan(made.over_ipv6 ? ip_at(made) + 8 : ip_at(made) + 12, made.over_ipv6 ? 32 : 8));
  sum.add(std::uint16_t{6});
  sum.add(static_cast<std::uint16_t>(frame.size() - tcp_at(made)));
  sum.add(Bytes(frame).subspan(tcp_at(made)));
  return sum.value();
}

Made some_kind() {
  Made made;
  made.over_ipv6 = GENERATE(false, true);
  made.tags = GENERATE(std::size_t{0}, std::size_t{2});
  made.tcp_options = GENERATE(std::size_t{0}, std::size_t{12});
  if (!made.over_ipv6) made.ip_options = made.tags == 0 ? 0 : 8;
  return made;
}

}  // namespace

TEST_CASE("a super-frame is cut into the frames of a wire, with lengths, numbers, flags and checksums of their own", "[transports]") {
  Made made = some_kind();
  made.flags = 0x10 | TcpHead::kPsh | TcpHead::kFin | TcpHead::kCwr;
  const Octets whole = super_frame(made);
  const auto frames = cut(whole, header_of(made, 1'448));
  REQUIRE(frames.size() == 3);
  Octets payload;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const Octets& frame = frames[i];
    INFO("frame " << i);
    const std::size_t payload_bytes = i < 2 ? 1'448 : 4'000 - 2 * 1'448;
    REQUIRE(frame.size() == payload_at(made) + payload_bytes);
    CHECK(u32_at(frame, tcp_at(made) + 4) == made.sequence + static_cast<std::uint32_t>(payload.size()));
    const auto flags = std::to_integer<std::uint8_t>(frame[tcp_at(made) + 13]);
    CHECK(((flags & TcpHead::kCwr) != 0) == (i == 0));
    CHECK(((flags & TcpHead::kPsh) != 0) == (i == 2));
    CHECK(((flags & TcpHead::kFin) != 0) == (i == 2));
    CHECK(tcp_sum(made, frame) == 0xffff);
    if (made.over_ipv6) {
      CHECK(u16_at(frame, ip_at(made) + 4) == frame.size() - ip_at(made) - 40);
    } else {
      CHECK(u16_at(frame, ip_at(made) + 2) == frame.size() - ip_at(made));
      CHECK(u16_at(frame, ip_at(made) + 4) == static_cast<std::uint16_t>(made.identification + i));
      InternetSum sum;
      sum.add(Bytes(frame).subspan(ip_at(made), tcp_at(made) - ip_at(made)));
      CHECK(sum.value() == 0xffff);
    }
    payload.insert(payload.end(), frame.begin() + static_cast<std::ptrdiff_t>(payload_at(made)), frame.end());
  }
  CHECK(std::equal(payload.begin(), payload.end(), whole.begin() + static_cast<std::ptrdiff_t>(payload_at(made)), whole.end()));
}

TEST_CASE("frames smaller than their headers are cut right, too", "[transports]") {
  Made made;
  made.payload = 100;
  const Octets whole = super_frame(made);
  const auto frames = cut(whole, header_of(made, 3));
  REQUIRE(frames.size() == 34);
  Octets payload;
  for (const Octets& frame : frames) {
    CHECK(tcp_sum(made, frame) == 0xffff);
    payload.insert(payload.end(), frame.begin() + static_cast<std::ptrdiff_t>(payload_at(made)), frame.end());
  }
  CHECK(std::equal(payload.begin(), payload.end(), whole.begin() + static_cast<std::ptrdiff_t>(payload_at(made)), whole.end()));
}

TEST_CASE("frames cut from a super-frame are joined to the same super-frame again", "[transports]") {
  Made made = some_kind();
  made.flags = 0x10 | TcpHead::kPsh;
  const Octets whole = super_frame(made);
  const auto frames = cut(whole, header_of(made, 1'448));
  const std::vector<Bytes> train(frames.begin(), frames.end());
  SuperFrame joined;
  REQUIRE(joined.join(train) == frames.size());
  Octets written;
  for (const iovec& part : joined.parts()) {
    const auto* const bytes = static_cast<const std::byte*>(part.iov_base);
    written.insert(written.end(), bytes, bytes + part.iov_len);
  }
  OffloadHeader header;
  std::memcpy(&header, written.data(), sizeof header);
  const OffloadHeader expected = header_of(made, 1'448);
  CHECK(std::memcmp(&header, &expected, sizeof header) == 0);
  CHECK(cut(Octets(written.begin() + sizeof header, written.end()), header) == frames);
}

TEST_CASE("a frame that differs in anything that cutting would not change is not joined", "[transports]") {
  Made made;
  made.payload = 5 * 1'000;
  auto frames = cut(super_frame(made), header_of(made, 1'000));
  REQUIRE(count_joined(frames) == 5);
  SECTION("a bit of the payload is another") {
    frames[2].back() ^= std::byte{1};
    CHECK(count_joined(frames) == 2);
  }
  SECTION("the first frame's checksum is wrong") {
    frames[0].back() ^= std::byte{1};
    CHECK(count_joined(frames) == 1);
  }
  SECTION("any byte of a header is another") {
    for (std::size_t at = 0; at < payload_at(made); ++at) {
      const std::byte before = std::exchange(frames[2][at], frames[2][at] ^ std::byte{0x10});
      INFO("byte " << at);
      CHECK(count_joined(frames) == 2);
      frames[2][at] = before;
    }
  }
  SECTION("one is missing") {
    frames.erase(frames.begin() + 3);
    CHECK(count_joined(frames) == 3);
  }
  SECTION("two are swapped") {
    std::swap(frames[1], frames[2]);
    CHECK(count_joined(frames) == 1);
  }
  SECTION("one comes twice") {
    frames.insert(frames.begin() + 2, frames[1]);
    CHECK(count_joined(frames) == 2);
  }
  SECTION("bytes stand behind the packet") {
    frames[2].push_back(std::byte{0});
    CHECK(count_joined(frames) == 2);
  }
}

TEST_CASE("a frame with PSH or a shorter one ends what is joined", "[transports]") {
  Made made;
  made.payload = 2'500;
  made.flags = 0x10 | TcpHead::kPsh;
  auto frames = cut(super_frame(made), header_of(made, 1'000));
  Made next = made;
  next.sequence += 2'500;
  next.identification = static_cast<std::uint16_t>(next.identification + 3);
  for (const Octets& frame : cut(super_frame(next), header_of(next, 1'000))) frames.push_back(frame);
  CHECK(count_joined(frames) == 3);
  frames.erase(frames.begin(), frames.begin() + 2);
  CHECK(count_joined(frames) == 1);
}

TEST_CASE("frames with SYN, RST, URG or CWR, without payload, and frames that are not TCP go alone", "[transports]") {
  Made made;
  made.flags = GENERATE(std::uint8_t{0x12}, std::uint8_t{0x14}, std::uint8_t{0x30}, std::uint8_t{0x90});
  CHECK(count_joined(cut(super_frame(made), header_of(made, 1'000))) == 1);
  Made empty;
  empty.payload = 0;
  const auto acknowledgement = cut(super_frame(empty), header_of(empty, 1'000));
  REQUIRE(acknowledgement.size() == 1);
  CHECK(count_joined({acknowledgement[0], acknowledgement[0]}) == 1);
  CHECK(count_joined({Octets(100), Octets(100)}) == 1);
  CHECK(count_joined({Octets(), Octets()}) == 1);
}

TEST_CASE("no more is joined than an IP packet can say", "[transports]") {
  Made made;
  made.payload = 60'000;
  auto frames = cut(super_frame(made), header_of(made, 1'448));
  frames.pop_back();  // the short one
  Made next = made;
  next.sequence += static_cast<std::uint32_t>(frames.size() * 1'448);
  next.identification = static_cast<std::uint16_t>(next.identification + frames.size());
  for (const Octets& frame : cut(super_frame(next), header_of(next, 1'448))) frames.push_back(frame);
  const std::size_t joined = count_joined(frames);
  CHECK(joined == (65'535 - payload_at(made)) / 1'448);
}

TEST_CASE("a header that does not fit its frame is refused and nothing comes of it", "[transports]") {
  Made made;
  const Octets whole = super_frame(made);
  OffloadHeader header = header_of(made, 1'000);
  Octets bytes = whole;
  SECTION("another protocol") { header.segment_kind = 3; }
  SECTION("IPv6 said, IPv4 there") { header.segment_kind = kTcpOverIpv6; }
  SECTION("no size") { header.segment_size = 0; }
  SECTION("TCP elsewhere") { header.checksum_start += 4; }
  SECTION("a finished checksum") { header.flags = 0; }
  SECTION("cut off in its headers") { bytes.resize(payload_at(made) - 1); }
  SECTION("a fragment") { bytes[ip_at(made) + 6] = std::byte{0x20}; }
  SECTION("one frame, its checksum behind its end") {
    header.segment_kind = kOneFrame;
    header.checksum_start = 0xffff;
  }
  Arrival arrival;
  std::copy(bytes.begin(), bytes.end(), arrival.room().begin());
  CHECK_FALSE(arrival.hold(0, bytes.size(), header));
  Bytes frame;
  CHECK_FALSE(arrival.next(frame));
}

TEST_CASE("a checksum that a sender left unfinished is finished, of any length", "[transports]") {
  for (std::size_t length = 60; length < 130; ++length) {
    Octets bytes(length);
    for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::byte>(mix(i * length) & 0xffU);
    put_u16(bytes, 40, 0x1234);  // the pseudo header's sum
    std::uint32_t slowly = 0;
    for (std::size_t i = 34; i < length; ++i) slowly += std::to_integer<std::uint32_t>(bytes[i]) << (i % 2 == 0 ? 8U : 0U);
    while (slowly > 0xffff) slowly = (slowly & 0xffffU) + (slowly >> 16U);
    Arrival arrival;
    std::copy(bytes.begin(), bytes.end(), arrival.room().begin());
    REQUIRE(arrival.hold(0, length, {.flags = kNeedsChecksum, .checksum_start = 34, .checksum_offset = 6}));
    Bytes frame;
    REQUIRE(arrival.next(frame));
    CHECK(u16_at(frame, 40) == static_cast<std::uint16_t>(~slowly));
    CHECK_FALSE(arrival.next(frame));
  }
}

}  // namespace labreel
