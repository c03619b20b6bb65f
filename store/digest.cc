#include "store/digest.h"

#include <cstring>
#include <span>
#include <string_view>

#include "engine/text/hex.h"

namespace labreel {
namespace {

constexpr std::string_view kStart = "labreel digest 1\n";
constexpr std::size_t kPending_bytes = 16 << 10;

}  // namespace

std::string hex_of(const Sha256& hash) { return to_hex(std::as_bytes(std::span{hash})); }

DigestChain::DigestChain() : DigestChain(std::vector<Sha256>{}) {}
DigestChain::DigestChain(std::vector<Sha256> blocks)
    : blocks_(std::move(blocks)), events_(blocks_.size() * kEventsPerBlock), pending_(new std::byte[kPending_bytes]) {
  begin_block();
}
DigestChain::~DigestChain() = default;
DigestChain::DigestChain(DigestChain&&) noexcept = default;
DigestChain& DigestChain::operator=(DigestChain&&) noexcept = default;

void DigestChain::begin_block() {
  const Sha256 previous = blocks_.empty() ? sha256_of(kStart) : blocks_.back();
  hash_.restart();
  hash_.update(std::as_bytes(std::span{previous}));
}

void DigestChain::flush() const {
  hash_.update({pending_.get(), pending_bytes_});
  pending_bytes_ = 0;
}

void DigestChain::add(Record record, Bytes payload) {
  record.payload_offset = 0;
  if (sizeof(record) + payload.size() > kPending_bytes - pending_bytes_) flush();
  std::memcpy(pending_.get() + pending_bytes_, &record, sizeof(record));
  pending_bytes_ += sizeof(record);
  if (payload.size() > kPending_bytes - pending_bytes_) {
    flush();
    hash_.update(payload);
  } else if (!payload.empty()) {
    std::memcpy(pending_.get() + pending_bytes_, payload.data(), payload.size());
    pending_bytes_ += payload.size();
  }
  if (++events_ % kEventsPerBlock == 0) {
    flush();
    blocks_.push_back(hash_.value());
    begin_block();
  }
}

Sha256 DigestChain::value() const {
  if (events_ % kEventsPerBlock == 0) return blocks_.empty() ? sha256_of(kStart) : blocks_.back();
  flush();
  return hash_.value();
}

}  // namespace labreel
