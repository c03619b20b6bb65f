#include "replay/decode/layer_text.h"

#include <algorithm>

#include "engine/text/hex.h"

namespace labreel {

std::vector<std::string> layer_lines(const DecodedFrame& frame) {
  std::vector<std::string> lines;
  for (const Layer& layer : frame.layers) {
    lines.push_back(layer.title);
    for (const Field& field : layer.fields) {
      std::string line(std::size_t{2} + 2 * std::size_t{field.level}, ' ');
      line += field.label;
      if (!field.value.empty()) line += ": " + field.value;
      if (!field.name.empty()) line += "   " + field.name;
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

std::vector<LinePlace> line_places(const DecodedFrame& frame) {
  std::vector<LinePlace> places;
  for (const Layer& layer : frame.layers) {
    places.push_back({layer.offset, layer.length});
    for (const Field& field : layer.fields) places.push_back({field.offset, field.length});
  }
  return places;
}

std::vector<std::string> byte_lines(Bytes bytes) {
  constexpr std::size_t kLineBytes = 16, kHalf = 8;
  constexpr std::size_t kHexWidth = 3 * kLineBytes + 2;
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < bytes.size(); at += kLineBytes) {
    const Bytes shown = bytes.subspan(at, std::min(kLineBytes, bytes.size() - at));
    std::string hex;
    std::string text;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      if (i == kHalf) {
        hex += ' ';
        text += ' ';
      }
      hex += to_hex(shown.subspan(i, 1)) + ' ';
      const char c = static_cast<char>(shown[i]);
      text += c >= ' ' && c <= '~' ? c : '.';
    }
    hex.resize(kHexWidth, ' ');
    const std::byte place[] = {static_cast<std::byte>(at >> 8U), static_cast<std::byte>(at & 0xffU)};
    lines.push_back(to_hex(std::span<const std::byte>{place}) + "  " + hex + text);
  }
  return lines;
}

}  // namespace labreel
