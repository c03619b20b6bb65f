#include "replay/terminal_text.h"

#include <algorithm>

#include "engine/text/text.h"

namespace labreel {
namespace {

constexpr char kEscape = '\x1b';
// A longer one is not waited for: it is no colour.
constexpr std::size_t kSequence_bytes_max = 64;

bool is_parameter(char c) { return c >= 0x30 && c <= 0x3f; }
bool is_intermediate(char c) { return c >= 0x20 && c <= 0x2f; }
bool is_final(char c) { return c >= 0x40 && c <= 0x7e; }

// Whether `text`, which begins with ESC, may yet become a control sequence.
bool is_unfinished(std::string_view text) {
  if (text.size() == 1) return true;
  if (text[1] != '[' || text.size() > kSequence_bytes_max) return false;
  return std::all_of(text.begin() + 2, text.end(), [](char c) { return is_parameter(c) || is_intermediate(c); });
}

// The control sequence at the start of `text`: ESC [ parameters, intermediates, a final byte; empty if there is none.
std::string_view control_sequence(std::string_view text) {
  if (text.size() < 3 || text[0] != kEscape || text[1] != '[') return {};
  std::size_t end = 2;
  while (end < text.size() && end < kSequence_bytes_max && is_parameter(text[end])) ++end;
  while (end < text.size() && end < kSequence_bytes_max && is_intermediate(text[end])) ++end;
  return end < text.size() && is_final(text[end]) ? text.substr(0, end + 1) : std::string_view{};
}

bool are_numbers(std::string_view parameters) {
  return parameters.find_first_not_of("0123456789;:") == std::string_view::npos;
}

bool is_shown(char c) { return c == '\n' || c == '\t' || c == '\r' || c == '\b'; }

// The bytes of a character that has begun and may go on; 0 if what is there is whole, or no UTF-8.
std::size_t begun_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
  if (text.size() >= length) return 0;
  const bool goes_on = std::all_of(text.begin() + 1, text.end(),
                                   [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; });
  return goes_on ? text.size() : 0;
}

}  // namespace

std::string TerminalText::take(std::string_view bytes) {
  waiting_ += bytes;
  std::string_view rest = waiting_;
  std::string shown;
  while (!rest.empty()) {
    const char first = rest.front();
    if (first == kEscape) {
      const std::string_view sequence = control_sequence(rest);
      if (sequence.empty()) {
        if (is_unfinished(rest)) break;
        shown += printable(rest.substr(0, 1));
        rest.remove_prefix(1);
        continue;
      }
      const std::string_view parameters = sequence.substr(2, sequence.size() - 3);
      const char final = sequence.back();
      if (final == 'm' && are_numbers(parameters)) {
        is_coloured_ = true;
        shown += sequence;
      } else if ((final == 'K' || final == 'C' || final == 'D') && are_numbers(parameters)) {
        shown += sequence;
      } else if (parameters != "?2004" || (final != 'h' && final != 'l')) {
        shown += printable(sequence);
      }
      rest.remove_prefix(sequence.size());
      continue;
    }
    if (begun_character(rest) != 0) break;
    const std::size_t length = std::max<std::size_t>(utf8_length(rest), 1);
    shown += is_shown(first) ? std::string{first} : printable(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  waiting_ = std::string{rest};
  return shown;
}

std::string TerminalText::finish() {
  std::string shown = printable(waiting_);
  waiting_.clear();
  if (is_coloured_) shown += "\x1b[0m";
  is_coloured_ = false;
  return shown;
}

}  // namespace labreel
