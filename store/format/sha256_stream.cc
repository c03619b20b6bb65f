#include "store/format/sha256.h"
#include "store/sha256.h"

namespace labreel {

struct Sha256Stream::State {
  PlainSha256 hash;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::restart() { state_->hash = PlainSha256{}; }
void Sha256Stream::update(Bytes bytes) { state_->hash.update(bytes); }
Sha256 Sha256Stream::value() const { return PlainSha256{state_->hash}.finish(); }

Sha256 sha256_of(std::string_view bytes) {
  PlainSha256 hash;
  hash.update({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()});
  return hash.finish();
}

}  // namespace labreel
