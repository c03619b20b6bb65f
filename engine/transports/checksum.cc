#include "engine/transports/checksum.h"

#include <array>
#include <bit>
#include <cstring>

namespace labreel {
namespace {

std::uint16_t in_wire_order(std::uint16_t word) {
  return std::endian::native == std::endian::big ? word : static_cast<std::uint16_t>(word << 8U | word >> 8U);
}

}  // namespace

void InternetSum::add(Bytes part) {
  // Four sums side by side: one alone would wait for itself at each step. 32 bits at a time leave room for carries.
  std::array<std::uint64_t, 4> sums{};
  std::array<std::uint32_t, 4> words;
  const std::byte* at = part.data();
  std::size_t left = part.size();
  for (; left >= sizeof words; left -= sizeof words, at += sizeof words) {
    std::memcpy(words.data(), at, sizeof words);
    for (std::size_t i = 0; i < words.size(); ++i) sums[i] += words[i];
  }
  words.fill(0);
  if (left > 0) std::memcpy(words.data(), at, left);
  for (std::size_t i = 0; i < words.size(); ++i) sum_ += (sums[i] + words[i]);
}

void InternetSum::add(std::uint16_t word) { sum_ += in_wire_order(word); }

std::uint16_t InternetSum::value() const {
  std::uint64_t sum = sum_;
  while (sum > 0xffffU) sum = (sum & 0xffffU) + (sum >> 16U);
  return in_wire_order(static_cast<std::uint16_t>(sum));
}

bool finish_checksum(std::span<std::byte> frame, std::size_t start, std::size_t offset) {
  if (start > frame.size() || frame.size() - start < 2 || offset > frame.size() - start - 2) return false;
  InternetSum sum;
  sum.add(frame.subspan(start));
  // In UDP 0 would mean that there is none; the two are equal in ones' complement.
  put_u16(frame, start + offset, sum.checksum() == 0 ? std::uint16_t{0xffff} : sum.checksum());
  return true;
}

}  // namespace labreel
