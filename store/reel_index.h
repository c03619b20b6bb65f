// The index tables of a reel: what `check` rebuilds from the events and compares.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/event.h"

namespace labreel {

// A cell of an index table: NULL, an integer or a text.
using IndexCell = std::variant<std::monostate, std::uint64_t, std::string>;
using IndexRow = std::vector<IndexCell>;

struct IndexTable {
  std::string_view name;
  std::string_view columns;  // as in CREATE TABLE; the first is the key
};

// The tables, in the order of IndexBuilder::rows().
std::span<const IndexTable> index_tables();

// Says whether events of a kind have a place in an index: only they need be given to a builder.
bool is_indexed(EventKind kind);

// Folds a reel's events, in order, into the rows of its index tables.
class IndexBuilder {
 public:
  void add(Seq seq, LabTime time, const EventBody& body);
  // The rows of index_tables()[table], by key.
  std::vector<IndexRow> rows(std::size_t table) const;

 private:
  using Rows = std::map<std::uint64_t, IndexRow>;
  Rows& table(std::string_view name);
  void add_thing(std::string_view table, std::uint32_t id, Seq seq, IndexRow rest);
  void remove_thing(std::string_view table, std::uint32_t id, Seq seq);
  std::map<std::string_view, Rows> tables_;
};

}  // namespace labreel
