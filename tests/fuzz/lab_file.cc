// Fuzz target: any bytes as a lab file are parsed or refused with their place.
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/core/check.h"
#include "engine/lab/lab_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto lab = labreel::parse_lab_file(text, "lab.yml");
  if (lab) {
    LABREEL_CHECK(!lab->name.empty() && !lab->nodes.empty());
  } else {
    LABREEL_CHECK(lab.error().kind == labreel::ErrorKind::input);
    LABREEL_CHECK(lab.error().place.rfind("lab.yml", 0) == 0);
    LABREEL_CHECK(!lab.error().what.empty());
  }
  return 0;
}
