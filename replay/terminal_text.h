// TerminalText: what a node printed on its terminal, made fit to be shown on another one.
#pragma once

#include <string>
#include <string_view>

namespace labreel {

// Shape: a stream; a sequence may come in pieces. Through go: newline, tab, carriage return and backspace; colours (SGR);
//        what a line editor needs within its line (cursor left and right, erase in the line). The switch of bracketed
//        paste, which each prompt of a shell sends, is left out. Every other control character, escape sequence, C1 and
//        bidirectional character, and byte that is no UTF-8, is made visible as printable() does: nothing can write to
//        other lines, set a title, ask the terminal to answer, or reach its clipboard.
// Source: ECMA-48 sections 5.4 and 8.3.
class TerminalText {
 public:
  // Takes the next bytes; returns what may be written now. The start of a sequence or character waits for its end.
  std::string take(std::string_view bytes);
  // What still waits, made visible, and the end of colours if any were set.
  std::string finish();

 private:
  std::string waiting_;
  bool is_coloured_ = false;
};

}  // namespace labreel
