#include "recorder/pack/secrets.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace labreel {
namespace {

using namespace std::string_view_literals;

// What a word that stands before a secret ends with, without `-` and `_`, in lower case; and what follows it is called.
constexpr std::array kEndings{
    std::pair{"password"sv, "a password"sv},
    std::pair{"passwd"sv, "a password"sv},
    std::pair{"passphrase"sv, "a password"sv},
    std::pair{"secret"sv, "a secret"sv},
    std::pair{"token"sv, "a secret"sv},
    std::pair{"privatekey"sv, "a private key"sv},
    std::pair{"presharedkey"sv, "a key"sv},
    std::pair{"psk"sv, "a key"sv},
    std::pair{"apikey"sv, "a key"sv},
    std::pair{"secretkey"sv, "a key"sv},
    std::pair{"accesskey"sv, "a key"sv},
    std::pair{"keystring"sv, "a key"sv},
    std::pair{"authenticationkey"sv, "a key"sv},
    std::pair{"messagedigestkey"sv, "a key"sv},
    std::pair{"rocommunity"sv, "an SNMP community"sv},
    std::pair{"rwcommunity"sv, "an SNMP community"sv},
};

bool is_word_byte(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '-' || byte == '_';
}

std::string squeezed(std::string_view word) {
  std::string out;
  for (const char byte : word) {
    if (byte != '-' && byte != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
  }
  return out;
}

std::string_view meaning_of(std::string_view word) {
  const std::string plain = squeezed(word);
  const auto found =
      std::find_if(kEndings.begin(), kEndings.end(), [&](const auto& known) { return plain.ends_with(known.first); });
  return found == kEndings.end() ? std::string_view{} : found->second;
}

// Something that can be a value stands there: not the end, a bracket, or a variable that is filled in elsewhere.
bool has_value(std::string_view rest) {
  const std::size_t begin = rest.find_first_not_of(" \t:=\"'");
  if (begin == rest.npos) return false;
  const char first = rest[begin];
  return first != '$' && first != '{' && first != '[' && first != '}' && first != ']' && first != ',' && first != '#' &&
         first != '<' && first != ')';
}

bool is_comment(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin == line.npos) return true;
  const std::string_view text = line.substr(begin);
  return text.front() == '#' || text.front() == '!' || text.front() == ';' || text.starts_with("//");
}

std::optional<std::string> secret_in(std::string_view line) {
  if (line.find("-----BEGIN ") != line.npos && line.find("PRIVATE KEY") != line.npos) return "a private key";
  if (is_comment(line)) return std::nullopt;
  for (std::size_t at = 0; at < line.size();) {
    if (!is_word_byte(line[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < line.size() && is_word_byte(line[end])) ++end;
    const std::string_view meaning = meaning_of(line.substr(at, end - at));
    const std::string_view rest = line.substr(end);
    const bool is_assigned = !rest.empty() && std::string_view{" \t:=\"'"}.find(rest.front()) != std::string_view::npos;
    if (!meaning.empty() && is_assigned && has_value(rest)) return std::string{meaning};
    at = end;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Secret> find_secrets(std::string_view text) {
  std::vector<Secret> secrets;
  const bool is_text = text.find('\0') == text.npos;
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    ++number;
    const bool may_hold_key = is_text || line.find("-----BEGIN ") != line.npos;
    if (may_hold_key) {
      if (const auto what = secret_in(line)) secrets.push_back({number, *what});
    }
    at = end + 1;
  }
  return secrets;
}

}  // namespace labreel
