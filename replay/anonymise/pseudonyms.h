// Pseudonyms: other addresses for the addresses of a capture, the same for the same key, with the same prefixes in common.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/result.h"

namespace labreel {

using PseudonymKey = std::array<unsigned char, 16>;

// Reads 32 hex digits. Errors: other text.
Result<PseudonymKey> parse_pseudonym_key(std::string_view hex);
// A key that nobody knows. Errors: std::system_error if the system has no randomness.
PseudonymKey random_pseudonym_key();

// Crypto-PAn with AES-128: bit i of an address is flipped or not by a keyed function of bits 0 to i-1, so two addresses
// have as long a prefix in common as their pseudonyms, and no two addresses get one pseudonym.
//
// Shape:  where a flip would carry an address into or out of one of these ranges, there is none: they stay what they are,
//         and so do the leading bits that public addresses share with them.
//         Kept as they are: group addresses of IPv4, IPv6 and MAC, broadcast, 0/8, 127/8, 240/4, ::/8, no MAC address.
//         Only the bits behind the prefix change: 10/8, 172.16/12, 192.168/16, 100.64/10, 169.254/16, fc00::/7,
//         fe80::/64, 2001:db8::/32.
//         The last 24 bits of MAC and IPv6 addresses are flipped alike, by themselves: so solicited-node groups
//         (ff02::1:ff…, 33:33:ff:…) and link-local addresses that were made from a MAC address still fit theirs.
//         The group and the local bit of a MAC address stay.
// Source: Xu, Fan, Ammar, Moon: "Prefix-Preserving IP Address Anonymization", ICNP 2002.
class Pseudonyms {
 public:
  explicit Pseudonyms(const PseudonymKey& key);

  // Each replaces an address in place; network byte order.
  void ipv4(std::span<std::byte, 4> address);
  void ipv6(std::span<std::byte, 16> address);
  void mac(std::span<std::byte, 6> address);

 private:
  enum class Domain : unsigned char { ipv4 = 4, ipv6 = 6, oui = 1, low24 = 24 };
  struct Range;
  // Flips bits begin..end of an address whose first bit is bit 0.
  void flip(Domain domain, std::span<std::byte> address, std::size_t begin, std::size_t end,
            std::span<const Range> ranges);
  bool wants_flip(Domain domain, std::span<const std::byte> address, std::size_t depth);

  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  };
  std::unique_ptr<EVP_CIPHER_CTX, Free> cipher_;
  std::map<std::string, std::string> known_;  // address -> pseudonym, by domain: AES once a bit and address
};

}  // namespace labreel
