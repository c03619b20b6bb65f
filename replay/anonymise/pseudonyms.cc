#include "replay/anonymise/pseudonyms.h"

#include <sys/random.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "engine/os/system_call.h"
#include "engine/text/hex.h"

namespace labreel {

// Addresses that begin with the same `bits` bits as `prefix`.
struct Pseudonyms::Range {
  std::array<unsigned char, 8> prefix;
  std::size_t bits;
  bool is_kept;  // as it is, to the last bit

  // Says whether the first `depth` bits of an address are those of the prefix.
  bool agrees(std::span<const std::byte> address, std::size_t depth) const {
    const std::size_t common = std::min(depth, bits);
    for (std::size_t i = 0; i < common; ++i) {
      const unsigned ours = prefix[i / 8] >> (7 - i % 8) & 1U;
      const unsigned theirs = static_cast<unsigned>(address[i / 8]) >> (7 - i % 8) & 1U;
      if (ours != theirs) return false;
    }
    return true;
  }
};

namespace {

constexpr std::size_t kKnown_max = 100'000;  // addresses that are remembered; a scan may show many

bool is(std::span<const std::byte> address, std::initializer_list<unsigned> start) {
  return std::equal(start.begin(), start.end(), address.begin(),
                    [](unsigned value, std::byte byte) { return static_cast<std::byte>(value) == byte; });
}

}  // namespace

Result<PseudonymKey> parse_pseudonym_key(std::string_view hex) {
  PseudonymKey key{};
  const std::optional<std::string> bytes = bytes_of_hex(hex);
  if (!bytes || bytes->size() != key.size())
    return Error{ErrorKind::usage, "a key is 32 hex digits", {}, "openssl rand -hex 16 makes one"};
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return key;
}

PseudonymKey random_pseudonym_key() {
  PseudonymKey key{};
  checked("get random bytes", retried([&] { return ::getrandom(key.data(), key.size(), 0); }));
  return key;
}

Pseudonyms::Pseudonyms(const PseudonymKey& key) : cipher_(EVP_CIPHER_CTX_new()) {
  const bool works = cipher_ &&
                     EVP_EncryptInit_ex(cipher_.get(), EVP_aes_128_ecb(), nullptr, key.data(), nullptr) == 1 &&
                     EVP_CIPHER_CTX_set_padding(cipher_.get(), 0) == 1;
  LABREEL_CHECK(works);
}

bool Pseudonyms::wants_flip(Domain domain, std::span<const std::byte> address, std::size_t depth) {
  std::array<unsigned char, 16> block{};
  block[0] = static_cast<unsigned char>(domain);
  block[1] = static_cast<unsigned char>(depth);
  LABREEL_CHECK(depth <= 8 * (block.size() - 2));
  std::memcpy(&block[2], address.data(), (depth + 7) / 8);
  if (depth % 8 != 0) block[2 + depth / 8] &= static_cast<unsigned char>(0xFF00U >> (depth % 8));
  std::array<unsigned char, 16> out{};
  int got = 0;
  LABREEL_CHECK(EVP_EncryptUpdate(cipher_.get(), out.data(), &got, block.data(), static_cast<int>(block.size())) == 1);
  return (out[0] & 1U) != 0;
}

void Pseudonyms::flip(Domain domain, std::span<std::byte> address, std::size_t begin, std::size_t end,
                      std::span<const Range> ranges) {
  std::string name(1, static_cast<char>(domain));
  name.append(reinterpret_cast<const char*>(address.data()), address.size());
  if (const auto known = known_.find(name); known != known_.end()) {
    std::memcpy(address.data(), known->second.data(), address.size());
    return;
  }
  std::string pseudonym(reinterpret_cast<const char*>(address.data()), address.size());
  for (std::size_t depth = begin; depth < end; ++depth) {
    const auto forbids = [&](const Range& range) {
      return (range.bits > depth || range.is_kept) && range.agrees(address, depth);
    };
    if (std::any_of(ranges.begin(), ranges.end(), forbids) || !wants_flip(domain, address, depth)) continue;
    pseudonym[depth / 8] = static_cast<char>(static_cast<unsigned char>(pseudonym[depth / 8]) ^ (0x80U >> (depth % 8)));
  }
  if (known_.size() < kKnown_max) known_.emplace(name, pseudonym);
  std::memcpy(address.data(), pseudonym.data(), address.size());
}

void Pseudonyms::ipv4(std::span<std::byte, 4> address) {
  static constexpr std::array<Range, 9> kRanges{{{{0}, 8, true},
                                                 {{10}, 8, false},
                                                 {{100, 64}, 10, false},
                                                 {{127}, 8, true},
                                                 {{169, 254}, 16, false},
                                                 {{172, 16}, 12, false},
                                                 {{192, 168}, 16, false},
                                                 {{224}, 4, true},
                                                 {{240}, 4, true}}};
  flip(Domain::ipv4, address, 0, 32, kRanges);
}

void Pseudonyms::ipv6(std::span<std::byte, 16> address) {
  static constexpr std::array<Range, 5> kRanges{{{{0}, 8, true},
                                                 {{0x20, 0x01, 0x0D, 0xB8}, 32, false},
                                                 {{0xFC}, 7, false},
                                                 {{0xFE, 0x80}, 64, false},
                                                 {{0xFF}, 8, true}}};
  const auto low24 = address.last(3);
  if (is(address, {0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF})) return flip(Domain::low24, low24, 0, 24, {});
  if (is(address, {0xFF}) || is(address, {0})) return;
  if (is(address, {0xFE, 0x80, 0, 0, 0, 0, 0, 0}) && is(address.subspan(11), {0xFF, 0xFE})) {
    // The first half of a MAC address, with its local bit turned over.
    std::array<std::byte, 6> mac{address[8] ^ std::byte{2}, address[9], address[10], low24[0], low24[1], low24[2]};
    this->mac(mac);
    address[8] = mac[0] ^ std::byte{2};
    address[9] = mac[1];
    address[10] = mac[2];
    std::copy(mac.begin() + 3, mac.end(), low24.begin());
    return;
  }
  flip(Domain::ipv6, address.first(13), 0, 104, kRanges);
  flip(Domain::low24, low24, 0, 24, {});
}

void Pseudonyms::mac(std::span<std::byte, 6> address) {
  const bool is_nobody =
      std::all_of(address.begin(), address.end(), [](std::byte byte) { return byte == std::byte{0}; });
  const auto low24 = address.last(3);
  if (is(address, {0x33, 0x33, 0xFF})) return flip(Domain::low24, low24, 0, 24, {});
  if (is_nobody || (address[0] & std::byte{1}) != std::byte{0}) return;
  const std::byte kept = address[0] & std::byte{3};
  flip(Domain::oui, address.first(3), 0, 24, {});
  address[0] = (address[0] & std::byte{0xFC}) | kept;
  flip(Domain::low24, low24, 0, 24, {});
}

}  // namespace labreel
