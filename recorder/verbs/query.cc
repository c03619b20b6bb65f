// labreel query: SQL over a reel, as a table, JSON lines or CSV.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "engine/os/resources.h"
#include "engine/text/hex.h"
#include "engine/text/json_writer.h"
#include "engine/text/text.h"
#include "recorder/verbs/progress.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "replay/reel_log.h"
#include "replay/sql/reel_query.h"

namespace labreel {
namespace {

struct QueryOptions {
  std::string reel;
  std::string sql;
  bool names_reel = false;  // two words were given, even if the second is empty
  bool as_json = false;
  bool as_csv = false;
  bool no_header = false;
};
using Row = std::vector<SqlValue>;

bool write_out(const std::string& text) { return std::fwrite(text.data(), 1, text.size(), stdout) == text.size(); }

// A value as text; NULL is empty, bytes are hex.
std::string text_of(const SqlValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  if (const auto* bytes = std::get_if<SqlBytes>(&value)) return to_hex(bytes->bytes);
  return {};
}
bool is_number(const SqlValue& value) {
  return std::holds_alternative<std::int64_t>(value) || std::holds_alternative<double>(value);
}

std::string json_line(const std::vector<std::string>& columns, const Row& row) {
  JsonWriter json;
  json.begin_object();
  for (std::size_t i = 0; i < row.size(); ++i) {
    json.key(columns[i]);
    const auto* real = std::get_if<double>(&row[i]);
    const bool is_null = std::holds_alternative<std::monostate>(row[i]) || (real != nullptr && !std::isfinite(*real));
    if (is_null) {
      json.null();  // JSON has no infinity
    } else if (is_number(row[i])) {
      json.raw(text_of(row[i]));
    } else {
      json.value(text_of(row[i]));
    }
  }
  json.end_object();
  return json.take() + "\n";
}

// Source: RFC 4180, but lines end as Unix has it: what a shell reads from them has no CR at its end.
std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) line += ',';
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      line += field;
      continue;
    }
    line += '"';
    for (const char c : field) line += c == '"' ? std::string{"\"\""} : std::string{c};
    line += '"';
  }
  return line + "\n";
}

// CSV has no escapes: the bytes go as they are to a file or pipe, and made harmless to a terminal.
std::string csv_field(const std::string& text) {
  static const bool is_terminal = ::isatty(STDOUT_FILENO) != 0;
  return is_terminal ? printable(text) : text;
}

std::vector<std::string> texts_of(const Row& row) {
  std::vector<std::string> texts;
  for (const SqlValue& value : row) texts.push_back(csv_field(text_of(value)));
  return texts;
}

// Aligned columns: as wide as the first rows need, so that a long answer streams.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  bool add(const Row& row) {
    Line line;
    for (const SqlValue& value : row) line.push_back({printable(text_of(value)), is_number(value)});
    if (started_) return print(line);
    waiting_.push_back(std::move(line));
    return waiting_.size() < kMeasuredRows || print_waiting();
  }
  bool has_rows() const { return started_ || !waiting_.empty(); }
  bool finish() { return started_ || print_waiting(); }

 private:
  static constexpr std::size_t kMeasuredRows = 1000;
  struct Cell {
    std::string text;
    bool is_number;
  };
  using Line = std::vector<Cell>;

  bool print_waiting() {
    started_ = true;
    Line head;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      bool numbers = !waiting_.empty();
      std::size_t width = characters_in(printable(columns_[i]));
      for (const Line& line : waiting_) {
        numbers = numbers && (line[i].is_number || line[i].text.empty());
        width = std::max(width, characters_in(line[i].text));
      }
      widths_.push_back(width);
      head.push_back({printable(columns_[i]), numbers});
    }
    bool written = print(head);
    for (const Line& line : waiting_) written = written && print(line);
    waiting_.clear();
    return written;
  }
  bool print(const Line& line) const {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::size_t width = characters_in(line[i].text);
      const std::string pad(widths_[i] > width ? widths_[i] - width : 0, ' ');
      text += line[i].is_number ? pad + line[i].text : line[i].text + pad;
      if (i + 1 < line.size()) text += "  ";
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return write_out(text + "\n");
  }

  std::vector<std::string> columns_;
  std::vector<std::size_t> widths_;
  std::vector<Line> waiting_;
  bool started_ = false;
};

