#include "replay/diff/reel_diff.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/core/units.h"
#include "replay/diff/event_content.h"
#include "replay/event_json.h"
#include "replay/event_text.h"

namespace labreel {
namespace {

// Where the two part: the numbers of the first events that differ (one may lie behind the end), and of the last common.
struct Parting {
  Seq a, b;
  Seq last_common_a, last_common_b;
};

// The compared events of one recording, one after another.
class Contents {
 public:
  Contents(const EventLog& log, Aspects ignored, bool is_branch)
      : source_(log.events()), contents_(ignored, is_branch) {}
  // Goes to the next event that is compared; false at the end, or at damage (which the survey reports).
  bool next() {
    for (;;) {
      const Result<bool> more = source_->next(event_);
      at_end_ = at_end_ || !more || !*more;
      if (at_end_) return false;
      if (contents_.read(event_, content_)) return true;
    }
  }
  bool at_end() const { return at_end_; }
  Seq seq() const { return event_.seq; }
  const EventContent& content() const { return content_; }

 private:
  std::unique_ptr<EventSource> source_;
  EventContents contents_;
  EventContent content_;
  Event event_;
  bool at_end_ = false;
};

// The first event whose digest is not the same. An event that cannot be read counts as different.
std::optional<Parting> bisect_digests(const EventLog& a, const EventLog& b) {
  const auto same_up_to = [&](std::uint64_t seq) {
    const auto digest_a = a.digest_at(Seq{seq});
    const auto digest_b = b.digest_at(Seq{seq});
    return digest_a && digest_b && *digest_a == *digest_b;
  };
  const std::uint64_t common = std::min(a.last().value, b.last().value);
  std::uint64_t same = 0;
  std::uint64_t differs = common + 1;
  if (common == 0 || same_up_to(common)) {
    if (a.last() == b.last()) return std::nullopt;
    same = common;
  } else {
    differs = common;
  }
  while (differs - same > 1) {
    const std::uint64_t middle = same + (differs - same) / 2;
    (same_up_to(middle) ? same : differs) = middle;
  }
  return Parting{Seq{differs}, Seq{differs}, Seq{same}, Seq{same}};
}

// Two recordings, and how they are compared.
struct Comparison {
  const EventLog& a;
  const EventLog& b;
  Aspects ignored;
  bool is_branch;
  std::size_t listed_max;

