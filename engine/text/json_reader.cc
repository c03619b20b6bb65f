#include "engine/text/json_reader.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "engine/text/hex.h"
#include "engine/text/json_writer.h"
#include "engine/text/text.h"

namespace labreel {
namespace {

constexpr std::string_view kBlanks = " \t\n\r";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Appends a code point that is no half of a surrogate pair. Source: RFC 3629 section 3.
void append_utf8(std::string& text, std::uint32_t code) {
  const auto tail = [code](unsigned shift) { return static_cast<char>(0x80U | (code >> shift & 0x3FU)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += {static_cast<char>(0xC0U | code >> 6U), tail(0)};
  } else if (code < 0x1'0000) {
    text += {static_cast<char>(0xE0U | code >> 12U), tail(6), tail(0)};
  } else {
    text += {static_cast<char>(0xF0U | code >> 18U), tail(12), tail(6), tail(0)};
  }
}

bool has_equal_keys(const std::vector<JsonMember>& members) {
  std::vector<std::string_view> keys;
  keys.reserve(members.size());
  for (const JsonMember& member : members) keys.push_back(member.key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

void write(JsonWriter& json, const JsonValue& value);

void write_inside(JsonWriter& json, const JsonValue& value) {
  if (value.kind() == JsonValue::Kind::array) {
    json.begin_array();
    for (const JsonValue& element : value.elements()) write(json, element);
    json.end_array();
  } else {
    json.begin_object();
    for (const JsonMember& member : value.members()) write(json.key(member.key), member.value);
    json.end_object();
  }
}

}  // namespace

// Shape: each step returns false once something is wrong, and then nothing goes on.
class JsonReader {
 public:
  JsonReader(std::string_view text, const JsonLimits& limits)
      : text_(text), limits_(limits), values_left_(limits.values_max) {}

  Result<JsonValue> read() {
    JsonValue value;
    if (text_.size() > limits_.bytes_max) {
      refuse("the text is too long");
    } else if (read_value(value, 0) && at_ < text_.size()) {
      refuse("something follows the value");
    }
    if (wrong_.empty()) return value;
    return Error{.what = wrong_, .place = "byte " + std::to_string(at_)};
  }

 private:
  bool refuse(std::string_view what) {
    wrong_ = "this is not JSON: " + std::string(what);
    return false;
  }
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void skip_blanks() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }

  // With the blanks on both sides of it.
  bool read_value(JsonValue& value, std::size_t depth) {
    if (values_left_ == 0) return refuse("it has too many values");
    --values_left_;
    skip_blanks();
    const bool is_read = read_bare(value, depth);
    if (is_read) skip_blanks();
    return is_read;
  }
  bool read_bare(JsonValue& value, std::size_t depth) {
    switch (next()) {
      case '{': return begin(value, JsonValue::Kind::object, depth) && read_members(value, depth);
      case '[': return begin(value, JsonValue::Kind::array, depth) && read_elements(value, depth);
      case '"': value.kind_ = JsonValue::Kind::text; return read_text(value.text_);
      case 't': return read_word("true", JsonValue::Kind::truth, value);
      case 'f': return read_word("false", JsonValue::Kind::truth, value);
      case 'n': return read_word("null", JsonValue::Kind::null, value);
      default: return read_number(value);
    }
  }
  bool begin(JsonValue& value, JsonValue::Kind kind, std::size_t depth) {
    if (depth == limits_.depth_max) return refuse("its values lie too deep in one another");
    value.kind_ = kind;
    ++at_;
    skip_blanks();
    return true;
  }

  bool read_elements(JsonValue& value, std::size_t depth) {
    if (take(']')) return true;
    do {
      if (!read_value(value.elements_.emplace_back(), depth + 1)) return false;
    } while (take(','));
    return take(']') || refuse("an array has no end");
  }
  bool read_members(JsonValue& value, std::size_t depth) {
    if (take('}')) return true;
    do {
      skip_blanks();
      JsonMember& member = value.members_.emplace_back();
      if (next() != '"') return refuse("a member has no key");
      if (!read_text(member.key)) return false;
      skip_blanks();
      if (!take(':')) return refuse("a key has no value");
      if (!read_value(member.value, depth + 1)) return false;
    } while (take(','));
    if (!take('}')) return refuse("an object has no end");
    return !has_equal_keys(value.members_) || refuse("two members have the same key");
  }

  bool read_word(std::string_view word, JsonValue::Kind kind, JsonValue& value) {
    if (text_.substr(at_, word.size()) != word) return refuse("there is no value");
    value.kind_ = kind;
    value.text_ = word;
    at_ += word.size();
    return true;
  }

  std::size_t take_digits() {
    const std::size_t begun = at_;
    while (is_digit(next())) ++at_;
    return at_ - begun;
  }
  bool read_number(JsonValue& value) {
    const std::size_t begun = at_;
    take('-');
    const bool begins_with_0 = next() == '0';
    const std::size_t digits = take_digits();
    if (digits == 0) return refuse("there is no value");
    if (begins_with_0 && digits > 1) return refuse("a number begins with 0");
    if (take('.') && take_digits() == 0) return refuse("a number has no digit after its point");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (take_digits() == 0) return refuse("a number has no exponent");
    }
    value.kind_ = JsonValue::Kind::number;
    value.text_ = text_.substr(begun, at_ - begun);
    return true;
  }

  bool read_text(std::string& into) {
    ++at_;
    for (;;) {
      if (at_ >= text_.size()) return refuse("a text has no end");
      if (take('"')) return true;
      if (take('\\')) {
        if (!read_escape(into)) return false;
        continue;
      }
      const std::string_view rest = text_.substr(at_, 4);
      const std::size_t length = utf8_length(rest);
      if (length == 0) return refuse("a text is not UTF-8");
      if (static_cast<unsigned char>(rest[0]) < 0x20) return refuse("a control character is not escaped");
      into += rest.substr(0, length);
      at_ += length;
    }
  }
  bool read_escape(std::string& into) {
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (take('u')) return read_code(into);
    const std::size_t which = at_ < text_.size() ? kNames.find(text_[at_]) : std::string_view::npos;
    if (which == std::string_view::npos) return refuse("an escape means nothing");
    into += kMeanings[which];
    ++at_;
    return true;
  }
  bool read_code(std::string& into) {
    const auto first = take_four_digits();
    if (!first) return refuse("an escape has no four digits");
    std::uint32_t code = *first;
    if (code >= 0xD800 && code < 0xE000) {
      const auto second = code < 0xDC00 && take('\\') && take('u') ? take_four_digits() : std::nullopt;
      if (!second || *second < 0xDC00 || *second >= 0xE000) return refuse("half of a surrogate pair stands alone");
      code = 0x1'0000 + ((code - 0xD800) << 10U) + (*second - 0xDC00);
    }
    append_utf8(into, code);
    return true;
  }
  std::optional<std::uint32_t> take_four_digits() {
    std::uint32_t code = 0;
    if (text_.size() - at_ < 4) return std::nullopt;
    for (int i = 0; i < 4; ++i) {
      const auto digit = hex_digit(text_[at_ + static_cast<std::size_t>(i)]);
      if (!digit) return std::nullopt;
      code = code << 4U | *digit;
    }
    at_ += 4;
    return code;
  }

  const std::string_view text_;
  const JsonLimits limits_;
  std::size_t values_left_;
  std::size_t at_ = 0;
  std::string wrong_;
};

namespace {

void write(JsonWriter& json, const JsonValue& value) {
  switch (value.kind()) {
    case JsonValue::Kind::null: json.null(); break;
    case JsonValue::Kind::truth: json.value(*value.truth()); break;
    case JsonValue::Kind::number: json.raw(value.written()); break;
    case JsonValue::Kind::text: json.value(*value.text()); break;
    case JsonValue::Kind::array:
    case JsonValue::Kind::object: write_inside(json, value); break;
  }
}

}  // namespace

std::optional<bool> JsonValue::truth() const {
  return kind_ == Kind::truth ? std::optional(text_ == "true") : std::nullopt;
}

const JsonValue* JsonValue::find(std::string_view key) const {
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const JsonMember& member) { return member.key == key; });
  return found == members_.end() ? nullptr : &found->value;
}

std::optional<std::string> JsonValue::text_of(std::string_view key) const {
  const JsonValue* const member = find(key);
  const std::string* const text = member == nullptr ? nullptr : member->text();
  return text == nullptr ? std::nullopt : std::optional(*text);
}

std::optional<bool> JsonValue::truth_of(std::string_view key) const {
  const JsonValue* const member = find(key);
  return member == nullptr ? std::nullopt : member->truth();
}

// Not by default: clang 14 crashes on that in types that hold each other.
bool JsonValue::operator==(const JsonValue& other) const {
  return kind_ == other.kind_ && text_ == other.text_ && elements_ == other.elements_ && members_ == other.members_;
}

Result<JsonValue> read_json(std::string_view text, const JsonLimits& limits) { return JsonReader{text, limits}.read(); }

std::string to_json(const JsonValue& value) {
  JsonWriter json;
  write(json, value);
  return json.take();
}

}  // namespace labreel