void print_rows(const QueryOptions& options, ReelQuery& query, Progress& progress) {
  const std::vector<std::string>& columns = query.columns();
  TextTable table{columns};
  if (options.as_csv && !options.no_header) {
    std::vector<std::string> head;
    for (const std::string& column : columns) head.push_back(csv_field(column));
    if (!write_out(csv_line(head))) return;
  }
  Row row;
  bool read_on = true;  // main() says why if stdout takes no more
  while (read_on) {
    const Result<bool> more = query.next(row);
    progress.hide();  // rows may go to the same terminal
    if (!more || !*more) {
      // What came before an error is shown; a head without rows would look like an empty answer.
      if (!options.as_json && !options.as_csv && (more.ok() || table.has_rows())) table.finish();
      static_cast<void>(value_or_throw(more));
      return;
    }
    read_on = options.as_json  ? write_out(json_line(columns, row))
              : options.as_csv ? write_out(csv_line(texts_of(row)))
                               : table.add(row);
  }
}

// A reel's name alone is no question; SQLite would only say that it does not understand it.
void refuse_reel_without_sql(const std::string& word) {
  std::error_code ignored;
  const bool is_file = word.find_first_of(" \t\n") == std::string::npos && std::filesystem::exists(word, ignored);
  if (!word.ends_with(".reel") && !is_file) return;
  throw VerbError(Error{ErrorKind::usage, "the SQL is missing", word,
                        "for example: labreel query " + printable(word) + " \"SELECT count(*) FROM frame\""});
}

void refuse_empty(const std::string& sql) {
  if (sql.find_first_not_of(" \t\r\n;") != std::string::npos) return;
  throw VerbError(Error{ErrorKind::usage, "the SQL is empty", {}, "for example: labreel query \"SELECT count(*) FROM frame\""});
}

int query_reel(const QueryOptions& options) {
  // A single word is the SQL.
  const std::string& sql = options.names_reel ? options.sql : options.reel;
  if (!options.names_reel) refuse_reel_without_sql(sql);
  refuse_empty(sql);
  const std::string path = choose_reel(options.names_reel ? options.reel : "");
  const ReelReader reel = open_reel(path);
  const ReelLog log{reel};
  Progress progress{"query", log.last().value};
  const ProgressLog counted{log, progress};
  const auto query = value_or_throw(ReelQuery::make(counted, sql));
  print_rows(options, *query, progress);
  std::fflush(stdout);
  if (query->damage()) throw VerbError(*query->damage());
  warn_of_end(path, reel);
  return kExitDone;
}

}  // namespace

void add_query(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<QueryOptions>();
  CLI::App* const verb = app.add_subcommand("query", "Ask a reel in SQL");
  verb->add_option("REEL", options->reel, "The reel; default, with SQL alone: the newest in this folder")->required();
  auto* const sql = verb->add_option("SQL", options->sql, "One SELECT statement");
  auto* const json = verb->add_flag("--json", options->as_json, "One JSON object a line");
  auto* const csv = verb->add_flag("--csv", options->as_csv, "Comma-separated values, a line each")->excludes(json);
  verb->add_flag("--no-header", options->no_header, "With --csv: without the line of columns' names")->needs(csv);
  verb->footer("Tables (times in ns of lab time; pos('MARKER') is a position's seq):\n" + tables_text() +
               "Ten worked questions: " + resource_path("share/doc/labreel/QUESTIONS.md", "replay/sql/QUESTIONS.md"));
  verb->callback([options, sql, &exit_code] {
    options->names_reel = sql->count() > 0;
    exit_code = query_reel(*options);
  });
}

}  // namespace labreel
