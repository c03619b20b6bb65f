#include "store/digest.h"

#include <openssl/evp.h>

#include <cstring>
#include <new>
#include <span>
#include <string_view>

#include "engine/core/check.h"
#include "engine/text/hex.h"

namespace labreel {
namespace {

constexpr std::string_view kStart = "labreel digest 1\n";
constexpr std::size_t kPending_bytes = 16 << 10;

void update(evp_md_ctx_st* context, const void* data, std::size_t bytes) {
  LABREEL_CHECK(EVP_DigestUpdate(context, data, bytes) == 1);
}

Sha256 finish(evp_md_ctx_st* context) {
  Sha256 hash;
  LABREEL_CHECK(EVP_DigestFinal_ex(context, hash.data(), nullptr) == 1);
  return hash;
}

}  // namespace

Sha256 sha256_of(std::string_view bytes) {
  Sha256 hash;
  LABREEL_CHECK(EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha256(), nullptr) == 1);
  return hash;
}

std::string hex_of(const Sha256& hash) { return to_hex(std::as_bytes(std::span{hash})); }

void DigestChain::FreeContext::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

DigestChain::DigestChain() : DigestChain(std::vector<Sha256>{}) {}
DigestChain::DigestChain(std::vector<Sha256> blocks)
    : blocks_(std::move(blocks)), events_(blocks_.size() * kEventsPerBlock), context_(EVP_MD_CTX_new()),
      pending_(new std::byte[kPending_bytes]) {
  if (!context_) throw std::bad_alloc();
  begin_block();
}
DigestChain::~DigestChain() = default;
DigestChain::DigestChain(DigestChain&&) noexcept = default;
DigestChain& DigestChain::operator=(DigestChain&&) noexcept = default;

void DigestChain::begin_block() {
  const Sha256 previous = blocks_.empty() ? sha256_of(kStart) : blocks_.back();
  LABREEL_CHECK(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  update(context_.get(), previous.data(), previous.size());
}

void DigestChain::flush() const {
  update(context_.get(), pending_.get(), pending_bytes_);
  pending_bytes_ = 0;
}

void DigestChain::add(Record record, Bytes payload) {
  record.payload_offset = 0;
  if (sizeof(record) + payload.size() > kPending_bytes - pending_bytes_) flush();
  std::memcpy(pending_.get() + pending_bytes_, &record, sizeof(record));
  pending_bytes_ += sizeof(record);
  if (payload.size() > kPending_bytes - pending_bytes_) {
    flush();
    update(context_.get(), payload.data(), payload.size());
  } else if (!payload.empty()) {
    std::memcpy(pending_.get() + pending_bytes_, payload.data(), payload.size());
    pending_bytes_ += payload.size();
  }
  if (++events_ % kEventsPerBlock == 0) {
    flush();
    blocks_.push_back(finish(context_.get()));
    begin_block();
  }
}

Sha256 DigestChain::value() const {
  if (events_ % kEventsPerBlock == 0) return blocks_.empty() ? sha256_of(kStart) : blocks_.back();
  flush();
  const Context copy{EVP_MD_CTX_new()};
  if (!copy) throw std::bad_alloc();
  LABREEL_CHECK(EVP_MD_CTX_copy_ex(copy.get(), context_.get()) == 1);
  return finish(copy.get());
}

}  // namespace labreel
