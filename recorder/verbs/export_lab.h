// The exports that are of one position: lab files and pictures.
#pragma once

#include <optional>
#include <string>

#include "replay/event_source.h"

namespace labreel {

enum class LabFormat { lab_file, containerlab, dot, mermaid };

// The format that a file's ending asks for; nothing for another ending.
std::optional<LabFormat> lab_format_of(const std::string& output);

// Returns the file's text; an empty position is the end. What the format cannot say goes to stderr, a sentence a line.
//
// Errors: throws VerbError: no such position; damage; an imported capture, or a lab that the format does not have.
std::string lab_export(const EventLog& log, const std::string& path, LabFormat format, const std::string& at);

}  // namespace labreel
