// Host notes as values: what each kind of note says, with the one place where it is written and read.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/event.h"
#include "engine/text/json_reader.h"
#include "engine/text/json_writer.h"

namespace labreel {

// Each kind has its word, write(), which adds its members to an object that is begun, and read(), which returns nothing if a
// member that it needs is not there; members that it does not know are passed over.
// Source: FORMAT.md, "Host notes".
template <class Note>
concept HostNoteKind = requires(const Note& note, JsonWriter& json, const JsonValue& object) {
  { Note::kKind } -> std::convertible_to<std::string_view>;
  note.write(json);
  { Note::read(object) } -> std::same_as<std::optional<Note>>;
};

// When lab time 0 was.
struct BeginUtcNote {
  static constexpr std::string_view kKind = "begin-utc";
  std::string utc;  // RFC 3339
  void write(JsonWriter& json) const;
  static std::optional<BeginUtcNote> read(const JsonValue& object);
};

// The machine that recorded.
struct HostFactsNote {
  static constexpr std::string_view kKind = "host";
  std::string host;     // its name
  std::string kernel;   // "Linux 6.1.0"
  std::string machine;  // "x86_64"
  void write(JsonWriter& json) const;
  static std::optional<HostFactsNote> read(const JsonValue& object);
};

// Where the lab file was; node files are found from there.
struct LabFileNote {
  static constexpr std::string_view kKind = "lab-file";
  std::string path;
  void write(JsonWriter& json) const;
  static std::optional<LabFileNote> read(const JsonValue& object);
};

// What a lab in virtual time depends on beside its file: with other inputs the same events cannot be promised.
struct InputsNote {
  static constexpr std::string_view kKind = "inputs";
  std::uint32_t calendar_policy = 0;
  std::string kernel;  // as all hashes here: SHA-256, in hex
  std::string image;   // empty: guests see the host's files
  std::string guest_program;
  std::uint32_t memory_mib = 0;
  std::uint64_t clock_cost_ns = 0;
  std::uint64_t epoch_s = 0;
  bool strict = false;
  bool cpuid_hidden = false;  // with strict, if the host's CPU lets it be
  bool operator==(const InputsNote&) const = default;
  void write(JsonWriter& json) const;
  static std::optional<InputsNote> read(const JsonValue& object);
};

// The host's files that guests without an image read, with their hashes.
struct HostFilesNote {
  static constexpr std::string_view kKind = "host-files";
  std::vector<std::pair<std::string, std::string>> hashes;  // path, SHA-256 in hex
  void write(JsonWriter& json) const;
  static std::optional<HostFilesNote> read(const JsonValue& object);
};

// Copies that were given to their nodes late, since the report before; one report a second at most.
struct LatenessNote {
  static constexpr std::string_view kKind = "lateness";
  std::uint64_t copies = 0;
  std::uint64_t worst_ns = 0;  // 0 if it is not said
  LabTime until;
  std::optional<std::uint64_t> median_ns = {};  // of these copies
  Seq frame = {};                               // of the latest copy; none if it is not said
  std::uint32_t copy = 0;
  void write(JsonWriter& json) const;
  static std::optional<LatenessNote> read(const JsonValue& object);
};

// A time in which the loop did nothing, or took one turn.
struct StallNote {
  static constexpr std::string_view kKind = "stall";
  LabTime from;
  LabTime to;                 // never before `from`
  std::uint64_t backlog = 0;  // ports that had frames then
  void write(JsonWriter& json) const;
  static std::optional<StallNote> read(const JsonValue& object);
};

// What is kept of frames under --lossy.
enum class FramesKept : std::uint8_t { all, headers, nothing };
struct LossyNote {
  static constexpr std::string_view kKind = "lossy";
  FramesKept keeps = FramesKept::all;
  LabTime at;
  void write(JsonWriter& json) const;
  static std::optional<LossyNote> read(const JsonValue& object);
};

// A checkpoint that was too long to keep.
struct CheckpointLeftOutNote {
  static constexpr std::string_view kKind = "checkpoint-left-out";
  std::uint64_t bytes = 0;
  std::uint64_t max = 0;
  void write(JsonWriter& json) const;
  static std::optional<CheckpointLeftOutNote> read(const JsonValue& object);
};

// A note that was too long to keep.
struct NoteLeftOutNote {
  static constexpr std::string_view kKind = "note-left-out";
  std::string kind;
  std::uint64_t bytes = 0;
  void write(JsonWriter& json) const;
  static std::optional<NoteLeftOutNote> read(const JsonValue& object);
};

// All notes from here on: there were too many.
struct NotesLeftOutNote {
  static constexpr std::string_view kKind = "notes-left-out";
  std::uint64_t from = 0;  // the number of the first
  void write(JsonWriter& json) const;
  static std::optional<NotesLeftOutNote> read(const JsonValue& object);
};

// The reel that a branch left.
struct ParentNote {
  static constexpr std::string_view kKind = "parent";
  std::string path;
  void write(JsonWriter& json) const;
  static std::optional<ParentNote> read(const JsonValue& object);
};

// The reel whose commands a re-run gave again.
struct RerunOfNote {
  static constexpr std::string_view kKind = "rerun-of";
  std::string path;
  void write(JsonWriter& json) const;
  static std::optional<RerunOfNote> read(const JsonValue& object);
};

// The capture that a reel was made from.
struct ImportedNote {
  static constexpr std::string_view kKind = "imported";
  std::string file;
  std::string format;   // "pcapng", …
  std::string program;  // as the capture names it
  void write(JsonWriter& json) const;
  static std::optional<ImportedNote> read(const JsonValue& object);
};

// The reel is what `check --repair` made of a damaged one.
struct RepairedNote {
  static constexpr std::string_view kKind = "repaired";
  std::uint32_t format = 0;  // the version of the one who repaired
  void write(JsonWriter& json) const;
  static std::optional<RepairedNote> read(const JsonValue& object);
};

// Where a picture draws a node from here on: somebody moved it.
struct LayoutNote {
  static constexpr std::string_view kKind = "layout";
  std::string node;  // its name
  std::int32_t x = 0;
  std::int32_t y = 0;
  void write(JsonWriter& json) const;
  static std::optional<LayoutNote> read(const JsonValue& object);
};

template <HostNoteKind Note>
std::string detail_of(const Note& note) {
  JsonWriter json;
  note.write(json.begin_object());
  return json.end_object().take();
}

// Keeps a note in a reel, or in whatever has note(kind, detail).
template <HostNoteKind Note>
void keep_note(auto& sink, const Note& note) {
  sink.note(Note::kKind, detail_of(note));
}

// Reads a detail of one kind. Errors: nothing for what is not such an object, whoever wrote it.
template <HostNoteKind Note>
std::optional<Note> note_of(std::string_view detail) {
  const Result<JsonValue> object = read_json(detail);
  return object ? Note::read(*object) : std::nullopt;
}

// Returns the note, if it is of this kind and can be read.
template <HostNoteKind Note>
std::optional<Note> note_in(const HostNote& note) {
  return note.kind == Note::kKind ? note_of<Note>(note.detail) : std::nullopt;
}

// Returns the first note of this kind that can be read.
template <HostNoteKind Note>
std::optional<Note> first_note(const std::vector<HostNote>& notes) {
  for (const HostNote& note : notes) {
    if (auto found = note_in<Note>(note)) return found;
  }
  return std::nullopt;
}

}  // namespace labreel
