#include "engine/nodes/uml/file_hash.h"

#include <openssl/evp.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>

#include "engine/core/check.h"
#include "engine/text/hex.h"

namespace labreel {
namespace {

// Hashes what is fed to it piece by piece.
class Sha256 {
 public:
  Sha256() : context_(::EVP_MD_CTX_new(), ::EVP_MD_CTX_free) {
    LABREEL_CHECK(context_ && ::EVP_DigestInit_ex(context_.get(), ::EVP_sha256(), nullptr) == 1);
  }
  void feed(std::string_view bytes) {
    LABREEL_CHECK(::EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned length = 0;
    LABREEL_CHECK(::EVP_DigestFinal_ex(context_.get(), hash.data(), &length) == 1);
    return to_hex(std::as_bytes(std::span{hash}.first(length)));
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.feed(bytes);
  return hash.hex();
}

std::optional<std::string> sha256_of_file(const std::string& path) {
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(path, unknown)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  Sha256 hash;
  std::string part(1U << 20U, '\0');
  while (in) {
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    hash.feed(std::string_view(part).substr(0, static_cast<std::size_t>(in.gcount())));
  }
  if (in.bad()) return std::nullopt;
  return hash.hex();
}

}  // namespace labreel
