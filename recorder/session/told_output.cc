#include "recorder/session/told_output.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/text/text.h"

namespace labreel {
namespace {

constexpr std::string_view kIndent = "      ";

// A tab is a step to the next eighth column, not a character that must be shown.
std::string without_tabs(std::string_view text) {
  constexpr std::size_t kTabColumns = 8;
  std::string out;
  for (const char c : text) {
    if (c == '\t') out.append(kTabColumns - out.size() % kTabColumns, ' ');
    if (c != '\t') out += c;
  }
  return out;
}

// Cuts between characters of UTF-8.
void cut(std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  text.resize(end);
  text += "…";
}

}  // namespace

void ToldOutput::add(Stream stream, std::string_view bytes) {
  Line& line = stream == Stream::stdout_stream ? out_ : err_;
  while (!bytes.empty()) {
    const std::size_t length = std::min(bytes.find('\n'), bytes.size());
    line.is_begun = true;
    // One byte more than is told shows that there is more.
    const std::size_t room = kColumnsMax + 1 - std::min(kColumnsMax + 1, line.text.size());
    line.text += bytes.substr(0, std::min(length, room));
    if (length == bytes.size()) return;
    end_line(line);
    bytes.remove_prefix(length + 1);
  }
}

void ToldOutput::end_line(Line& line) {
  if (told_ == kLinesMax) {
    ++left_out_;
  } else {
    ++told_;
    if (line.text.ends_with('\r')) line.text.pop_back();
    std::string text = without_tabs(line.text);
    cut(text, kColumnsMax);
    narrate_(std::string(kIndent) + printable(text));
  }
  line = {};
}

void ToldOutput::finish(std::int32_t status) {
  for (Line* const line : {&out_, &err_}) {
    if (line->is_begun) end_line(*line);
  }
  if (left_out_ > 0) {
    narrate_(fmt::format("{}… and {} more line{}: labreel events --kind exec.output", kIndent, left_out_,
                         left_out_ == 1 ? "" : "s"));
  }
  if (status != 0) narrate_(fmt::format("{}it ended with status {}", kIndent, status));
}

}  // namespace labreel
