#include "replay/text.h"

#include <catch2/catch.hpp>

#include "replay/settings.h"

namespace labreel {

TEST_CASE("UTF-8 is told from what only looks like it", "[text]") {
  for (const char* good : {"", "plain", "é", "→", "😀", "\x7f", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) CHECK(is_utf8(good));
  CHECK(is_utf8(std::string_view("a\0b", 3)));
  for (const char* bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "\xff", "\xe2\x86", "a\xe2\x86z"}) {
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("hex has two digits a byte", "[text]") {
  CHECK(to_hex(std::string_view("\0\x0f\xff", 3)) == "000fff");
  CHECK(to_hex(std::string_view()).empty());
}

TEST_CASE("printable text cannot steer a terminal", "[text]") {
  CHECK(printable("r1 → r2") == "r1 → r2");
  CHECK(printable("a\nb\tc\r") == "a\\nb\\tc\\x0d");
  CHECK(printable("\x1b[31m") == "\\x1b[31m");
  CHECK(printable("\xc2\x9b" "31m") == "\\xc2\\x9b31m");
  CHECK(printable("\xc2\xa0") == "\xc2\xa0");
  CHECK(printable("\xff\xe2\x86") == "\\xff\\xe2\\x86");
  CHECK(printable(std::string_view("\0", 1)) == "\\x00");
  CHECK(printable("\x7f") == "\\x7f");
}

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