  Contents left() const { return {a, ignored, is_branch}; }
  Contents right() const { return {b, ignored, is_branch}; }
};

std::optional<Parting> first_in_order(const Comparison& compared) {
  Contents left = compared.left();
  Contents right = compared.right();
  Parting parting;
  for (;;) {
    const bool more_a = left.next();
    const bool more_b = right.next();
    if (!more_a && !more_b) return std::nullopt;
    const bool same = more_a && more_b && left.content().what == right.content().what &&
                      ((compared.ignored & kIgnoreTime) != 0 || left.content().when == right.content().when);
    parting.a = more_a ? left.seq() : compared.a.last().next();
    parting.b = more_b ? right.seq() : compared.b.last().next();
    if (!same) return parting;
    parting.last_common_a = left.seq();
    parting.last_common_b = right.seq();
  }
}

// Where a branch and its parent part; where nothing else differs, at the beginning of the branch, which says that it is one.
std::optional<Parting> first_of_branch(const Comparison& compared) {
  const auto parting = first_in_order(compared);
  if (parting || compared.ignored != 0) return parting;
  return Parting{kFirstSeq, kFirstSeq, {}, {}};
}

std::optional<Parting> parting_in_order(const Comparison& compared) {
  if (compared.is_branch) return first_of_branch(compared);
  return compared.ignored == 0 ? bisect_digests(compared.a, compared.b) : first_in_order(compared);
}

// Matches all that comes behind the last common events, both sides in step.
std::array<OnlyIn, 2> match(const Comparison& compared, const Parting& from) {
  Contents left = compared.left();
  Contents right = compared.right();
  ContentMatcher matcher{kUnmatched_max, compared.listed_max};
  const auto take = [&](Side side, Contents& contents, Seq common) {
    if (contents.next() && contents.seq() > common) matcher.take(side, contents.seq(), contents.content().what);
  };
  while (!left.at_end() || !right.at_end()) {
    take(Side::a, left, from.last_common_a);
    take(Side::b, right, from.last_common_b);
  }
  matcher.finish();
  return {matcher.only_in(Side::a), matcher.only_in(Side::b)};
}

// Without order: the first events that only one side has.
std::optional<Parting> first_without_order(const std::array<OnlyIn, 2>& only_in, const Comparison& compared) {
  if (only_in[0].count + only_in[1].count == 0) return std::nullopt;
  Parting parting{compared.a.last().next(), compared.b.last().next(), {}, {}};
  if (!only_in[0].first.empty()) parting.a = only_in[0].first.front();
  if (!only_in[1].first.empty()) parting.b = only_in[1].first.front();
  const bool has_a = !only_in[0].first.empty();
  Contents before = has_a ? compared.left() : compared.right();
  Seq& last_common = has_a ? parting.last_common_a : parting.last_common_b;
  while (before.next() && before.seq() < (has_a ? parting.a : parting.b)) last_common = before.seq();
  return parting;
}

// An event's line without its number and time.
std::string without_place(const Event& event, const std::string& text) {
  constexpr std::size_t kSeqWidth = 8;
  constexpr std::size_t kTimeWidth = 14;
  const std::size_t place = std::max(kSeqWidth, std::to_string(event.seq.value).size()) + 2 +
                            std::max(kTimeWidth, format_seconds(event.time).size());
  return text.substr(std::min(place, text.size()));
}

// Reads events again to show them; `seqs` in order. Those that cannot be read are not there.
std::vector<ShownEvent> show(const EventLog& log, const std::vector<Seq>& seqs, bool with_payload) {
  std::vector<ShownEvent> shown;
  auto wanted = seqs.begin();
  if (wanted == seqs.end()) return shown;
  const auto source = log.events(kFirstSeq, seqs.back());
  EventJson json{with_payload};
  Names names;
  Event event;
  for (;;) {
    const Result<bool> more = source->next(event);
    if (!more || !*more) return shown;
    names.follow(event);
    while (wanted != seqs.end() && *wanted < event.seq) ++wanted;
    if (wanted != seqs.end() && *wanted == event.seq) {
      std::string text = event_text(event, names);
      std::string what = without_place(event, text);
      shown.push_back({event.seq, json.line(event), std::move(text), std::move(what)});
    } else {
      json.observe(event);
    }
  }
}

std::optional<ShownEvent> show_one(const EventLog& log, Seq seq) {
  if (seq.is_none() || seq > log.last()) return std::nullopt;
  auto shown = show(log, {seq}, true);
  return shown.empty() ? std::nullopt : std::optional{std::move(shown.front())};
}

std::vector<FieldDifference> fields_of(const EventLog& a, const ShownEvent& of_a, const EventLog& b, const ShownEvent& of_b) {
  auto fields = differing_fields(of_a.json, of_b.json);
  std::erase_if(fields, [](const FieldDifference& field) { return field.field == "time"; });
  if (!fields.empty()) return fields;
  const auto with_payload_a = show_one(a, of_a.seq);  // it must be in the bytes
  const auto with_payload_b = show_one(b, of_b.seq);
  if (!with_payload_a || !with_payload_b) return fields;
  return differing_fields(with_payload_a->json, with_payload_b->json);
}

// Of the listed events, those that read alike on both sides: shown as they are, nobody would see what differs.
std::vector<ChangedEvent> find_changed(const Comparison& compared, const ReelDiff& diff) {
  constexpr std::size_t kChanged_max = 1'000;
  std::multimap<std::string, const ShownEvent*> in_b;
  for (const ShownEvent& event : diff.listed[1]) in_b.emplace(event.what, &event);
  std::vector<ChangedEvent> changed;
  for (const ShownEvent& event : diff.listed[0]) {
    const auto alike = in_b.find(event.what);
    if (alike == in_b.end() || changed.size() == kChanged_max) continue;
    changed.push_back({event.seq, alike->second->seq, fields_of(compared.a, event, compared.b, *alike->second)});
    in_b.erase(alike);
  }
  return changed;
}

}  // namespace

Result<ReelDiff> diff_reels(const EventLog& a, const EventLog& b, Aspects ignored, std::size_t listed_max) {
  for (const EventLog* const log : {&a, &b}) {
    if (auto first = log->event_at(kFirstSeq); !first) return std::move(first).error();
  }
  ReelDiff diff;
  diff.ignored = ignored;
  diff.surveys = {survey(a), survey(b)};
  diff.branch = branch_relation(a, b);
  const Comparison compared{a, b, ignored, diff.branch.has_value(), listed_max};
  const bool in_order = (ignored & kIgnoreOrder) == 0;
  std::optional<Parting> parting;
  if (in_order) parting = parting_in_order(compared);
  if (!in_order || parting) diff.only_in = match(compared, parting.value_or(Parting{}));
  if (!in_order) parting = first_without_order(diff.only_in, compared);
  if (!parting) return diff;
  FirstDifference first{show_one(a, parting->a), show_one(b, parting->b),
                        parting->last_common_a.is_none() ? show_one(b, parting->last_common_b)
                                                         : show_one(a, parting->last_common_a),
                        {}};
  // Without order the two firsts have nothing to do with each other, unless they read alike.
  const bool comparable = first.a && first.b && (in_order || first.a->what == first.b->what);
  if (comparable && a.event_at(first.a->seq)->kind() == b.event_at(first.b->seq)->kind()) {
    first.fields = differing_fields(first.a->json, first.b->json);
  }
  // Where neither side has an event to show, it is damage that ends the comparison, and no difference.
  if (first.a || first.b) diff.first = std::move(first);
  diff.listed = {show(a, diff.only_in[0].first, false), show(b, diff.only_in[1].first, false)};
  diff.changed = find_changed(compared, diff);
  return diff;
}

}  // namespace labreel
