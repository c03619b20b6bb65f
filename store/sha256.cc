#include "store/sha256.h"

#include <openssl/evp.h>

#include <new>

#include "engine/core/check.h"

namespace labreel {

struct Sha256Stream::State {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
  std::unique_ptr<EVP_MD_CTX, Free> copy{EVP_MD_CTX_new()};  // for a value in the middle
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  if (!state_->context || !state_->copy) throw std::bad_alloc();
  restart();
}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::restart() { LABREEL_CHECK(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1); }

void Sha256Stream::update(Bytes bytes) {
  LABREEL_CHECK(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

Sha256 Sha256Stream::value() const {
  Sha256 hash;
  LABREEL_CHECK(EVP_MD_CTX_copy_ex(state_->copy.get(), state_->context.get()) == 1);
  LABREEL_CHECK(EVP_DigestFinal_ex(state_->copy.get(), hash.data(), nullptr) == 1);
  return hash;
}

Sha256 sha256_of(std::string_view bytes) {
  Sha256 hash;
  LABREEL_CHECK(EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha256(), nullptr) == 1);
  return hash;
}

}  // namespace labreel
