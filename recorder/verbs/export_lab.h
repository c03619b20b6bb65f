// The exports that are of one position: lab files and pictures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/event_log.h"
#include "store/packed_files.h"

namespace labreel {

enum class LabFormat { lab_file, containerlab, dot, mermaid };

// The format that a file's ending asks for; nothing for another ending.
std::optional<LabFormat> lab_format_of(const std::string& output);

// What is written: the file's text, and the packed files that belong beside a lab file.
struct LabExport {
  std::string text;
  std::vector<PackedEntry> files;
};
struct LabExportChoice {
  std::string at;                       // a position; empty: the end
  std::string folder;                   // where the file will lie
  const PackedFiles* packed = nullptr;  // of the reel; null if it has none
};

// Writes nothing. What the format cannot say goes to stderr, a sentence a line; a scenario that is left out, or a file that
// is not found, is a comment in the lab file, too.
//
// Errors: throws VerbError: no such position; damage; an imported capture, or a lab that the format does not have.
LabExport lab_export(const EventLog& log, const std::string& path, LabFormat format, const LabExportChoice& choice);

}  // namespace labreel
