// The digest: a chain of SHA-256 over blocks of 4,096 events, independent of pages.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "store/format.h"
#include "store/sha256.h"

namespace labreel {

std::string hex_of(const Sha256& hash);
// The bytes of a hash, as a column of SQLite's has them; valid as long as `hash`.
inline std::string_view text_of(const Sha256& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

// Shape: H_0 = SHA-256("labreel digest 1\n"), H_k = SHA-256(H_(k-1) || block k); the digest at a seq that ends no block is
//        SHA-256(H_k || the events behind block k). An event is its record with payload_offset 0, then its payload.
// Source: FORMAT.md, "Digest".
class DigestChain {
 public:
  DigestChain();
  // Starts behind block `blocks.size()`, of which the hashes are known.
  explicit DigestChain(std::vector<Sha256> blocks);
  ~DigestChain();
  DigestChain(DigestChain&&) noexcept;
  DigestChain& operator=(DigestChain&&) noexcept;

  // Adds the event next_seq().
  void add(Record record, Bytes payload);
  std::uint64_t next_seq() const { return events_ + 1; }
  // The digest of all that was added.
  Sha256 value() const;
  // H_1 … H_k.
  const std::vector<Sha256>& blocks() const { return blocks_; }

 private:
  void begin_block();
  void flush() const;

  std::vector<Sha256> blocks_;
  std::uint64_t events_ = 0;
  mutable Sha256Stream hash_;  // takes what is pending when it is asked for
  // Events are gathered: a call a piece costs more than the hash.
  std::unique_ptr<std::byte[]> pending_;
  mutable std::size_t pending_bytes_ = 0;
};

}  // namespace labreel
