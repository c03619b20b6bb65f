#include "engine/core/cable_table.h"

#include <catch2/catch.hpp>

namespace labreel {

TEST_CASE("every setting of a cable is in the table once, in the order of its bits", "[cable]") {
  CableSettings settings;
  std::uint64_t value = 0;
  for (const CableSetting& setting : kCableSettings) setting.put(settings, ++value);
  CHECK(settings == CableSettings{1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(fields_that_differ(settings, CableSettings{}) == (1U << kCableSettings.size()) - 1);
  for (const CableField field :
       {kFieldDelay, kFieldJitter, kFieldRate, kFieldQueue, kFieldLoss, kFieldDuplicate, kFieldCorrupt, kFieldReorder}) {
    CableSettings one;
    const CableSetting& setting = cable_setting_of(field);
    setting.put(one, 7);
    CHECK(fields_that_differ(one, CableSettings{}) == field);
    CHECK(cable_setting_named(setting.key) == &setting);
  }
  CHECK(cable_setting_named("dealy") == nullptr);
}

TEST_CASE("a cable's setting is read as it is written", "[cable]") {
  for (const CableSetting& setting : kCableSettings) {
    CAPTURE(setting.key);
    for (const std::uint64_t value : {0ULL, 1ULL, 5'000'000ULL, 1'000'000'000ULL}) {
      REQUIRE(setting.allows(value));
      CHECK(setting.parse(setting.print(value)).value() == value);
    }
    CHECK(setting.print(setting.parse(setting.example).value()) == setting.example);
    CHECK_FALSE(setting.parse("soon"));
  }
  CHECK(kCableSettings[0].parse("2000000h").error().what == "\"2000000h\" is over 146 years");
  CHECK_FALSE(kCableSettings[1].allows(std::uint64_t{1} << 63U));
  CHECK_FALSE(kCableSettings[4].allows(kCertain_ppb + 1));
}

TEST_CASE("settings are named in the lab file's words", "[cable]") {
  CableSettings settings;
  settings.delay_ns = 5'000'000;
  settings.loss_ppb = 5'000'000;
  CHECK(fields_that_differ(settings, CableSettings{}) == (kFieldDelay | kFieldLoss));
  CHECK(settings_text(settings) == "delay 5ms, loss 0.5%");
  CHECK(settings_text(settings, kFieldRate | kFieldQueue) == "rate unlimited, queue 64KiB");
  CHECK(settings_text(settings, 0).empty());
  CHECK(settings_text(CableSettings{}).empty());
}

}  // namespace labreel
