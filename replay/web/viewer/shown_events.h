// ShownEvents: the events that a filter shows, by their rows.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "replay/web/viewer/names_at.h"
#include "replay/web/viewer/view_filter.h"

namespace labreel {

// Shape: the lists of the last filters are kept, four bytes an event that is shown; one of a filter that was not asked lately
//        costs a reading of the recording.
class ShownEvents {
 public:
  // Borrows both.
  ShownEvents(const EventLog& log, const Survey& survey) : log_(log), survey_(survey), names_(log, survey) {}

  // The numbers of the events that pass, in order. Valid until the next call.
  // Errors: those of ViewFilter::make().
  Result<const std::vector<std::uint32_t>*> of(const JsonValue* filter);

 private:
  struct List {
    std::string key;
    Seq looked_at;  // the last event that was asked
    std::vector<std::uint32_t> seqs;
  };
  static constexpr std::size_t kLists_max = 3;
  void fill(ViewFilter& filter, List& list);

  const EventLog& log_;
  const Survey& survey_;
  NamesAt names_;  // stays at the end, where all ports are known
  std::list<List> lists_;  // the one that was asked for last comes first
};

}  // namespace labreel
