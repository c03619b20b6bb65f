// The names of what a cable does to frames: settings and the flags of copies.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

// One setting of a cable's direction, as JSON and people see it.
struct NamedSetting {
  CableField field;
  std::string_view json_key;  // "delay_ns"
  std::string_view name;      // "delay", as in the lab file
  std::uint64_t value;
  std::string text;           // "5ms"
};

std::array<NamedSetting, 8> named_settings(const CableSettings& settings);
// Returns the CableField bits of the settings in which two differ.
unsigned fields_that_differ(const CableSettings& a, const CableSettings& b);
// Returns "delay 5ms, loss 0.5%" for the settings whose bit is set.
std::string settings_text(const CableSettings& settings, unsigned fields);

// Returns the names of a copy's flags: duplicated, corrupted, reordered.
std::vector<std::string_view> names_of_flags(std::uint8_t flags);

}  // namespace labreel
