#include "engine/core/cable_table.h"

#include <algorithm>

#include "engine/core/check.h"
#include "engine/core/topology_check.h"
#include "engine/core/units.h"

namespace labreel {
namespace {

Result<std::uint64_t> widened(Result<std::uint32_t> parsed) {
  if (!parsed) return std::move(parsed).error();
  return std::uint64_t{*parsed};
}

}  // namespace

void CableSetting::put(CableSettings& settings, std::uint64_t value) const {
  if (wide != nullptr) {
    settings.*wide = value;
  } else {
    settings.*narrow = static_cast<std::uint32_t>(value);
  }
}

Result<std::uint64_t> CableSetting::parse(std::string_view text) const {
  switch (unit) {
    case CableUnit::rate: return parse_rate_bps(text);
    case CableUnit::size: return parse_size_bytes(text);
    case CableUnit::probability: return widened(parse_probability_ppb(text));
    case CableUnit::time: break;
  }
  auto parsed = parse_duration_ns(text);
  if (parsed && !allows(*parsed)) {
    return Error{ErrorKind::input, "\"" + std::string(text) + "\" is over 146 years", {}, "a cable's delay or jitter has to end some day"};
  }
  return parsed;
}

std::string CableSetting::print(std::uint64_t value) const {
  switch (unit) {
    case CableUnit::time: return format_duration(value);
    case CableUnit::rate: return format_rate(value);
    case CableUnit::size: return format_size(value);
    case CableUnit::probability: return format_probability(static_cast<std::uint32_t>(value));
  }
  LABREEL_CHECK(false);
}

bool CableSetting::allows(std::uint64_t value) const {
  if (unit == CableUnit::time) return value <= kDelayMax_ns;
  return unit != CableUnit::probability || value <= kCertain_ppb;
}

const CableSetting* cable_setting_named(std::string_view key) {
  const auto found = std::find_if(kCableSettings.begin(), kCableSettings.end(),
                                  [&](const CableSetting& setting) { return setting.key == key; });
  return found == kCableSettings.end() ? nullptr : &*found;
}

const CableSetting& cable_setting_of(CableField field) {
  const auto found = std::find_if(kCableSettings.begin(), kCableSettings.end(),
                                  [&](const CableSetting& setting) { return setting.field() == field; });
  LABREEL_CHECK(found != kCableSettings.end());
  return *found;
}

CableFields fields_that_differ(const CableSettings& a, const CableSettings& b) {
  unsigned fields = 0;
  for (const CableSetting& setting : kCableSettings) {
    if (setting.value_of(a) != setting.value_of(b)) fields |= setting.field();
  }
  return static_cast<CableFields>(fields);
}

std::string settings_text(const CableSettings& settings, CableFields fields) {
  std::string text;
  for (const CableSetting& setting : kCableSettings) {
    if ((fields & setting.field()) == 0) continue;
    const std::uint64_t value = setting.value_of(settings);
    const bool is_unlimited = setting.unit == CableUnit::rate && value == 0;
    text += (text.empty() ? "" : ", ") + std::string(setting.key) + ' ' + (is_unlimited ? "unlimited" : setting.print(value));
  }
  return text;
}

std::string settings_text(const CableSettings& settings) {
  return settings_text(settings, fields_that_differ(settings, CableSettings{}));
}

}  // namespace labreel
