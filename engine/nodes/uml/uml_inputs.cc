#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>
#include <optional>

#include "engine/core/check.h"
#include "engine/nodes/uml/guest_program.h"
#include "engine/nodes/uml/image.h"
#include "engine/nodes/uml/launch.h"
#include "engine/nodes/uml/uml_driver.h"

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
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
      text.push_back(kDigits[hash[i] >> 4U]);
      text.push_back(kDigits[hash[i] & 0xfU]);
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.feed(bytes);
  return hash.hex();
}

std::optional<std::string> sha256_of_file(const std::string& path) {
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

}  // namespace

Result<UmlInputs> uml_inputs(const UmlOptions& options) {
  auto kernel = sha256_of_file(options.kernel);
  if (!kernel)
    return Error{ErrorKind::host, "cannot read the kernel of uml nodes", options.kernel,
                 "build it: labreel kernel build"};
  UmlInputs inputs;
  inputs.kernel = *std::move(kernel);
  if (!options.image.empty()) {
    if (std::string fault = image_fault(options.image); !fault.empty())
      return Error{ErrorKind::host, "this is no image for uml nodes: " + fault, options.image,
                   "labreel image build makes one"};
    auto image = sha256_of_file(options.image);
    if (!image) return Error{ErrorKind::host, "cannot read the image of uml nodes", options.image, {}};
    inputs.image = *std::move(image);
  }
  inputs.guest_program = sha256_hex(guest_init_program());
  inputs.memory_mib = options.memory_mib;
  inputs.clock_cost_ns = options.clock_cost_ns;
  inputs.epoch_s = options.epoch_s;
  inputs.strict = options.strict;
  inputs.cpuid_hidden = options.strict && can_hide_cpuid();
  return inputs;
}

}  // namespace labreel
