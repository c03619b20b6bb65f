// What a recorded console may do to the terminal that shows it.
#include "replay/terminal_text.h"

#include <catch2/catch.hpp>
#include <random>

using namespace labreel;

namespace {

std::string shown(const std::string& bytes) {
  TerminalText text;
  const std::string begun = text.take(bytes);
  return begun + text.finish();
}

}  // namespace

TEST_CASE("text, colours and a line editor's moves go to the terminal as they are", "[terminal]") {
  for (const std::string text : {"plain\n", "a\tb\r\n", "ls\b \b\b \b", "w\x1b[Ko", "a\x1b[3Db\x1b[C", "grün → ✓ 😀"}) {
    CHECK(shown(text) == text);
  }
  CHECK(shown("\x1b[1;31mred\x1b[0m") == "\x1b[1;31mred\x1b[0m\x1b[0m");
  CHECK(shown("\x1b[38:2::1:2:3mx") == "\x1b[38:2::1:2:3mx\x1b[0m");  // and colours end with it
  CHECK(shown("\x1b[?2004hr1# \x1b[?2004l") == "r1# ");               // what each prompt of a shell sends
}

TEST_CASE("what would steer the terminal is made visible", "[terminal]") {
  CHECK(shown("\x1b]0;PWN\x07") == "\\x1b]0;PWN\\x07");                   // the title
  CHECK(shown("\x1b]52;c;cm0gLXJm\x1b\\") == "\\x1b]52;c;cm0gLXJm\\x1b\\");  // the clipboard
  CHECK(shown("\x1b[6n\x1b[c") == "\\x1b[6n\\x1b[c");                    // answers that land in the shell
  CHECK(shown("\x1b[2J\x1b[1;1H\x1b[A\x1b[5B") == "\\x1b[2J\\x1b[1;1H\\x1b[A\\x1b[5B");
  CHECK(shown("\x1b[?1049h\x1b[?25l\x1b[>4m\x1b[!p") == "\\x1b[?1049h\\x1b[?25l\\x1b[>4m\\x1b[!p");
  CHECK(shown("\x1bP$q\x1b\\\x1b_x\x1b\\\x1b^y\x1b\\") ==
        "\\x1bP$q\\x1b\\\\x1b_x\\x1b\\\\x1b^y\\x1b\\");
  CHECK(shown("\x1b(0\x1b#8\x1b" "c\x1bM") == "\\x1b(0\\x1b#8\\x1bc\\x1bM");
  CHECK(shown("\xc2\x9b" "6n") == "\\u009b6n");  // C1 in UTF-8
  CHECK(shown("\x9b" "6n\xff") == "\\x9b6n\\xff");
  CHECK(shown("\xe2\x80\xae" "gnp.exe") == "\\u202egnp.exe");
  CHECK(shown("a\x0e\x0b\x0c\x7f\x05") == "a\\x0e\\x0b\\x0c\\x7f\\x05");
  CHECK(shown(std::string("a\0b", 3)) == "a\\x00b");
}

TEST_CASE("a sequence that never ends is shown, and holds nothing back for long", "[terminal]") {
  TerminalText text;
  std::string all = text.take("\x1b[");
  CHECK(all.empty());
  for (int i = 0; i < 100; ++i) all += text.take("1");
  CHECK(all == "\\x1b[" + std::string(100, '1'));
  CHECK(shown("\x1b") == "\\x1b");
  CHECK(shown("\xe2\x82") == "\\xe2\\x82");
  CHECK(shown("\x1b\x1b\x1b[31m") == "\\x1b\\x1b\x1b[31m\x1b[0m");
}

TEST_CASE("pieces give what the whole gives, and only known sequences ever have an escape", "[terminal]") {
  std::mt19937 dice{7};
  const std::string letters = "\x1b\x1b\x1b[[]0;?2Km:CDhJ\x07\xe2\x80\xae\xc2\x9b z\n\r\b";
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (std::size_t i = dice() % 24; i > 0; --i) bytes += letters[dice() % letters.size()];
    TerminalText text;
    std::string pieces;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t length = 1 + dice() % 3;
      pieces += text.take(std::string_view{bytes}.substr(at, length));
      at += length;
    }
    pieces += text.finish();
    REQUIRE(pieces == shown(bytes));
    for (std::size_t at = pieces.find('\x1b'); at != std::string::npos; at = pieces.find('\x1b', at + 1)) {
      REQUIRE(pieces.substr(at, 2) == "\x1b[");
      const std::size_t end = pieces.find_first_not_of("0123456789;:", at + 2);
      REQUIRE(end != std::string::npos);
      REQUIRE(std::string_view{"mKCD"}.find(pieces[end]) != std::string_view::npos);
    }
    for (const char c : pieces) REQUIRE((static_cast<unsigned char>(c) >= 0x20 || std::string_view{"\n\r\b\x1b"}.find(c) != std::string_view::npos));
  }
}
