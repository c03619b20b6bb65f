// SHA-256 of a stream, and of what is at hand.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/core/event.h"

namespace labreel {

using Sha256 = std::array<std::uint8_t, 32>;

// Shape:  OpenSSL's (sha256.cc), which uses the processor's instructions for it; where there is none, store/format's
//         (format/sha256_stream.cc). A program links one of the two.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;

  // Begins anew.
  void restart();
  void update(Bytes bytes);
  // The hash of all since it began; more may follow.
  Sha256 value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Sha256 sha256_of(std::string_view bytes);

}  // namespace labreel
