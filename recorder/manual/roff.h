// Roff: the language of man pages, written so that every man reads it: mandoc and groff.
#pragma once

#include <string>
#include <string_view>

namespace labreel {

// Returns the text as a man page shows it, whatever it holds: no control line, no escape.
std::string roff_text(std::string_view text);

// The same, and nothing in it may be hyphenated or mistaken for a dash: options and commands, to be copied from a page.
std::string roff_code(std::string_view text);

// Returns a page of our own Markdown as roff, without its title: headings, paragraphs, fenced blocks, tables (each row's
// first cell with the rest as its explanation), lists, code, bold and links.
std::string roff_of_markdown(std::string_view markdown);

}  // namespace labreel
