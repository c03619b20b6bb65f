// The settings of a cable, as lab files, scenarios and `link set` write them.
#include <array>

#include "engine/core/cable_table.h"
#include "engine/core/suggest.h"
#include "engine/lab/lab_draft.h"

namespace labreel {
namespace {

void apply_or_refuse(std::string_view key, const YamlValue& value, CableSettings& settings, CableFields& fields) {
  if (value.kind == YamlValue::Kind::null) {
    refuse(value.line, std::string(key) + " has no value", "leave the key out, or give it a value");
  }
  const std::string& text = text_of(value, key);
  Status applied = apply_cable_setting(key, text, settings, fields);
  if (!applied) refuse(value.line, applied.error().what, applied.error().hint);
}

}  // namespace

std::vector<std::string> with_cable_keys(std::vector<std::string> keys) {
  keys.insert(keys.end(), cable_keys().begin(), cable_keys().end());
  return keys;
}

const std::vector<std::string>& cable_keys() {
  static const std::vector<std::string> keys = [] {
    std::vector<std::string> all;
    for (const CableSetting& setting : kCableSettings) all.emplace_back(setting.key);
    return all;
  }();
  return keys;
}

Status apply_cable_setting(std::string_view key, std::string_view value, CableSettings& settings, CableFields& fields) {
  if (const CableSetting* const setting = cable_setting_named(key)) {
    auto parsed = setting->parse(value);
    if (!parsed) {
      Error error = std::move(parsed).error();
      error.what = std::string(key) + ": " + error.what;
      return error;
    }
    setting->put(settings, *parsed);
    fields = static_cast<CableFields>(fields | setting->field());
    return ok_status();
  }
  std::string hint = "a cable has: ";
  for (const CableSetting& known : kCableSettings) hint += (&known == &kCableSettings.front() ? "" : ", ") + std::string(known.key);
  return Error{ErrorKind::input, "a cable has no setting " + quote(key) + did_you_mean(key, cable_keys()), {}, hint};
}

void read_cable_key(const YamlEntry& entry, CableChange& reading) {
  const YamlValue& value = *entry.value;
  if (value.kind != YamlValue::Kind::map) {
    apply_or_refuse(entry.key, value, reading.out, reading.out_fields);
    apply_or_refuse(entry.key, value, reading.in, reading.in_fields);
    return;
  }
  static const std::array<std::string, 2> directions{"out", "in"};
  const Fields fields(value, entry.key, directions);
  if (fields.entries().empty()) refuse(value.line, entry.key + " has neither out nor in");
  if (const YamlValue* out = fields.find("out")) apply_or_refuse(entry.key, *out, reading.out, reading.out_fields);
  if (const YamlValue* in = fields.find("in")) apply_or_refuse(entry.key, *in, reading.in, reading.in_fields);
}

}  // namespace labreel
