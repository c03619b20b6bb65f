#include "recorder/manual/pages.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "recorder/manual/examples.h"
#include "recorder/manual/roff.h"
#include "recorder/verbs/verb.h"
#include "recorder/version.h"

namespace labreel {
namespace {

std::vector<const CLI::App*> subcommands_of(const CLI::App& verb) {
  return verb.get_subcommands([](const CLI::App*) { return true; });
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string head(const std::string& name, int section, const std::string& date, const std::string& about) {
  return fmt::format(".TH {} {} {} \"labreel {}\" \"labreel\"\n.SH NAME\n{} \\- {}\n", roff_code(upper(name)), section,
                     date, kProgramVersion, roff_code(name), roff_text(about));
}

std::string bold(const std::string& text) { return "\\fB" + roff_code(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff_code(text) + "\\fR"; }

std::string synopsis_of(const CLI::App& verb, const std::string& path) {
  std::string line = bold("labreel " + path);
  std::string words;
  bool has_options = false;
  bool is_command = false;  // of another program, after --
  for (const CLI::Option* const option : verb.get_options()) {
    if (!option->get_positional()) {
      has_options = has_options || option->get_name() != "--help";
      continue;
    }
    const bool many = option->get_items_expected_max() > 1;
    const std::string name = italic(option->get_name()) + (many ? "…" : "");
    is_command = is_command || option->get_name() == "CMD";
    const std::string dashes = option->get_name() == "CMD" ? bold("--") + " " : "";
    words += " " + (option->get_required() ? dashes + name : "[" + dashes + name + "]");
  }
  if (has_options) line += " [" + italic("option") + "…]";
  return line + words + "\n";
}

std::string tagged(const std::string& tag, const std::string& text) {
  return ".TP\n" + tag + "\n" + roff_text(text.empty() ? "\u2014" : text) + "\n";
}

std::string arguments_of(const CLI::App& verb) {
  std::string positionals, options;
  for (const CLI::Option* const option : verb.get_options()) {
    if (option->get_positional()) {
      positionals += tagged(italic(option->get_name()), option->get_description());
      continue;
    }
    std::string names;
    for (const std::string& name : option->get_snames()) names += (names.empty() ? "" : ", ") + bold("-" + name);
    for (const std::string& name : option->get_lnames()) names += (names.empty() ? "" : ", ") + bold("--" + name);
    if (option->get_items_expected_max() > 0) {
      const std::string kind = option->get_lnames().empty() ? "VALUE" : upper(option->get_lnames().front());
      names += " " + italic(kind);
    }
    options += tagged(names, option->get_description());
  }
  return positionals + options;
}

std::string examples_text(const std::string& path) {
  std::string text;
  for (const Example& example : examples_of(path)) {
    text += text.empty() ? "" : ".PP\n";
    if (!example.does.empty()) text += roff_text(example.does) + ":\n";
    text += fmt::format(".RS 4\n.nf\n{}\n.fi\n.RE\n", roff_code(example.command));
  }
  return text;
}

// What stands under a verb's help beside its examples.
std::string notes_of(const CLI::App& verb) {
  const std::string footer = verb.get_footer();
  const std::string notes = footer.starts_with("Example: ") ? "" : footer.substr(0, footer.find("\nExample: "));
  if (notes.empty()) return {};
  return ".nf\n" + roff_code(notes) + "\n.fi\n";
}

std::string page_of_verb(const CLI::App& verb, const std::string& date) {
  const std::string name = verb.get_name();
  std::string page = head("labreel-" + name, 1, date, verb.get_description()) + ".SH SYNOPSIS\n";
  const auto children = subcommands_of(verb);
  if (children.empty()) {
    page += synopsis_of(verb, name) + ".SH OPTIONS\n" + arguments_of(verb);
    if (const std::string notes = notes_of(verb); !notes.empty()) page += ".SH NOTES\n" + notes;
    if (const std::string examples = examples_text(name); !examples.empty()) page += ".SH EXAMPLES\n" + examples;
  } else {
    for (std::size_t i = 0; i < children.size(); ++i) {
      page += (i == 0 ? "" : ".br\n") + synopsis_of(*children[i], name + " " + children[i]->get_name());
    }
    page += ".SH COMMANDS\n";
    for (const CLI::App* const child : children) {
      const std::string path = name + " " + child->get_name();
      page += ".SS " + roff_code("labreel " + path) + "\n" + roff_text(child->get_description()) + "\n";
      page += arguments_of(*child);
      for (const std::string& part : {notes_of(*child), examples_text(path)}) page += part.empty() ? "" : ".PP\n" + part;
    }
  }
  return page + ".SH SEE ALSO\n" + bold("labreel") + "(1), " + bold("labreel-lab") + "(5)\n";
}

std::string overview(const CLI::App& app, const std::string& date) {
  std::string page = head("labreel", 1, date, "record network labs and replay them");
  page += ".SH SYNOPSIS\n" + bold("labreel") + " " + italic("command") + " [" + italic("argument") + "…]\n";
  page += ".SH DESCRIPTION\n" + roff_text(app.get_description()) + ".\n.SH COMMANDS\nEach has a page of its own: " +
          bold("man labreel-run") + ".\n";
  for (const CLI::App* const verb : subcommands_of(app)) page += tagged(bold(verb->get_name()), verb->get_description());
  page += ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : {std::pair{"0", "done; for verify, diff and check: all is as it should be"},
                                      {"1", "verify, diff or check found a difference or damage"},
                                      {"2", "the command line is wrong"},
                                      {"3", "a lab file, reel or capture cannot be read, or is wrong"},
                                      {"4", "the host lacks something, or refused it"},
                                      {"5", "the lab failed: a node, or a step of the scenario"},
                                      {"130", "interrupted by Ctrl-C"}}) {
    page += tagged(bold(code), meaning);
  }
  page += ".SH ENVIRONMENT\n";
  page += tagged(bold("LABREEL_RUN_DIR"), "where running labs have their sockets; default: /run/labreel for root, "
                                          "else labreel in XDG_RUNTIME_DIR");
  page += tagged(bold("LABREEL_REELS"), "reels, or folders of them, with : between, that Wireshark lists as interfaces");
  page += tagged(bold("XDG_CACHE_HOME"), "below it a kernel of virtual-time labs is kept that a user built");
  page += ".SH FILES\n" + tagged(italic("NAME.reel"), "a recording, one SQLite database");
  page += tagged(italic("/usr/lib/labreel/kernel/linux"), "the kernel of virtual-time labs, for all users");
  return page + ".SH SEE ALSO\n" + bold("labreel-lab") + "(5), " + bold("wireshark") + "(1), " + bold("sqlite3") + "(1)\n";
}

std::string page_of_lab_file(const std::string& reference, const std::string& date) {
  return head("labreel-lab", 5, date, "the lab file: nodes, cables and scenario of a labreel lab") +
         ".SH DESCRIPTION\n" + roff_of_markdown(reference) + ".SH SEE ALSO\n" + bold("labreel") + "(1), " +
         bold("labreel-run") + "(1)\n";
}

std::string date_of_pages() {
  const char* const epoch = std::getenv("SOURCE_DATE_EPOCH");
  const std::time_t now = epoch == nullptr ? std::time(nullptr) : static_cast<std::time_t>(std::strtoll(epoch, nullptr, 10));
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(now));
}

}  // namespace

std::vector<ManualPage> manual_pages(const CLI::App& app, const std::string& lab_file_reference, const std::string& date) {
  std::vector<ManualPage> pages{{"man1/labreel.1", overview(app, date)},
                                {"man5/labreel-lab.5", page_of_lab_file(lab_file_reference, date)}};
  for (const CLI::App* const verb : subcommands_of(app)) {
    pages.push_back({"man1/labreel-" + verb->get_name() + ".1", page_of_verb(*verb, date)});
  }
  return pages;
}

void write_manual(const CLI::App& app, const std::string& reference_path, const std::string& folder) {
  namespace fs = std::filesystem;
  std::ifstream in(reference_path, std::ios::binary);
  const std::string reference{std::istreambuf_iterator<char>(in), {}};
  if (!in || reference.empty()) throw VerbError(Error{ErrorKind::input, "it cannot be read", reference_path, {}});
  for (const ManualPage& page : manual_pages(app, reference, date_of_pages())) {
    const fs::path path = fs::path{folder} / page.name;
    fs::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    if (out << page.text; !out.flush()) throw VerbError(Error{ErrorKind::host, "it cannot be written", path.string(), {}});
  }
}

}  // namespace labreel
