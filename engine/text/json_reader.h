// JsonValue: one JSON text, read whole and within bounds: anyone may have written it.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace labreel {

// What a reader takes. A text that has more is refused, before memory is taken for it.
struct JsonLimits {
  std::size_t bytes_max = std::size_t{16} << 20U;
  std::size_t values_max = 200'000;
  std::size_t depth_max = 32;  // arrays and objects in one another
};

struct JsonMember;

// A value, with everything in it.
//
// Shape: asked for a kind that it is not, it says so by nothing; asked for members or elements, by none.
class JsonValue {
 public:
  enum class Kind : unsigned char { null, truth, number, text, array, object };

  Kind kind() const { return kind_; }
  std::optional<bool> truth() const;
  const std::string* text() const { return kind_ == Kind::text ? &text_ : nullptr; }
  // Returns a number that is whole and fits; nothing for 1.5, 1e3 or 300 as a byte.
  template <std::integral Integer>
  std::optional<Integer> number() const {
    Integer number = 0;
    const char* const end = text_.data() + text_.size();
    if (kind_ != Kind::number) return std::nullopt;
    const auto [stopped, error] = std::from_chars(text_.data(), end, number);
    return error == std::errc{} && stopped == end ? std::optional(number) : std::nullopt;
  }
  // Returns a number, or the word of a plain value, as it is written.
  std::string_view written() const { return kind_ == Kind::text ? std::string_view{} : text_; }
  const std::vector<JsonValue>& elements() const { return elements_; }
  const std::vector<JsonMember>& members() const { return members_; }  // in the text's order

  // Returns the member of that key, or null.
  const JsonValue* find(std::string_view key) const;
  // The same for a member that should be of one kind: nothing if there is none, or another.
  std::optional<std::string> text_of(std::string_view key) const;
  std::optional<bool> truth_of(std::string_view key) const;
  template <std::integral Integer>
  std::optional<Integer> number_of(std::string_view key) const {
    const JsonValue* const member = find(key);
    return member == nullptr ? std::nullopt : member->number<Integer>();
  }

  bool operator==(const JsonValue& other) const;

 private:
  friend class JsonReader;
  Kind kind_ = Kind::null;
  std::string text_;  // of a text, its characters; of any other plain value, as it is written
  std::vector<JsonValue> elements_;
  std::vector<JsonMember> members_;
};

struct JsonMember {
  std::string key;
  JsonValue value;
  bool operator==(const JsonMember&) const = default;
};

// Reads one JSON text.
//
// Errors: Error{input} with the byte: what RFC 8259 does not allow, a text that is not UTF-8, half of a surrogate pair, two
//         members of one key, more than the limits.
// Source: RFC 8259; RFC 7493 (I-JSON) sections 2.1 and 2.3.
Result<JsonValue> read_json(std::string_view text, const JsonLimits& limits = {});

// Writes a value as JsonWriter does: without blanks, a number as it stood.
std::string to_json(const JsonValue& value);

}  // namespace labreel
