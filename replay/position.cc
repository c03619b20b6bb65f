#include "replay/position.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/suggest.h"
#include "engine/core/units.h"
#include "engine/text/text.h"

namespace labreel {
namespace {

constexpr const char* kHint =
    "a position is an event's number, a marker's name (cut#2 for the second of that name), +12.5s or end";

Error usage(std::string what) { return Error{.kind = ErrorKind::usage, .what = std::move(what), .hint = kHint}; }

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<Seq> by_number(const EventLog& log, std::string_view text) {
  const std::optional<std::uint64_t> number = number_in(text);
  if (number && *number >= 1 && *number <= log.last().value) return Seq{*number};
  return usage(fmt::format("there is no event {}: the recording has events 1 to {}", text, log.last().value));
}

Result<Seq> by_time(const EventLog& log, std::string_view text) {
  const auto duration_ns = parse_duration_ns(text);
  if (!duration_ns) {
    return usage(fmt::format("\"+{}\" is no position: {}", printable(text), printable(duration_ns.error().what)));
  }
  const Result<Seq> seq = log.last_at_or_before(LabTime{*duration_ns});
  if (seq && seq->is_none()) return usage(fmt::format("there is no event at or before +{}", printable(text)));
  return seq;
}

Error no_marker(std::string_view name, const Markers& markers) {
  std::vector<std::string> names{"end"};
  for (const NamedPosition& marker : markers.all()) names.push_back(printable(marker.name));
  return usage(fmt::format("there is no marker \"{}\"{}", printable(name), did_you_mean(name, names)));
}

Result<Seq> by_marker(const EventLog& log, const Markers& markers, std::string_view text) {
  // A name may hold a '#' itself.
  if (const auto whole = markers.named(text); !whole.empty()) return whole.front();
  // The names that labreel gives begin with a letter, so "5s" can only be a time.
  const bool is_time = is_digits(text.substr(0, 1)) && parse_duration_ns(text).ok();
  if (is_time) return by_time(log, text);
  const std::size_t hash = text.rfind('#');
  if (hash == std::string_view::npos || !is_digits(text.substr(hash + 1))) return no_marker(text, markers);
  const std::string_view name = text.substr(0, hash);
  const auto seqs = markers.named(name);
  if (seqs.empty()) return no_marker(name, markers);
  const std::optional<std::uint64_t> number = number_in(text.substr(hash + 1));
  if (number && *number >= 1 && *number <= seqs.size()) return seqs[*number - 1];
  return usage(fmt::format("there is no \"{}\": the recording has {} marker{} of that name", printable(text),
                           seqs.size(), seqs.size() == 1 ? "" : "s"));
}

// Shape: `known` are the log's markers if somebody has them; otherwise they are read, if the position may be one.
Result<Seq> resolve(const EventLog& log, const Markers* known, std::string_view position) {
  // What a script reads from CSV may still have its line's end.
  while (position.ends_with('\r') || position.ends_with('\n')) position.remove_suffix(1);
  if (position.empty()) return usage("the position is empty");
  if (log.last().is_none()) return Error{.what = "the recording has no events"};
  if (position == "end") return log.last();
  if (position.front() == '+') return by_time(log, position.substr(1));
  if (is_digits(position)) return by_number(log, position);
  if (known != nullptr) return by_marker(log, *known, position);
  const auto markers = Markers::of(log);
  if (!markers) return markers.error();
  return by_marker(log, *markers, position);
}

}  // namespace

Result<Seq> resolve_position(const EventLog& log, std::string_view position) {
  return resolve(log, nullptr, position);
}

Result<Seq> resolve_position(const EventLog& log, const Markers& markers, std::string_view position) {
  return resolve(log, &markers, position);
}

}  // namespace labreel
