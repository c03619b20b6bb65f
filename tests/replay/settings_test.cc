#include "replay/settings.h"

#include <catch2/catch.hpp>

namespace labreel {

TEST_CASE("settings are named in the lab file's words", "[text]") {
  CableSettings settings;
  settings.delay_ns = 5'000'000;
  settings.loss_ppb = 5'000'000;
  CHECK(fields_that_differ(settings, CableSettings{}) == (kFieldDelay | kFieldLoss));
  CHECK(settings_text(settings, kFieldDelay | kFieldLoss) == "delay 5ms, loss 0.5%");
  CHECK(settings_text(settings, kFieldRate | kFieldQueue) == "rate unlimited, queue 64KiB");
  CHECK(settings_text(settings, 0).empty());
  CHECK(fields_that_differ(settings, settings) == 0);
}

}  // namespace labreel
