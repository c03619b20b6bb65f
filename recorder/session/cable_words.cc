#include "recorder/session/cable_words.h"

#include "engine/lab/lab_file.h"
#include "recorder/session/lab_runtime.h"

namespace labreel {
namespace {

Status read_word(const std::string& word, CableChange& change) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos) {
    return usage_error("`" + word + "` is not KEY=VALUE", "for example delay=20ms");
  }
  std::string key = word.substr(0, equals);
  const std::string value = word.substr(equals + 1);
  const bool out_only = key.ends_with(".out");
  const bool in_only = key.ends_with(".in");
  if (out_only || in_only) key.erase(key.rfind('.'));
  if (!in_only) {
    Status applied = apply_cable_setting(key, value, change.out, change.out_fields);
    if (!applied) return applied;
  }
  return out_only ? ok_status() : apply_cable_setting(key, value, change.in, change.in_fields);
}

}  // namespace

Status read_cable_words(const std::vector<std::string>& words, std::size_t from, CableChange& change) {
  for (std::size_t i = from; i < words.size(); ++i) {
    const Status read = read_word(words[i], change);
    if (!read) return usage_error(read.error().what, read.error().hint);
  }
  return ok_status();
}

}  // namespace labreel
