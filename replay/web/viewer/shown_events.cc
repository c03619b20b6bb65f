#include "replay/web/viewer/shown_events.h"

#include <algorithm>
#include <utility>

#include "replay/projection/search.h"

namespace labreel {
namespace {

// Without a reading: what the survey knows is enough.
std::vector<std::uint32_t> all_shown(const Survey& survey, bool bookkeeping) {
  std::vector<std::uint32_t> seqs;
  for (Seq seq = kFirstSeq; seq <= survey.last(); seq = seq.next()) {
    if (bookkeeping || !survey.is_bookkeeping(seq)) seqs.push_back(static_cast<std::uint32_t>(seq.value));
  }
  return seqs;
}

}  // namespace

Result<const std::vector<std::uint32_t>*> ShownEvents::of(const JsonValue* filter) {
  static const JsonValue kNothing;
  const JsonValue& asked = filter == nullptr ? kNothing : *filter;
  auto made = ViewFilter::make(asked, names_.at(survey_.last()).topology());
  if (!made) return made.error();
  const auto known = std::find_if(lists_.begin(), lists_.end(), [&](const List& list) { return list.key == made->key(); });
  if (known != lists_.end()) {
    lists_.splice(lists_.begin(), lists_, known);
  } else {
    lists_.push_front({made->key(), {}, {}});
    if (lists_.size() > kLists_max) lists_.pop_back();
  }
  List& list = lists_.front();
  // A filter of ports remembers what came before, so that a recording that has grown is read from its start.
  if (list.looked_at != survey_.last()) fill(*made, list);
  return &list.seqs;
}

void ShownEvents::fill(ViewFilter& filter, List& list) {
  list.looked_at = survey_.last();
  if (filter.asks_for_nothing()) {
    list.seqs = all_shown(survey_, filter.shows_bookkeeping());
    return;
  }
  list.seqs.clear();
  Names names;
  // Damage was met by the survey: up to its last event there is none.
  static_cast<void>(read_events(log_, kFirstSeq, survey_.last(), [&](const Event& event) {
    names.follow(event);
    if (filter.passes(event, names, survey_)) list.seqs.push_back(static_cast<std::uint32_t>(event.seq.value));
    return true;
  }));
}

}  // namespace labreel
