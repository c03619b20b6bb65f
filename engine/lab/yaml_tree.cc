// yaml-cpp's own tree keeps the first of two equal keys silently, looks keys up one after the other and does not stop
// at aliases that multiply; so only its parser is used, and the tree is ours.
#include "engine/lab/yaml_tree.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <sstream>
#include <string_view>

#include "engine/lab/refusal.h"

namespace labreel {
namespace {

constexpr std::string_view kTemplateHint =
    "labreel reads plain YAML, no templates: write the text out, or quote it if the braces are meant";

int line_of(const YAML::Mark& mark) { return mark.line + 1; }

// Builds the tree from the parser's events. A collection is open while it is on the stack.
class TreeBuilder : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) refuse(line_of(mark), "something follows the end of the YAML document", "keep one lab in one file");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { close(begin(mark), anchor); }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    auto value = begin(mark);
    check_tag(tag, value->line);
    if (text.find('\0') != std::string::npos) refuse(value->line, "a text holds a NUL character");
    const bool plain = tag == "?";
    if (plain && text.find("{{") != std::string::npos) {
      refuse(value->line, "templates ({{ … }}) are not read: " + quote(text), std::string(kTemplateHint));
    }
    value->kind = YamlValue::Kind::text;
    value->text = text;
    value->text_bytes = text.size();
    if (!plain && mark.pos >= 0) last_quoted_ = static_cast<std::size_t>(mark.pos);
    close(std::move(value), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) refuse(line_of(mark), "an alias (*) stands inside the value that it names");
    last_line_ = line_of(mark);
    add(found->second);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, YamlValue::Kind::list);
  }
  void OnSequenceEnd() override { close_collection(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, YamlValue::Kind::map);
  }
  void OnMapEnd() override {
    refuse_repeated_key(*stack_.back().value);
    close_collection();
  }

  YamlPointer root() const { return root_; }

  // yaml-cpp lets the end of the file close a quoted text, which hides that the file was cut off.
  void refuse_unclosed_quote(std::string_view text) const {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    const std::size_t start = last_quoted_ + (text.substr(0, 3) == byte_order_mark ? 3 : 0);
    const char quote_mark = start < text.size() ? text[start] : ' ';
    if (quote_mark != '"' && quote_mark != '\'') return;  // nothing quoted, or a block of lines
    for (std::size_t i = start + 1; i < text.size(); ++i) {
      if (quote_mark == '"' && text[i] == '\\') {
        ++i;
      } else if (text[i] == quote_mark) {
        if (quote_mark == '"' || text.substr(i + 1, 1) != "'") return;
        ++i;
      }
    }
    const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(start), '\n') + 1;
    refuse(static_cast<int>(line), "the quoted text that begins here is never closed");
  }

 private:
  struct Open {
    std::shared_ptr<YamlValue> value;
    YAML::anchor_t anchor = 0;
    bool has_key = false;  // of a map: the last entry waits for its value
  };

  std::shared_ptr<YamlValue> begin(const YAML::Mark& mark) {
    if (++created_ > kYamlValues_max) refuse_size(line_of(mark));
    auto value = std::make_shared<YamlValue>();
    value->line = line_of(mark);
    last_line_ = value->line;
    return value;
  }

  [[noreturn]] static void refuse_size(int line) {
    refuse(line,
           "the lab file holds more than " + std::to_string(kYamlValues_max) + " values, or more than " +
               std::to_string(kYamlText_max) + " bytes of text, with its aliases written out",
           "use topology: {defaults, kinds} instead of aliases");
  }

  static void check_tag(const std::string& tag, int line) {
    constexpr std::string_view standard = "tag:yaml.org,2002:";
    if (tag.empty() || tag == "?" || tag == "!" || tag.compare(0, standard.size(), standard) == 0) return;
    refuse(line, "the YAML tag " + quote(tag) + " means nothing here", "leave it out");
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YamlValue::Kind kind) {
    auto value = begin(mark);
    check_tag(tag, value->line);
    value->kind = kind;
    if (!stack_.empty() && stack_.back().value->kind == YamlValue::Kind::map && !stack_.back().has_key) {
      refuse(value->line, "a key is a list or a map, but must be plain text",
             "if this is a template ({{ … }}): " + std::string(kTemplateHint));
    }
    if (static_cast<int>(stack_.size()) >= kYamlDepth_max) {
      refuse(value->line, "the YAML is nested more than " + std::to_string(kYamlDepth_max) + " levels deep");
    }
    stack_.push_back({std::move(value), anchor});
  }

  void close_collection() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    close(std::move(done.value), done.anchor);
  }

  void close(std::shared_ptr<YamlValue> value, YAML::anchor_t anchor) {
    const YamlPointer finished = std::move(value);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = finished;
    add(finished);
  }

  // Puts a finished value where it belongs: a key, the value of a key, an item, or the root.
  void add(const YamlPointer& value) {
    if (stack_.empty()) {
      root_ = value;
      return;
    }
    Open& parent = stack_.back();
    YamlValue& into = *parent.value;
    into.values += value->values;
    into.text_bytes += value->text_bytes;
    if (into.values > kYamlValues_max || into.text_bytes > kYamlText_max) refuse_size(last_line_);
    if (into.kind == YamlValue::Kind::list) {
      into.items.push_back(value);
    } else if (!parent.has_key) {
      if (value->kind != YamlValue::Kind::text) refuse(last_line_, "a key is empty, but must be plain text");
      into.entries.push_back({value->text, last_line_, nullptr});
      parent.has_key = true;
    } else {
      into.entries.back().value = at_line_of_key(value, into.entries.back().line);
      parent.has_key = false;
    }
  }

  // The parser places a value that is not there at the next token, which may be lines away from its key.
  static YamlPointer at_line_of_key(const YamlPointer& value, int line) {
    if (value->kind != YamlValue::Kind::null) return value;
    auto moved = std::make_shared<YamlValue>();
    moved->line = line;
    return moved;
  }

  static void refuse_repeated_key(const YamlValue& map) {
    std::vector<std::size_t> order(map.entries.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return map.entries[a].key < map.entries[b].key; });
    std::optional<std::pair<std::size_t, std::size_t>> first;  // the repetition that comes first, and what it repeats
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (map.entries[order[i]].key != map.entries[order[i - 1]].key) continue;
      if (!first || order[i] < first->first) first = {order[i], order[i - 1]};
    }
    if (!first) return;
    const YamlEntry& again = map.entries[first->first];
    refuse(again.line,
           quote(again.key) + " is written twice here: line " + std::to_string(map.entries[first->second].line) +
               " has it too",
           "rename or remove one of them");
  }

  std::vector<Open> stack_;
  std::map<YAML::anchor_t, YamlPointer> anchors_;
  YamlPointer root_;
  std::size_t created_ = 0;
  int last_line_ = 1;
  std::size_t last_quoted_ = std::string_view::npos - 3;
};

