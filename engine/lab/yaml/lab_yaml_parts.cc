#include "engine/lab/yaml/lab_yaml_parts.h"

#include <fmt/format.h>

#include <array>

#include "engine/lab/name_fits.h"
#include "engine/text/text.h"

namespace labreel {
namespace {

// U+FEFF, U+FFFE and U+FFFF, as UTF-8: the first is a mark of bytes' order, the others are no characters.
constexpr std::array<std::string_view, 3> kNoYaml{"\xEF\xBB\xBF", "\xEF\xBF\xBE", "\xEF\xBF\xBF"};
constexpr std::array<std::string_view, 3> kNoYamlEscaped{"\\ufeff", "\\ufffe", "\\uffff"};

std::string yaml_character(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (first == '\n') return "\\n";
  if (first == '"' || first == '\\') return "\\" + std::string(character);
  if (first < 0x20 || first == 0x7F) return fmt::format("\\x{:02x}", first);
  const std::uint32_t code = steering_character(character);
  if (code != 0) return escaped(code);
  for (std::size_t i = 0; i < kNoYaml.size(); ++i) {
    if (character == kNoYaml[i]) return std::string(kNoYamlEscaped[i]);
  }
  return std::string(character);
}

}  // namespace

std::string yaml_quoted(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    quoted += length == 0 ? std::string("\\ufffd") : yaml_character(text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return quoted + '"';
}

std::string shell_quoted(std::string_view word) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-.,:/@%+=").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string{c};
  return quoted + "'";
}

Status check_names(const Topology& topology) {
  for (const NodeInfo& node : topology.nodes()) {
    if (node.removed) continue;
    if (Status good = node_name_fits(node.added.name); !good) return good;
  }
  for (const PortInfo& port : topology.ports()) {
    if (port.removed) continue;
    if (Status good = port_name_fits(port.added.name); !good) return good;
  }
  for (const LanInfo& lan : topology.lans()) {
    if (lan.removed) continue;
    if (Status good = node_name_fits(lan.added.name); !good) return good;
  }
  return ok_status();
}

}  // namespace labreel
