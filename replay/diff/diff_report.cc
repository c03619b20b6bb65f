#include "replay/diff/diff_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "engine/text/json_writer.h"
#include "engine/text/text.h"


namespace labreel {
namespace {

constexpr std::size_t kShownOnlyIn = 10;  // lines on the terminal; JSON has more

void write_shown(JsonWriter& json, const std::optional<ShownEvent>& shown) {
  if (shown) {
    json.raw(shown->json);
  } else {
    json.null();
  }
}

void write_fields(JsonWriter& json, const std::vector<FieldDifference>& fields) {
  json.key("fields").begin_array();
  for (const FieldDifference& field : fields) {
    json.begin_object().key("field").value(field.field).key("a").value(field.a).key("b").value(field.b).end_object();
  }
  json.end_array();
}

void write_changed(JsonWriter& json, const std::vector<ChangedEvent>& changed) {
  json.key("changed").begin_array();
  for (const ChangedEvent& event : changed) {
    json.begin_object().key("a").value(event.a.value).key("b").value(event.b.value);
    write_fields(json, event.fields);
    json.end_object();
  }
  json.end_array();
}

void write_branch(JsonWriter& json, const std::optional<BranchRelation>& branch) {
  json.key("branch");
  if (!branch) {
    json.null();
    return;
  }
  json.begin_object().key("branch_is");
  if (branch->kind == BranchRelation::Kind::same_lab) {
    json.null();
  } else {
    json.value(branch->kind == BranchRelation::Kind::b_of_a ? "b" : "a");
  }
  json.key("position").value(branch->position.value).end_object();
}

void write_first(JsonWriter& json, const std::optional<FirstDifference>& first) {
  json.key("first_difference");
  if (!first) {
    json.null();
    return;
  }
  json.begin_object().key("seq").value((first->a ? first->a : first->b)->seq.value);
  json.key("a");
  write_shown(json, first->a);
  json.key("b");
  write_shown(json, first->b);
  json.key("last_common");
  write_shown(json, first->last_common);
  write_fields(json, first->fields);
  json.end_object();
}

void write_list(JsonWriter& json, std::string_view name, const std::vector<ShownEvent>& events) {
  json.key(name).begin_array();
  for (const ShownEvent& event : events) json.raw(event.json);
  json.end_array();
}

void write_survey(JsonWriter& json, std::string_view name, const Survey& survey) {
  json.key(name).begin_object();
  json.key("events").value(survey.events).key("frames").value(survey.frames);
  json.key("copies").value(survey.copies).key("delivered").value(survey.delivered).key("dropped").begin_object();
  for (std::size_t i = 1; i < kReasonCount; ++i) {
    if (survey.dropped[i] != 0) json.key(name_of(static_cast<Reason>(i))).value(survey.dropped[i]);
  }
  json.end_object().key("complete").value(survey.complete).key("damage");
  if (survey.damage) {
    json.value(survey.damage->place + ": " + survey.damage->what);
  } else {
    json.null();
  }
  json.end_object();
}

void write_at(JsonWriter& json, std::string_view name, const std::optional<MilestonePair::At>& at) {
  json.key(name);
  if (at) {
    json.begin_object().key("time").value(at->time.ns).key("since_ns").value(at->since_ns).end_object();
  } else {
    json.null();
  }
}

std::string seconds(std::uint64_t ns) { return fmt::format("{}.{:03}", ns / 1'000'000'000, ns / 1'000'000 % 1000); }

std::string at_text(const std::optional<MilestonePair::At>& at) {
  return at ? fmt::format("{} (+{})", seconds(at->time.ns), seconds(at->since_ns)) : std::string("never");
}

std::string side_of(const std::optional<ShownEvent>& shown, const Survey& survey) {
  if (shown) return shown->text;
  if (survey.damage) return "cannot be read from here on";
  return survey.complete ? "nothing more" : "nothing more: it was cut off here";
}

void append_first(std::string& text, const ReelDiff& diff) {
  const FirstDifference& first = *diff.first;
  const auto out = std::back_inserter(text);
  if ((diff.ignored & kIgnoreOrder) != 0) {
    fmt::format_to(out, "they differ, whatever came first\n");
    const std::string none = "nothing that the other lacks";
    fmt::format_to(out, "  first only in a {}\n", first.a ? first.a->text : none);
    fmt::format_to(out, "  first only in b {}\n", first.b ? first.b->text : none);
  } else {
    fmt::format_to(out, "{}\n", !first.a || !first.b ? "one ends where the other goes on" : "they part at");
    fmt::format_to(out, "  last common {}\n", first.last_common ? first.last_common->text : "nothing");
    fmt::format_to(out, "  a           {}\n", side_of(first.a, diff.surveys[0]));
    fmt::format_to(out, "  b           {}\n", side_of(first.b, diff.surveys[1]));
  }
  if (!first.fields.empty()) fmt::format_to(out, "  a | b       {}\n", fields_text(first.fields));
}

void append_only_in(std::string& text, const char* side, const OnlyIn& only_in, const std::vector<ShownEvent>& listed, bool all) {
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "only in {}: {} events, whatever their number and time\n", side, only_in.count);
  const std::size_t shown = all ? listed.size() : std::min(kShownOnlyIn, listed.size());
  for (std::size_t i = 0; i < shown; ++i) fmt::format_to(out, "  {}\n", listed[i].text);
  if (only_in.count > shown) fmt::format_to(out, "  … and {} more (--all)\n", only_in.count - shown);
}

// Events of both lists that read alike: what differs inside them.
void append_changed(std::string& text, const std::vector<ChangedEvent>& changed, const std::vector<ShownEvent>& in_a, bool all) {
  if (changed.empty()) return;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "of these, {} read alike and differ inside (a | b):\n", changed.size());
  std::size_t shown = 0;
  auto event = in_a.begin();
  for (const ChangedEvent& each : changed) {
    if (!all && ++shown > kShownOnlyIn) break;
    event = std::find_if(event, in_a.end(), [&](const ShownEvent& listed) { return listed.seq == each.a; });
    if (event == in_a.end()) return;
    fmt::format_to(out, "  {} | {}{}: {}\n", each.a.value, each.b.value, event->what, fields_text(each.fields));
  }
  if (!all && changed.size() > kShownOnlyIn) fmt::format_to(out, "  … and {} more (--all)\n", changed.size() - kShownOnlyIn);
}

void append_figures(std::string& text, const ReelDiff& diff) {
  const auto& [a, b] = diff.surveys;
  const auto out = std::back_inserter(text);
  const auto row = [&](std::string_view name, std::uint64_t left, std::uint64_t right) {
    fmt::format_to(out, "{:<24} {:>14} {:>14}{}\n", name, left, right, left == right ? "" : "  *");
  };
  fmt::format_to(out, "{:<24} {:>14} {:>14}\n", "", "a", "b");
  row("events", a.events, b.events);
  row("frames", a.frames, b.frames);
  row("copies delivered", a.delivered, b.delivered);
  for (std::size_t i = 1; i < kReasonCount; ++i) {
    if (a.dropped[i] + b.dropped[i] == 0) continue;
    row("dropped: " + std::string(name_of(static_cast<Reason>(i))), a.dropped[i], b.dropped[i]);
  }
  const auto pairs = pair_milestones(a, b);
  if (!pairs.empty()) fmt::format_to(out, "seconds of lab time (and since the milestone before):\n");
  for (const MilestonePair& pair : pairs) {
    fmt::format_to(out, "  {:<20} {:<20} {}\n", at_text(pair.a), at_text(pair.b), printable(pair.name));
  }
}

}  // namespace

std::string to_json(const ReelDiff& diff) {
  JsonWriter json;
  json.begin_object().key("identical").value(diff.identical());
  json.key("ignored").value(names_of(diff.ignored));
  write_first(json, diff.first);
  write_branch(json, diff.branch);
  write_changed(json, diff.changed);
  write_list(json, "only_in_a", diff.listed[0]);
  write_list(json, "only_in_b", diff.listed[1]);
  json.key("only_in_a_count").value(diff.only_in[0].count).key("only_in_b_count").value(diff.only_in[1].count);
  write_survey(json, "a", diff.surveys[0]);
  write_survey(json, "b", diff.surveys[1]);
  json.key("milestones").begin_array();
  for (const MilestonePair& pair : pair_milestones(diff.surveys[0], diff.surveys[1])) {
    json.begin_object().key("name").value(pair.name);
    write_at(json, "a", pair.a);
    write_at(json, "b", pair.b);
    json.end_object();
  }
  json.end_array().end_object();
  return json.take();
}

std::string to_text(const ReelDiff& diff, const SideNames& names, bool all) {
  std::string text = fmt::format("a = {}, b = {}", printable(names.a), printable(names.b));
  const std::string ignored = diff.ignored == 0 ? "" : " (" + names_of(diff.ignored) + " ignored)";
  if (diff.identical()) {
    text += fmt::format(": identical{}: {} events, {} frames", ignored, diff.surveys[0].events, diff.surveys[0].frames);
    const bool cut = !diff.surveys[0].complete || !diff.surveys[1].complete;
    return text + (cut ? "; not both are complete: nothing is known of what came after" : "");
  }
  text += ignored + ": ";
  if (diff.branch) text += relation_text(*diff.branch) + "; ";
  if (diff.first) {
    append_first(text, diff);
  } else {
    text += "the same as far as both can be read\n";
  }
  append_only_in(text, "a", diff.only_in[0], diff.listed[0], all);
  append_only_in(text, "b", diff.only_in[1], diff.listed[1], all);
  append_changed(text, diff.changed, diff.listed[0], all);
  append_figures(text, diff);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace labreel
