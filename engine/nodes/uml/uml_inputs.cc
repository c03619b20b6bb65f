#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <iterator>

#include "engine/core/check.h"
#include "engine/nodes/uml/guest_program.h"
#include "engine/nodes/uml/launch.h"
#include "engine/nodes/uml/uml_driver.h"

namespace labreel {
namespace {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  LABREEL_CHECK(EVP_Digest(bytes.data(), bytes.size(), hash.data(), &length, EVP_sha256(), nullptr) == 1);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < length; ++i) {
    text.push_back(kDigits[hash[i] >> 4U]);
    text.push_back(kDigits[hash[i] & 0xfU]);
  }
  return text;
}

}  // namespace

Result<UmlInputs> uml_inputs(const UmlOptions& options) {
  std::ifstream in(options.kernel, std::ios::binary);
  if (!in)
    return Error{ErrorKind::host, "cannot read the kernel of uml nodes", options.kernel,
                 "build it: labreel kernel build"};
  const std::string kernel((std::istreambuf_iterator<char>(in)), {});
  UmlInputs inputs;
  inputs.kernel = sha256_hex(kernel);
  inputs.guest_program = sha256_hex(guest_init_program());
  inputs.memory_mib = options.memory_mib;
  inputs.clock_cost_ns = options.clock_cost_ns;
  inputs.epoch_s = options.epoch_s;
  inputs.strict = options.strict;
  inputs.cpuid_hidden = options.strict && can_hide_cpuid();
  return inputs;
}

}  // namespace labreel
