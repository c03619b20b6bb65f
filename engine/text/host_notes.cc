#include "engine/text/host_notes.h"

#include <algorithm>
#include <array>

#include "engine/text/hex.h"

namespace labreel {
namespace {

constexpr std::array<std::string_view, 3> kFramesKept{"all", "headers", "nothing"};

template <class Note>
std::optional<Note> path_note(const JsonValue& object) {
  auto path = object.text_of("path");
  return path ? std::optional(Note{*std::move(path)}) : std::nullopt;
}

bool is_plain(char byte) {
  const bool is_letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  return is_letter || (byte >= '0' && byte <= '9') || std::string_view("/._+-@:=~ ").find(byte) != std::string_view::npos;
}

// A path may have any bytes: those that are not plain stand as %XX, so that it is a key of JSON.
std::string escaped_path(std::string_view path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char byte : path) {
    const auto value = static_cast<unsigned char>(byte);
    if (is_plain(byte)) {
      text += byte;
    } else {
      text += {'%', kDigits[value >> 4U], kDigits[value & 15U]};
    }
  }
  return text;
}

std::string unescaped_path(std::string_view text) {
  std::string path;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = text[i] == '%' && text.size() - i > 2 ? bytes_of_hex(text.substr(i + 1, 2)) : std::nullopt;
    path += byte ? *byte : std::string(1, text[i]);
    if (byte) i += 2;
  }
  return path;
}

}  // namespace

void BeginUtcNote::write(JsonWriter& json) const { json.key("utc").value(utc); }
std::optional<BeginUtcNote> BeginUtcNote::read(const JsonValue& object) {
  auto utc = object.text_of("utc");
  return utc ? std::optional(BeginUtcNote{*std::move(utc)}) : std::nullopt;
}

void HostFactsNote::write(JsonWriter& json) const {
  json.key("host").value(host).key("kernel").value(kernel).key("machine").value(machine);
}
std::optional<HostFactsNote> HostFactsNote::read(const JsonValue& object) {
  const auto host = object.text_of("host");
  if (!host) return std::nullopt;
  return HostFactsNote{*host, object.text_of("kernel").value_or(""), object.text_of("machine").value_or("")};
}

void LabFileNote::write(JsonWriter& json) const { json.key("path").value(path); }
std::optional<LabFileNote> LabFileNote::read(const JsonValue& object) { return path_note<LabFileNote>(object); }

void InputsNote::write(JsonWriter& json) const {
  json.key("calendar_policy").value(calendar_policy).key("kernel").value(kernel);
  if (!image.empty()) json.key("image").value(image);
  json.key("guest_program").value(guest_program).key("memory_mib").value(memory_mib);
  json.key("clock_cost_ns").value(clock_cost_ns).key("epoch_s").value(epoch_s).key("strict").value(strict);
  if (strict) json.key("cpuid_hidden").value(cpuid_hidden);
}
std::optional<InputsNote> InputsNote::read(const JsonValue& object) {
  const auto policy = object.number_of<std::uint32_t>("calendar_policy");
  if (!policy) return std::nullopt;
  InputsNote inputs;
  inputs.calendar_policy = *policy;
  inputs.kernel = object.text_of("kernel").value_or("");
  inputs.image = object.text_of("image").value_or("");
  inputs.guest_program = object.text_of("guest_program").value_or("");
  inputs.memory_mib = object.number_of<std::uint32_t>("memory_mib").value_or(0);
  inputs.clock_cost_ns = object.number_of<std::uint64_t>("clock_cost_ns").value_or(0);
  inputs.epoch_s = object.number_of<std::uint64_t>("epoch_s").value_or(0);
  inputs.strict = object.truth_of("strict").value_or(false);
  inputs.cpuid_hidden = object.truth_of("cpuid_hidden").value_or(false);
  return inputs;
}

void HostFilesNote::write(JsonWriter& json) const {
  for (const auto& [path, hash] : hashes) json.key(escaped_path(path)).value(hash);
}
std::optional<HostFilesNote> HostFilesNote::read(const JsonValue& object) {
  HostFilesNote files;
  for (const JsonMember& member : object.members()) {
    if (const std::string* const hash = member.value.text()) files.hashes.emplace_back(unescaped_path(member.key), *hash);
  }
  return files;
}

