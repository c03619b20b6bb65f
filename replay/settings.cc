#include "replay/settings.h"

#include "engine/core/units.h"

namespace labreel {

std::array<NamedSetting, 8> named_settings(const CableSettings& settings) {
  const auto rate = settings.rate_bps == 0 ? std::string("unlimited") : format_rate(settings.rate_bps);
  return {{
      {kFieldDelay, "delay_ns", "delay", settings.delay_ns, format_duration(settings.delay_ns)},
      {kFieldJitter, "jitter_ns", "jitter", settings.jitter_ns, format_duration(settings.jitter_ns)},
      {kFieldRate, "rate_bps", "rate", settings.rate_bps, rate},
      {kFieldQueue, "queue_bytes", "queue", settings.queue_bytes, format_size(settings.queue_bytes)},
      {kFieldLoss, "loss_ppb", "loss", settings.loss_ppb, format_probability(settings.loss_ppb)},
      {kFieldDuplicate, "duplicate_ppb", "duplicate", settings.duplicate_ppb,
       format_probability(settings.duplicate_ppb)},
      {kFieldCorrupt, "corrupt_ppb", "corrupt", settings.corrupt_ppb, format_probability(settings.corrupt_ppb)},
      {kFieldReorder, "reorder_ppb", "reorder", settings.reorder_ppb, format_probability(settings.reorder_ppb)},
  }};
}

unsigned fields_that_differ(const CableSettings& a, const CableSettings& b) {
  const auto settings_a = named_settings(a);
  const auto settings_b = named_settings(b);
  unsigned fields = 0;
  for (std::size_t i = 0; i < settings_a.size(); ++i) {
    if (settings_a[i].value != settings_b[i].value) fields |= settings_a[i].field;
  }
  return fields;
}

std::string settings_text(const CableSettings& settings, unsigned fields) {
  std::string text;
  for (const NamedSetting& setting : named_settings(settings)) {
    if ((fields & setting.field) == 0) continue;
    if (!text.empty()) text += ", ";
    text += std::string(setting.name) + ' ' + setting.text;
  }
  return text;
}

std::vector<std::string_view> names_of_flags(std::uint8_t flags) {
  std::vector<std::string_view> names;
  if ((flags & kDuplicated) != 0) names.emplace_back("duplicated");
  if ((flags & kCorrupted) != 0) names.emplace_back("corrupted");
  if ((flags & kReordered) != 0) names.emplace_back("reordered");
  return names;
}

}  // namespace labreel
