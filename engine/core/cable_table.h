// The settings of a cable, each described once: its words, where it is kept, how it is written and read.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/cable.h"
#include "engine/core/result.h"

namespace labreel {

// What a setting measures: how its value is read and written, and what it may be.
enum class CableUnit : std::uint8_t { time, rate, size, probability };

// One setting.
//
// Shape: its bit in CableFields is its place in cable_settings(); that is the order of its bytes in a saved fabric, too. One of
//        the two members is set.
// Units: values are ns, bits a second, bytes, or parts per thousand million.
struct CableSetting {
  std::string_view key;       // "delay": in lab files, on the command line, and in what people read
  std::string_view json_key;  // "delay_ns"
  CableUnit unit = CableUnit::time;
  std::uint64_t CableSettings::*wide = nullptr;
  std::uint32_t CableSettings::*narrow = nullptr;
  std::string_view example;  // a value, as it is written
  std::string_view help;     // what it does, as LAB_FILE.md says it

  CableFields field() const;
  std::uint64_t value_of(const CableSettings& settings) const {
    return wide != nullptr ? settings.*wide : settings.*narrow;
  }
  void put(CableSettings& settings, std::uint64_t value) const;
  // Reads "5ms", "100mbit", "64KiB" or "0.5%". Errors: another text, or a value that no cable can have.
  Result<std::uint64_t> parse(std::string_view text) const;
  // Writes a value so that parse() reads it again.
  std::string print(std::uint64_t value) const;
  // Says whether a cable can have the value.
  bool allows(std::uint64_t value) const;
};

inline constexpr std::array<CableSetting, 8> kCableSettings{{
    {"delay", "delay_ns", CableUnit::time, &CableSettings::delay_ns, nullptr, "5ms",
     "how long a frame is on its way"},
    {"jitter", "jitter_ns", CableUnit::time, &CableSettings::jitter_ns, nullptr, "1ms",
     "the delay is drawn evenly from delay - jitter to delay + jitter; frames stay in order"},
    {"rate", "rate_bps", CableUnit::rate, &CableSettings::rate_bps, nullptr, "100mbit",
     "frames wait for it in the queue"},
    {"queue", "queue_bytes", CableUnit::size, &CableSettings::queue_bytes, nullptr, "64KiB",
     "what may wait for the rate; more is dropped with reason `queue-full`"},
    {"loss", "loss_ppb", CableUnit::probability, nullptr, &CableSettings::loss_ppb, "0.5%", "a frame is dropped with reason `loss`"},
    {"duplicate", "duplicate_ppb", CableUnit::probability, nullptr, &CableSettings::duplicate_ppb, "0.1%",
     "a frame comes twice"},
    {"corrupt", "corrupt_ppb", CableUnit::probability, nullptr, &CableSettings::corrupt_ppb, "0.1%",
     "one bit of a frame is flipped"},
    {"reorder", "reorder_ppb", CableUnit::probability, nullptr, &CableSettings::reorder_ppb, "1%",
     "a frame skips the delay, and so may overtake earlier ones"},
}};

inline CableFields CableSetting::field() const {
  return static_cast<CableFields>(1U << static_cast<unsigned>(this - kCableSettings.data()));
}

// Returns the setting of that key, or null.
const CableSetting* cable_setting_named(std::string_view key);
// Returns the setting of one bit. The bit is one of them.
const CableSetting& cable_setting_of(CableField field);

// Returns the bits of the settings in which two differ.
CableFields fields_that_differ(const CableSettings& a, const CableSettings& b);
// Returns "delay 5ms, loss 0.5%" for the settings whose bit is set.
std::string settings_text(const CableSettings& settings, CableFields fields);
// The same for those that are not as on a plain cable; empty if all are.
std::string settings_text(const CableSettings& settings);

}  // namespace labreel
