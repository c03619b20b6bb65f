// The settings of a cable, as lab files, scenarios and `link set` write them.
#include <array>

#include "engine/core/suggest.h"
#include "engine/core/topology_check.h"
#include "engine/core/units.h"
#include "engine/lab/lab_draft.h"

namespace labreel {
namespace {

const std::array<std::string, 8> kKeys{"delay", "jitter", "rate", "queue", "loss", "duplicate", "corrupt", "reorder"};

template <class Value>
Status store(Result<Value> parsed, std::string_view key, Value& into) {
  if (!parsed) {
    Error error = std::move(parsed).error();
    error.what = std::string(key) + ": " + error.what;
    return error;
  }
  into = *parsed;
  return ok_status();
}

Status parse_field(CableField field, std::string_view value, CableSettings& settings) {
  switch (field) {
    case kFieldDelay:
      return store(parse_cable_time(value), "delay", settings.delay_ns);
    case kFieldJitter:
      return store(parse_cable_time(value), "jitter", settings.jitter_ns);
    case kFieldRate:
      return store(parse_rate_bps(value), "rate", settings.rate_bps);
    case kFieldQueue:
      return store(parse_size_bytes(value), "queue", settings.queue_bytes);
    case kFieldLoss:
      return store(parse_probability_ppb(value), "loss", settings.loss_ppb);
    case kFieldDuplicate:
      return store(parse_probability_ppb(value), "duplicate", settings.duplicate_ppb);
    case kFieldCorrupt:
      return store(parse_probability_ppb(value), "corrupt", settings.corrupt_ppb);
    case kFieldReorder:
      return store(parse_probability_ppb(value), "reorder", settings.reorder_ppb);
  }
  LABREEL_CHECK(false);
}

void apply_or_refuse(std::string_view key, const YamlValue& value, CableSettings& settings, std::uint8_t& fields) {
  if (value.kind == YamlValue::Kind::null) {
    refuse(value.line, std::string(key) + " has no value", "leave the key out, or give it a value");
  }
  const std::string& text = text_of(value, key);
  Status applied = apply_cable_setting(key, text, settings, fields);
  if (!applied) refuse(value.line, applied.error().what, applied.error().hint);
}

}  // namespace

std::span<const std::string> cable_keys() { return kKeys; }

Result<std::uint64_t> parse_cable_time(std::string_view text) {
  auto parsed = parse_duration_ns(text);
  if (parsed && *parsed > kDelayMax_ns) {
    return Error{ErrorKind::input, quote(text) + " is over 146 years", {}, "a cable's delay or jitter has to end some day"};
  }
  return parsed;
}

Status apply_cable_setting(std::string_view key, std::string_view value, CableSettings& settings,
                           std::uint8_t& fields) {
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    if (kKeys[i] != key) continue;
    const auto field = static_cast<CableField>(1U << i);
    Status parsed = parse_field(field, value, settings);
    if (parsed) fields = static_cast<std::uint8_t>(fields | field);
    return parsed;
  }
  std::string hint = "a cable has: ";
  for (const std::string& known : kKeys) hint += (known == kKeys.front() ? "" : ", ") + known;
  return Error{ErrorKind::input, "a cable has no setting " + quote(key) + did_you_mean(key, kKeys), {}, hint};
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

std::string describe(const CableSettings& settings) {
  const CableSettings plain;
  std::string text;
  const auto add = [&](bool differs, const std::string& key, const std::string& value) {
    if (differs) text += (text.empty() ? "" : ", ") + key + " " + value;
  };
  add(settings.delay_ns != plain.delay_ns, "delay", format_duration(settings.delay_ns));
  add(settings.jitter_ns != plain.jitter_ns, "jitter", format_duration(settings.jitter_ns));
  add(settings.rate_bps != plain.rate_bps, "rate", format_rate(settings.rate_bps));
  add(settings.queue_bytes != plain.queue_bytes, "queue", format_size(settings.queue_bytes));
  add(settings.loss_ppb != plain.loss_ppb, "loss", format_probability(settings.loss_ppb));
  add(settings.duplicate_ppb != plain.duplicate_ppb, "duplicate", format_probability(settings.duplicate_ppb));
  add(settings.corrupt_ppb != plain.corrupt_ppb, "corrupt", format_probability(settings.corrupt_ppb));
  add(settings.reorder_ppb != plain.reorder_ppb, "reorder", format_probability(settings.reorder_ppb));
  return text;
}

}  // namespace labreel
