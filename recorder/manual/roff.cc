#include "recorder/manual/roff.h"

#include <sstream>
#include <vector>

namespace labreel {
namespace {

std::string escaped(std::string_view text, bool is_code) {
  std::string roff;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) roff += "\\&";  // it would be a request
    line_begins = c == '\n';
    if (c == '\\') {
      roff += "\\e";
    } else if (is_code && c == '-') {
      roff += "\\-";
    } else if (is_code && c == '\'') {
      roff += "\\(aq";
    } else if (is_code && c == '^') {
      roff += "\\(ha";
    } else if (is_code && c == '~') {
      roff += "\\(ti";
    } else {
      roff += c;
    }
  }
  return roff;
}

// Code, bold and links within a line.
std::string inline_roff(std::string_view text) {
  std::string roff;
  std::string plain;
  const auto flush = [&] {
    // What follows code is in the middle of a line, where a full stop is no request.
    roff += roff.empty() ? escaped(plain, false) : escaped(" " + plain, false).substr(1);
    plain.clear();
  };
  for (std::size_t i = 0; i < text.size();) {
    const bool bold = text.substr(i).starts_with("**");
    const std::string_view mark = bold ? "**" : "`";
    const std::size_t end = text.substr(i).starts_with(mark) ? text.find(mark, i + mark.size()) : std::string_view::npos;
    if (end != std::string_view::npos) {
      flush();
      const std::string_view inside = text.substr(i + mark.size(), end - i - mark.size());
      roff += "\\fB" + (bold ? escaped(inside, false) : escaped(inside, true)) + "\\fR";
      i = end + mark.size();
      continue;
    }
    const std::size_t middle = text[i] == '[' ? text.find("](", i) : std::string_view::npos;
    if (middle != std::string_view::npos && text.find(')', middle) != std::string_view::npos) {
      plain += text.substr(i + 1, middle - i - 1);
      i = text.find(')', middle) + 1;
      continue;
    }
    plain += text[i++];
  }
  flush();
  return roff;
}

std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells;
  std::istringstream in(row.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    const std::size_t begin = cell.find_first_not_of(' ');
    cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, cell.find_last_not_of(' ') - begin + 1));
  }
  return cells;
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

// Reads a page line by line; what it keeps between lines is what kind of block it is in.
class Writer {
 public:
  void line(const std::string& line) {
    if (line.starts_with("```")) {
      after_heading_ = false;
      return fence();
    }
    if (in_code_) {
      roff_ += line.empty() ? std::string("\n") : escaped(line, true) + "\n";
      return;
    }
    if (line.starts_with("## ")) return heading(".SH ", upper(line.substr(3)));
    if (line.starts_with("### ")) return heading(".SS ", line.substr(4));
    if (line.starts_with("|")) {
      after_heading_ = false;
      return row(cells_of(line));
    }
    table_.clear();
    if (line.empty()) {
      paragraph_due_ = !after_heading_;
      return;
    }
    after_heading_ = false;
    if (line.starts_with("- ")) {
      roff_ += ".IP \\(bu 2\n" + inline_roff(line.substr(2)) + "\n";
      paragraph_due_ = false;
    } else {
      paragraph();
      roff_ += inline_roff(line.substr(line.find_first_not_of(' '))) + "\n";
    }
  }
  std::string take() { return std::move(roff_); }

 private:
  void paragraph() {
    if (paragraph_due_) roff_ += ".PP\n";
    paragraph_due_ = false;
  }

  void heading(const std::string& request, const std::string& words) {
    roff_ += request + escaped(words, false) + "\n";
    paragraph_due_ = false;
    after_heading_ = true;
    table_.clear();
  }

  void fence() {
    in_code_ = !in_code_;
    if (in_code_ && paragraph_due_) roff_ += ".PP\n";
    paragraph_due_ = false;
    roff_ += in_code_ ? ".RS 4\n.nf\n" : ".fi\n.RE\n";
  }

  // The first row names the columns, the second is a line.
  void row(const std::vector<std::string>& cells) {
    if (table_.empty()) {
      table_ = cells;
      return;
    }
    if (cells.front().starts_with("---")) return;
    roff_ += ".TP\n" + inline_roff(cells.front()) + "\n";
    std::string text;
    for (std::size_t i = 1; i < cells.size(); ++i) {
      if (cells[i].empty()) continue;
      const bool is_default = i < table_.size() && table_[i] == "default";
      const std::string words = is_default && cells[i] != "needed" ? "default " + cells[i] : cells[i];
      text += (text.empty() ? "" : "; ") + words;
    }
    roff_ += inline_roff(text) + "\n";
    paragraph_due_ = true;
  }

  std::string roff_;
  std::vector<std::string> table_;  // the columns' names, within a table
  bool in_code_ = false;
  bool paragraph_due_ = false;
  bool after_heading_ = false;
};

}  // namespace

std::string roff_text(std::string_view text) { return escaped(text, false); }

std::string roff_code(std::string_view text) { return escaped(text, true); }

std::string roff_of_markdown(std::string_view markdown) {
  Writer writer;
  std::istringstream in{std::string(markdown)};
  bool in_title = true;
  for (std::string line; std::getline(in, line);) {
    in_title = in_title && (line.empty() || line.starts_with("# "));
    if (!in_title) writer.line(line);
  }
  return writer.take();
}

}  // namespace labreel
