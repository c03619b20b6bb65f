// Man pages: what help says, and the lab file reference, as pages for man.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace labreel {

struct ManualPage {
  std::string name;  // "man1/labreel-run.1"
  std::string text;
};

// Returns labreel(1), a page for each verb or group of verbs, and labreel-lab(5) of the lab file reference's Markdown.
//
// Shape: `date` is what the pages bear, as 2026-11-29.
std::vector<ManualPage> manual_pages(const CLI::App& app, const std::string& lab_file_reference, const std::string& date);

// Writes them below a folder, from a reference in a file; dated by SOURCE_DATE_EPOCH if that is set, else today.
//
// Errors: throws VerbError if the reference cannot be read or a page not be written.
void write_manual(const CLI::App& app, const std::string& reference_path, const std::string& folder);

}  // namespace labreel