void LatenessNote::write(JsonWriter& json) const {
  json.key("copies").value(copies);
  if (worst_ns > 0) json.key("max_ns").value(worst_ns);
  json.key("until").value(until.ns);
  if (median_ns) json.key("median_ns").value(*median_ns);
  if (!frame.is_none()) json.key("frame").value(frame.value).key("copy").value(copy);
}
std::optional<LatenessNote> LatenessNote::read(const JsonValue& object) {
  const auto copies = object.number_of<std::uint64_t>("copies");
  if (!copies) return std::nullopt;
  LatenessNote lateness;
  lateness.copies = *copies;
  lateness.worst_ns = object.number_of<std::uint64_t>("max_ns").value_or(0);
  lateness.until = LabTime{object.number_of<std::uint64_t>("until").value_or(0)};
  lateness.median_ns = object.number_of<std::uint64_t>("median_ns");
  lateness.frame = Seq{object.number_of<std::uint64_t>("frame").value_or(0)};
  lateness.copy = object.number_of<std::uint32_t>("copy").value_or(0);
  return lateness;
}

void StallNote::write(JsonWriter& json) const {
  json.key("from").value(from.ns).key("to").value(to.ns).key("backlog").value(backlog);
}
std::optional<StallNote> StallNote::read(const JsonValue& object) {
  const auto from = object.number_of<std::uint64_t>("from");
  const auto to = object.number_of<std::uint64_t>("to");
  if (!from || !to) return std::nullopt;
  return StallNote{LabTime{*from}, LabTime{std::max(*from, *to)}, object.number_of<std::uint64_t>("backlog").value_or(0)};
}

void LossyNote::write(JsonWriter& json) const {
  json.key("keeps").value(kFramesKept[static_cast<std::size_t>(keeps)]).key("at").value(at.ns);
}
std::optional<LossyNote> LossyNote::read(const JsonValue& object) {
  const auto keeps = object.text_of("keeps");
  const auto known = std::find(kFramesKept.begin(), kFramesKept.end(), keeps.value_or(""));
  if (known == kFramesKept.end()) return std::nullopt;
  return LossyNote{static_cast<FramesKept>(known - kFramesKept.begin()),
                   LabTime{object.number_of<std::uint64_t>("at").value_or(0)}};
}

void CheckpointLeftOutNote::write(JsonWriter& json) const { json.key("bytes").value(bytes).key("max").value(max); }
std::optional<CheckpointLeftOutNote> CheckpointLeftOutNote::read(const JsonValue& object) {
  const auto bytes = object.number_of<std::uint64_t>("bytes");
  const auto max = object.number_of<std::uint64_t>("max");
  return bytes && max ? std::optional(CheckpointLeftOutNote{*bytes, *max}) : std::nullopt;
}

void NoteLeftOutNote::write(JsonWriter& json) const { json.key("kind").value(kind).key("bytes").value(bytes); }
std::optional<NoteLeftOutNote> NoteLeftOutNote::read(const JsonValue& object) {
  const auto kind = object.text_of("kind");
  const auto bytes = object.number_of<std::uint64_t>("bytes");
  return kind && bytes ? std::optional(NoteLeftOutNote{*kind, *bytes}) : std::nullopt;
}

void NotesLeftOutNote::write(JsonWriter& json) const { json.key("from").value(from); }
std::optional<NotesLeftOutNote> NotesLeftOutNote::read(const JsonValue& object) {
  const auto from = object.number_of<std::uint64_t>("from");
  return from ? std::optional(NotesLeftOutNote{*from}) : std::nullopt;
}

void ParentNote::write(JsonWriter& json) const { json.key("path").value(path); }
std::optional<ParentNote> ParentNote::read(const JsonValue& object) { return path_note<ParentNote>(object); }

void RerunOfNote::write(JsonWriter& json) const { json.key("path").value(path); }
std::optional<RerunOfNote> RerunOfNote::read(const JsonValue& object) { return path_note<RerunOfNote>(object); }

void ImportedNote::write(JsonWriter& json) const {
  json.key("file").value(file).key("format").value(format).key("program").value(program);
}
std::optional<ImportedNote> ImportedNote::read(const JsonValue& object) {
  const auto file = object.text_of("file");
  if (!file) return std::nullopt;
  return ImportedNote{*file, object.text_of("format").value_or(""), object.text_of("program").value_or("")};
}

void RepairedNote::write(JsonWriter& json) const { json.key("format").value(format); }
std::optional<RepairedNote> RepairedNote::read(const JsonValue& object) {
  const auto format = object.number_of<std::uint32_t>("format");
  return format ? std::optional(RepairedNote{*format}) : std::nullopt;
}

void LayoutNote::write(JsonWriter& json) const { json.key("node").value(node).key("x").value(x).key("y").value(y); }
std::optional<LayoutNote> LayoutNote::read(const JsonValue& object) {
  const auto node = object.text_of("node");
  const auto x = object.number_of<std::int32_t>("x");
  const auto y = object.number_of<std::int32_t>("y");
  return node && x && y ? std::optional(LayoutNote{*node, *x, *y}) : std::nullopt;
}

}  // namespace labreel
