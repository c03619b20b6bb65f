#include "replay/diff/differing_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/text/json_reader.h"
#include "engine/text/text.h"

namespace labreel {
namespace {

constexpr std::size_t kValueShown_max = 60;
constexpr std::size_t kLines_max = 2'000;  // of a lab file that is compared line by line

using Fields = std::vector<std::pair<std::string, std::string>>;

// Every plain value with the path to it: "copies[0].port".
void flatten(const JsonValue& value, const std::string& path, Fields& fields) {
  if (value.kind() == JsonValue::Kind::object) {
    for (const JsonMember& member : value.members()) {
      flatten(member.value, path.empty() ? member.key : path + "." + member.key, fields);
    }
  } else if (value.kind() == JsonValue::Kind::array) {
    for (std::size_t i = 0; i < value.elements().size(); ++i) flatten(value.elements()[i], fmt::format("{}[{}]", path, i), fields);
  } else {
    fields.emplace_back(path, value.text() != nullptr ? *value.text() : std::string(value.written()));
  }
}

// An event as it is written; one that names a thing twice is one field.
Fields fields_of(std::string_view json) {
  constexpr JsonLimits kLimits{.bytes_max = std::size_t{1} << 30U, .values_max = 2'000'000, .depth_max = 16};
  Fields fields;
  if (const Result<JsonValue> event = read_json(json, kLimits)) {
    flatten(*event, {}, fields);
  } else {
    fields.emplace_back("event", json);
  }
  return fields;
}

std::string shortened(const std::string& value) {
  if (value.size() <= kValueShown_max) return value;
  std::size_t end = kValueShown_max;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0U) == 0x80U) --end;
  return value.substr(0, end) + "…";
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// The lines that are not in a longest common sequence, those at the same place side by side.
std::vector<FieldDifference> differing_lines(const std::string& field, const std::string& a, const std::string& b) {
  const auto left = lines_of(a);
  const auto right = lines_of(b);
  if (left.size() > kLines_max || right.size() > kLines_max) return {{field, "one text", "another"}};
  // common[i][j]: how many lines left[i..] and right[j..] have in common.
  std::vector<std::vector<std::uint16_t>> common(left.size() + 1, std::vector<std::uint16_t>(right.size() + 1));
  for (std::size_t i = left.size(); i-- > 0;) {
    for (std::size_t j = right.size(); j-- > 0;) {
      common[i][j] = left[i] == right[j] ? static_cast<std::uint16_t>(common[i + 1][j + 1] + 1)
                                         : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::vector<FieldDifference> differences;
  std::size_t i = 0;
  std::size_t j = 0;
  const auto shown = [](std::string_view line) { return shortened(std::string{line.substr(std::min(line.find_first_not_of(' '), line.size()))}); };
  while (i < left.size() || j < right.size()) {
    if (i < left.size() && j < right.size() && left[i] == right[j]) {
      ++i, ++j;
      continue;
    }
    const std::size_t line = i < left.size() ? i + 1 : j + 1;
    const bool from_a = i < left.size() && (j == right.size() || common[i + 1][j] >= common[i][j + 1]);
    // A changed line: the one is gone and the other has come at the same place.
    const bool both = i < left.size() && j < right.size() && common[i + 1][j + 1] == common[i][j];
    FieldDifference difference{fmt::format("{} line {}", field, line), "none", "none"};
    if (both || from_a) difference.a = shown(left[i++]);
    if (both || !from_a) difference.b = shown(right[j++]);
    differences.push_back(std::move(difference));
  }
  return differences;
}

FieldDifference differing_bytes(const std::string& a, const std::string& b) {
  const auto at = std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
  const auto byte = static_cast<std::size_t>(at.first - a.begin()) / 2;
  const auto shown = [&](const std::string& hex) {
    constexpr std::size_t kBytesShown = 8;
    return 2 * byte < hex.size() ? hex.substr(2 * byte, 2 * kBytesShown) : std::string{"ends"};
  };
  return {fmt::format("payload from byte {} on", byte), shown(a), shown(b)};
}

}  // namespace

std::vector<FieldDifference> differing_fields(std::string_view a, std::string_view b) {
  const Fields left = fields_of(a);
  const Fields right = fields_of(b);
  const auto find = [](const Fields& fields, const std::string& name) -> std::optional<std::string> {
    const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; });
    return found == fields.end() ? std::nullopt : std::optional{found->second};
  };
  std::vector<FieldDifference> differences;
  const auto compare = [&](const std::string& name, const std::optional<std::string>& of_a, const std::optional<std::string>& of_b) {
    if (of_a == of_b || name == "seq" || name == "cause") return;
    if (of_a && of_b && name == "payload") {
      differences.push_back(differing_bytes(*of_a, *of_b));
    } else if (of_a && of_b && name == "lab_file") {
      for (FieldDifference& line : differing_lines(name, *of_a, *of_b)) differences.push_back(std::move(line));
    } else {
      differences.push_back({name, of_a ? shortened(*of_a) : "none", of_b ? shortened(*of_b) : "none"});
    }
  };
  for (const auto& [name, value] : left) compare(name, value, find(right, name));
  for (const auto& [name, value] : right) {
    if (!find(left, name)) compare(name, std::nullopt, value);
  }
  return differences;
}

std::string fields_text(const std::vector<FieldDifference>& fields) {
  std::string text;
  for (std::size_t i = 0; i < std::min(fields.size(), kFieldsShown_max); ++i) {
    text += fmt::format("{}{} {} | {}", i == 0 ? "" : ", ", printable(fields[i].field), printable(fields[i].a), printable(fields[i].b));
  }
  if (fields.size() > kFieldsShown_max) text += fmt::format(", and {} more", fields.size() - kFieldsShown_max);
  return text;
}

}  // namespace labreel
