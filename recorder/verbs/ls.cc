// labreel ls: the reels of a folder, one line each.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

#include "engine/text/json_writer.h"
#include "engine/text/text.h"
#include "recorder/session/lab_runtime.h"
#include "recorder/verbs/reading_child.h"
#include "recorder/verbs/reel_choice.h"
#include "recorder/verbs/verb.h"
#include "replay/info.h"

namespace labreel {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownDigest = 12;  // enough for people to compare; --json has all of it

struct Row {
  std::string reel;
  std::string lab;
  std::string begin_utc;  // empty if it does not say
  std::uint64_t duration_ns = 0;
  std::uint64_t events = 0;
  bool complete = false;
  bool recording = false;
  std::string digest;
  std::string error;  // why it cannot be read
};

std::vector<std::string> reels_in(const std::string& folder) {
  std::error_code failure;
  std::vector<std::string> reels;
  for (const fs::directory_entry& entry : fs::directory_iterator{folder, failure}) {
    if (entry.path().extension() == ".reel") {
      reels.push_back(folder == "." ? entry.path().filename().string() : entry.path().string());
    }
  }
  if (failure) throw VerbError(Error{ErrorKind::input, "cannot list the folder: " + failure.message(), folder});
  std::ranges::sort(reels);
  return reels;
}

// The sealed digest is taken at its word: `check` and `verify` are for proofs.
Status look_into(const std::string& path, Row& row) {
  row.recording = ReelReader::live_recorder_of(path).has_value();
  const ReelReader reel = open_reel(path);
  const ReelEnd& end = reel.end();
  row.events = end.last.value;
  row.complete = end.complete && !end.damage;
  row.begin_utc = begin_utc_of(reel.notes()).value_or("");
  if (end.damage) row.error = end.damage->place + ": " + end.damage->what;
  if (end.last.is_none()) return ok_status();
  const auto first = reel.event_at(Seq{1});
  if (!first) return first.error();
  if (const auto* begun = std::get_if<LabBegun>(&first->body)) row.lab = begun->lab;
  const auto last = reel.event_at(end.last);
  if (!last) return last.error();
  row.duration_ns = last->time.ns;
  if (const auto recorded = reel.recorded_digest()) {
    row.digest = *recorded;
    return ok_status();
  }
  const auto digest = reel.digest_at(end.last);
  if (!digest) return digest.error();
  row.digest = *digest;
  return ok_status();
}

std::string pack(const Row& row) {
  return join_texts({row.lab, std::to_string(row.duration_ns), std::to_string(row.events), row.complete ? "1" : "",
                     row.recording ? "1" : "", row.digest, row.error, row.begin_utc});
}

Row unpack(const std::string& bytes) {
  std::vector<std::string> texts = split_texts(bytes);
  texts.resize(8);  // whatever the child answered
  return {.reel = {},
          .lab = texts[0],
          .begin_utc = texts[7],
          .duration_ns = std::strtoull(texts[1].c_str(), nullptr, 10),
          .events = std::strtoull(texts[2].c_str(), nullptr, 10),
          .complete = !texts[3].empty(),
          .recording = !texts[4].empty(),
          .digest = texts[5],
          .error = texts[6]};
}

// In a child of its own, so that a hostile file costs its line.
Row row_of(const std::string& path) {
  const auto words_of = [&path](const Error& error) {
    return (error.place.empty() || error.place == path ? "" : error.place + ": ") + error.what;
  };
  const auto read = in_reading_child([&]() -> Result<std::string> {
    Row row;
    try {
      const Status looked = look_into(path, row);
      if (!looked) row.error = words_of(looked.error());
    } catch (const VerbError& refused) {
      row.error = words_of(refused.error());
    }
    return pack(row);
  });
  Row row;
  if (read) {
    row = unpack(*read);
  } else {
    row.error = words_of(read.error());
  }
  row.reel = path;
  return row;
}

void print_json(const Row& row) {
  JsonWriter json;
  json.begin_object();
  json.key("reel").value(row.reel);
  json.key("lab").value(row.lab);
  json.key("duration_ns").value(row.duration_ns);
  json.key("events").value(row.events);
  json.key("complete").value(row.complete);
  json.key("recording").value(row.recording);
  json.key("digest");
  if (row.digest.empty()) {
    json.null();
  } else {
    json.value(row.digest);
  }
  if (!row.error.empty()) json.key("error").value(row.error);
  json.key("begin_utc");
  if (row.begin_utc.empty()) {
    json.null();
  } else {
    json.value(row.begin_utc);
  }
  json.end_object();
  fmt::print("{}\n", json.take());
}

// The widest of a column, in characters.
struct Widths {
  std::size_t reel = 0;
  std::size_t lab = 0;
};

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t characters = characters_in(text);
  return text + std::string(width > characters ? width - characters : 0, ' ');
}

// "2026-01-02 03:04": a minute is enough to find a recording by.
std::string date_of(const Row& row) {
  constexpr std::size_t kToTheMinute = 16;
  std::string date = printable(row.begin_utc.substr(0, kToTheMinute));
  std::ranges::replace(date, 'T', ' ');
  return padded(date.empty() ? "-" : date, kToTheMinute);
}

void print_words(const Row& row, const Widths& widths) {
  const std::string name = padded(printable(row.reel), widths.reel);
  if (!row.error.empty() && row.events == 0) {
    fmt::print("{}  unreadable: {}\n", name, printable(row.error));
    return;
  }
  std::string state = row.recording ? "recording" : row.complete ? "complete" : "cut off";
  if (!row.error.empty()) state = "damaged: " + printable(row.error);
  fmt::print("{}  {}  {}  {:>11}  {:>9} {}  {:<{}}  {}\n", name, padded(printable(row.lab), widths.lab), date_of(row),
             seconds_text(row.duration_ns), row.events, row.events == 1 ? "event " : "events",
             row.digest.substr(0, kShownDigest), kShownDigest, state);
}

int list_reels(const std::string& folder, bool as_json) {
  std::vector<Row> rows;
  Widths widths;
  for (const std::string& reel : reels_in(folder)) {
    const Row& row = rows.emplace_back(row_of(reel));
    if (as_json) print_json(row);
    widths.reel = std::max(widths.reel, characters_in(printable(row.reel)));
    widths.lab = std::max(widths.lab, characters_in(printable(row.lab)));
  }
  if (as_json) return kExitDone;
  for (const Row& row : rows) print_words(row, widths);
  return kExitDone;
}

}  // namespace

void add_ls(CLI::App& app, int& exit_code) {
  auto folder = std::make_shared<std::string>(".");
  auto as_json = std::make_shared<bool>(false);
  CLI::App* const verb = app.add_subcommand("ls", "List the reels of a folder, in order of name: lab, begin (UTC), length, events, digest");
  verb->add_option("DIR", *folder, "The folder; default: this one");
  verb->add_flag("--json", *as_json, "One JSON object a reel");
  verb->callback([folder, as_json, &exit_code] { exit_code = list_reels(*folder, *as_json); });
}

}  // namespace labreel
