// EventRows: the events that an SQL query's conditions leave, one after another.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "replay/sql/reel_facts.h"
#include "replay/verify.h"
#include "store/sql_database.h"

namespace labreel {

// The columns that all tables of events begin with.
inline constexpr std::size_t kSeqColumn = 0;
inline constexpr std::size_t kTimeColumn = 1;

// Numbers that SQL cannot hold become its largest.
SqlValue sql_number(std::uint64_t number);
// NULL for none.
template <class T>
SqlValue sql_number(const std::optional<T>& number) {
  return number ? sql_number(std::uint64_t{*number}) : SqlValue{};
}
inline SqlValue sql_text(std::optional<std::string> text) { return text ? SqlValue{*std::move(text)} : SqlValue{}; }

// The text that a row must have in a column; none if the conditions do not say.
std::optional<std::string> wanted_text(const std::vector<SqlCondition>& conditions, std::size_t column);

// Shape: conditions on seq and time become a range of events, which the recording finds by its pages.
class EventRows {
 public:
  explicit EventRows(ReelFacts& facts) : facts_(facts) {}

  // Goes before the first event that the conditions leave.
  void start(const std::vector<SqlCondition>& conditions);
  // Goes to the next; false at the end, or at damage, which the facts then know.
  bool next();
  const Event& event() const { return event_; }

 private:
  ReelFacts& facts_;
  std::unique_ptr<EventSource> source_;
  std::optional<KeptEvent> single_;  // the one event asked for: no source, and no page of its own
  bool given_ = false;
  Event event_;
};

// The frames among those events, for tables with the sender's port in a column.
class FrameRows {
 public:
  FrameRows(ReelFacts& facts, std::size_t sender_column) : facts_(facts), rows_(facts), sender_column_(sender_column) {}

  // Goes before the first frame that the conditions leave.
  void start(const std::vector<SqlCondition>& conditions);
  // Goes to the next; false at the end, or at damage.
  bool next();
  // Before the first frame, and behind the last.
  bool at_end() const { return frame_ == nullptr; }
  const Frame& frame() const { return *frame_; }
  const Event& event() const { return rows_.event(); }

 private:
  ReelFacts& facts_;
  EventRows rows_;
  const std::size_t sender_column_;
  std::optional<std::string> sender_;
  const Frame* frame_ = nullptr;
};

}  // namespace labreel
