#include "recorder/session/host_files.h"

#include <fmt/format.h>

#include <cctype>
#include <vector>

#include "engine/nodes/uml/file_hash.h"
#include "recorder/session/recorded_lab.h"
#include "replay/json.h"
#include "replay/text.h"

namespace labreel {
namespace {

constexpr std::string_view kPlainSigns = "/._+-@:=~ ";
constexpr std::size_t kNamed = 5;

std::string written_path(const std::string& path) {
  std::string text;
  for (const char byte : path) {
    const auto value = static_cast<unsigned char>(byte);
    const bool is_plain = std::isalnum(value) != 0 || kPlainSigns.find(byte) != std::string_view::npos;
    text += is_plain ? std::string(1, byte) : fmt::format("%{:02X}", value);
  }
  return text;
}

std::string read_path(std::string_view text) {
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const bool is_escape = text[i] == '%' && i + 2 < text.size() && std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
                           std::isxdigit(static_cast<unsigned char>(text[i + 2])) != 0;
    if (is_escape) {
      value = static_cast<unsigned>(std::stoul(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    }
    path += is_escape ? static_cast<char>(value) : text[i];
  }
  return path;
}

}  // namespace

std::string describe_host_files(const std::set<std::string>& paths) {
  JsonWriter json;
  json.begin_object();
  for (const std::string& path : paths) {
    if (const auto hash = sha256_of_file(path)) json.key(written_path(path)).value(*hash);
  }
  json.end_object();
  return json.take();
}

// No text of the object has a quote in it, so it is every second thing between quotes.
std::string changed_host_files(const EventLog& log) {
  const std::string note = note_of(log, kHostFilesNote);
  std::vector<std::string> texts;
  for (std::size_t at = 0; (at = note.find('"', at)) != std::string::npos;) {
    const std::size_t end = note.find('"', at + 1);
    if (end == std::string::npos) break;
    texts.push_back(note.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  std::string changed;
  std::size_t count = 0;
  for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
    const std::string path = read_path(texts[i]);
    if (sha256_of_file(path) == texts[i + 1]) continue;
    if (++count <= kNamed) changed += (changed.empty() ? "" : ", ") + printable(path);
  }
  return count > kNamed ? fmt::format("{} and {} more", changed, count - kNamed) : changed;
}

}  // namespace labreel