// Returns the length of the UTF-8 sequence at the front of `text`, or 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = byte(0) < 0x80   ? 1
                             : byte(0) < 0xc2 ? 0
                             : byte(0) < 0xe0 ? 2
                             : byte(0) < 0xf0 ? 3
                             : byte(0) < 0xf5 ? 4
                                              : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  const bool overlong = (byte(0) == 0xe0 && byte(1) < 0xa0) || (byte(0) == 0xf0 && byte(1) < 0x90);
  const bool beyond = (byte(0) == 0xed && byte(1) > 0x9f) || (byte(0) == 0xf4 && byte(1) > 0x8f);
  return overlong || beyond ? 0 : length;
}

// Refuses what is not text, and text that would make yaml-cpp hold too many tokens at once: inside brackets it reads
// ahead to the closing one before it says anything.
void check_text(std::string_view text) {
  if (text.size() > kLabFileBytes_max) {
    refuse(0, "the lab file is longer than " + std::to_string(kLabFileBytes_max) + " bytes");
  }
  int line = 1;
  std::size_t marks = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const std::size_t length = utf8_length(text.substr(i, 4));
    if (length == 0) refuse(line, "the lab file is not UTF-8 text: byte " + std::to_string(i) + " does not fit");
    const bool line_end = c == '\n' || (c == '\r' && text.substr(i + 1, 1) == "\n");
    const bool control = (static_cast<unsigned char>(c) < 0x20 && c != '\t' && !line_end) || c == 0x7f;
    if (control) {
      refuse(line, "the lab file holds a control character (byte " + std::to_string(i) + ")",
             "write it as an escape in double quotes, or end lines with a newline");
    }
    if (std::string_view("[]{},:?&*!\"'").find(c) != std::string_view::npos && ++marks > kYamlMarks_max) {
      refuse(line,
             "the lab file holds more than " + std::to_string(kYamlMarks_max) + " YAML marks ([ { , : and so on)");
    }
    if (c == '\n') ++line;
    i += length;
  }
}

// Says what yaml-cpp found wrong, and what to do in the cases that people meet.
[[noreturn]] void refuse_yaml(const YAML::Exception& error, const std::string& text) {
  const int line = error.mark.is_null() ? 0 : line_of(error.mark);
  std::istringstream lines(text);
  std::string wrong;
  for (int i = 0; i < line; ++i) std::getline(lines, wrong);
  const auto indent = wrong.substr(0, wrong.find_first_not_of(" \t"));
  if (indent.find('\t') != std::string::npos) {
    refuse(line, "the line is indented with a tab, which YAML does not allow", "indent with spaces");
  }
  if (wrong.find("{{") != std::string::npos) {
    refuse(line, "templates ({{ … }}) are not read", std::string(kTemplateHint));
  }
  refuse(line, "this is not YAML: " + error.msg,
         "look at this line and the one before: indentation, quotes, brackets, a space after each colon");
}

}  // namespace

std::string quote(std::string_view text) {
  constexpr std::size_t shown_max = 80;
  std::string shown = "\"";
  std::size_t i = 0;
  while (i < text.size() && i < shown_max) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(text.substr(i, 4)));
    const auto byte = static_cast<unsigned char>(text[i]);
    // What steers a terminal, or turns the order of letters round, does not show.
    const std::string_view character = text.substr(i, length);
    const bool is_c1 = length == 2 && character < "\xc2\xa0";
    const bool turns = character == "\u061c" || character == "\u200e" || character == "\u200f" ||
                       (length == 3 && character >= "\u2028" && character <= "\u202e") ||
                       (length == 3 && character >= "\u2066" && character <= "\u2069");
    const bool shows = byte >= 0x20 && byte != 0x7f && !is_c1 && !turns;
    shown += shows ? text.substr(i, length) : std::string_view("?");
    i += length;
  }
  return shown + (i < text.size() ? "…\"" : "\"");
}

YamlPointer parse_yaml(const std::string& text) {
  check_text(text);
  TreeBuilder builder;
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    // After one document another may follow; the builder refuses it, so this ends.
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::DeepRecursion& error) {
    refuse(line_of(error.mark), "the YAML is nested more than " + std::to_string(kYamlDepth_max) + " levels deep");
  } catch (const YAML::Exception& error) {
    refuse_yaml(error, text);
  }
  builder.refuse_unclosed_quote(text);
  if (builder.root()) return builder.root();
  return std::make_shared<YamlValue>();
}

}  // namespace labreel
