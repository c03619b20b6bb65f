// Between Cap'n Proto's texts and ours: all of the bytes, not up to the first zero.
#pragma once

#include <capnp/blob.h>
#include <capnp/list.h>

#include <string>
#include <string_view>
#include <vector>

namespace labreel {

inline std::string from_capnp(capnp::Text::Reader text) { return {text.begin(), text.size()}; }
inline std::string from_capnp(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}
inline std::vector<std::string> from_capnp(capnp::List<capnp::Text>::Reader texts) {
  std::vector<std::string> strings;
  strings.reserve(texts.size());
  for (const auto text : texts) strings.push_back(from_capnp(text));
  return strings;
}

// A std::string ends in a zero byte, as Cap'n Proto's text wants.
inline capnp::Text::Reader to_capnp(const std::string& text) { return {text.c_str(), text.size()}; }
inline capnp::Data::Reader as_data(std::string_view bytes) {
  return {reinterpret_cast<const capnp::byte*>(bytes.data()), bytes.size()};
}
inline void fill(capnp::List<capnp::Text>::Builder list, const std::vector<std::string>& texts) {
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, to_capnp(texts[i]));
}

}  // namespace labreel
