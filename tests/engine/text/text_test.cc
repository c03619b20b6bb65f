#include "engine/text/text.h"

#include <catch2/catch.hpp>

#include "engine/text/hex.h"

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

TEST_CASE("hex of either case is read, and nothing else", "[text]") {
  CHECK(bytes_of_hex("000fFf") == std::string("\0\x0f\xff", 3));
  CHECK(bytes_of_hex("") == "");
  for (const char* const bad : {"0", "0g", "g0", "0x", " 0", "00 ", "-1"}) CHECK_FALSE(bytes_of_hex(bad));
}

TEST_CASE("printable text cannot steer a terminal", "[text]") {
  CHECK(printable("r1 → r2") == "r1 → r2");
  CHECK(printable("a\nb\tc\r") == "a\\nb\\tc\\x0d");
  CHECK(printable("\x1b[31m") == "\\x1b[31m");
  CHECK(printable("\xc2\x9b" "31m") == "\\u009b31m");
  CHECK(printable("\xc2\xa0") == "\xc2\xa0");
  CHECK(printable("\xff\xe2\x86") == "\\xff\\xe2\\x86");
  CHECK(printable(std::string_view("\0", 1)) == "\\x00");
  CHECK(printable("\x7f") == "\\x7f");
}

TEST_CASE("printable text is shown in the order that it has, on one line", "[text]") {
  CHECK(printable("a\u202egnp.exe") == "a\\u202egnp.exe");
  for (const char* const steering : {"\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202d", "\u2066", "\u2069"}) {
    CHECK(printable(steering).substr(0, 2) == "\\u");
  }
  for (const char* const plain : {"\u061b", "\u200d", "\u2027", "\u202f", "\u2065", "\u206a", "\u00a0", "é", "→", "語", "😀"}) {
    CHECK(printable(plain) == plain);
  }
}

TEST_CASE("printable lines are still lines", "[text]") {
  CHECK(printable_lines("a\tb\n\u202ec\n") == "a\\tb\n\\u202ec\n");
  CHECK(printable_lines("").empty());
}

}  // namespace labreel
