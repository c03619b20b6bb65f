#include "engine/text/json_writer.h"

#include <cstddef>
#include <utility>

#include "engine/text/hex.h"
#include "engine/text/text.h"

namespace labreel {
namespace {

// Writes one whole character of UTF-8.
void append_character(std::string& json, std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  switch (first) {
    case '"': json += "\\\""; return;
    case '\\': json += "\\\\"; return;
    case '\n': json += "\\n"; return;
    case '\r': json += "\\r"; return;
    case '\t': json += "\\t"; return;
    default: break;
  }
  if (first < 0x20 || first == 0x7F) {
    json += "\\u00" + to_hex(character);
  } else if (const std::uint32_t code = steering_character(character); code != 0) {
    json += escaped(code);
  } else {
    json += character;
  }
}

}  // namespace

// A value or key never ends in one of these, so the last character tells whether something precedes.
void JsonWriter::separate() {
  if (json_.empty() || json_.back() == '{' || json_.back() == '[' || json_.back() == ':') return;
  json_ += ',';
}

JsonWriter& JsonWriter::begin_object() { return raw("{"); }
JsonWriter& JsonWriter::end_object() {
  json_ += '}';
  return *this;
}
JsonWriter& JsonWriter::begin_array() { return raw("["); }
JsonWriter& JsonWriter::end_array() {
  json_ += ']';
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  value(name);
  json_ += ':';
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  json_ += '"';
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      json_ += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      append_character(json_, text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  json_ += '"';
  return *this;
}

JsonWriter& JsonWriter::text_or_hex(std::string_view bytes) {
  if (is_utf8(bytes)) return key("text").value(bytes);
  return key("hex").value(to_hex(bytes));
}

JsonWriter& JsonWriter::string_or_hex(std::string_view bytes) {
  if (is_utf8(bytes)) return value(bytes);
  return begin_object().text_or_hex(bytes).end_object();
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  json_ += json;
  return *this;
}

std::string JsonWriter::take() { return std::exchange(json_, {}); }

}  // namespace labreel
