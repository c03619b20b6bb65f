// JsonWriter: builds one JSON text from front to back.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace labreel {

// Shape: the caller keeps objects and arrays balanced and gives every value of an object a key; commas come by
//        themselves. What it writes is always valid UTF-8: in a string, a byte that is not becomes U+FFFD.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool truth) { return raw(truth ? "true" : "false"); }
  template <std::integral Integer>
  JsonWriter& value(Integer number) {
    return raw(std::to_string(number));
  }
  JsonWriter& null() { return raw("null"); }

  // Writes a byte string as the member `text` if it is valid UTF-8, else as the member `hex`.
  JsonWriter& text_or_hex(std::string_view bytes);
  // Writes a byte string where only a value fits: a string if it is valid UTF-8, else {"hex": …}.
  JsonWriter& string_or_hex(std::string_view bytes);
  // Writes a value that is JSON already.
  JsonWriter& raw(std::string_view json);

  std::string take();

 private:
  void separate();
  std::string json_;
};

}  // namespace labreel
