#include "replay/web/viewer/request.h"

#include "engine/text/text.h"

namespace labreel {
namespace {

constexpr std::size_t kTexts_max = 64;

Error bad_member(std::string_view key, const char* wanted) {
  return bad_request("the request's \"" + std::string(key) + "\" is no " + wanted,
                     "replay/web/README.md lists what each op asks for");
}

}  // namespace

std::string shown_text(std::string_view text) {
  if (text.size() <= kShownText_max) return std::string(text);
  std::size_t cut = kShownText_max;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U) --cut;  // not within a character
  return std::string(text.substr(0, cut)) + "…+" + std::to_string(text.size() - cut);
}

Result<std::uint64_t> number_in(const JsonValue& request, std::string_view key) {
  const auto number = request.number_of<std::uint64_t>(key);
  if (!number) return bad_member(key, "whole number");
  return *number;
}

Result<std::uint64_t> number_or(const JsonValue& request, std::string_view key, std::uint64_t otherwise) {
  return request.find(key) == nullptr ? Result<std::uint64_t>{otherwise} : number_in(request, key);
}

Result<bool> forwards_in(const JsonValue& request) {
  const auto direction = request.number_of<int>("dir");
  if (!direction || (*direction != 1 && *direction != -1)) return bad_member("dir", "1 or -1");
  return *direction == 1;
}

Result<std::vector<std::string>> texts_in(const JsonValue& request, std::string_view key) {
  const JsonValue* const list = request.find(key);
  std::vector<std::string> texts;
  if (list == nullptr) return texts;
  if (list->kind() != JsonValue::Kind::array || list->elements().size() > kTexts_max) return bad_member(key, "list of texts");
  for (const JsonValue& item : list->elements()) {
    if (item.text() == nullptr) return bad_member(key, "list of texts");
    texts.push_back(*item.text());
  }
  return texts;
}

std::string seq_answer(Seq seq) {
  JsonWriter json;
  json.begin_object().key("seq");
  if (seq.is_none()) {
    json.null();
  } else {
    json.value(seq.value);
  }
  return json.end_object().take();
}

}  // namespace labreel
