// The table `field`: one row a field of a frame, named as Wireshark names it.
#include <algorithm>
#include <charconv>

#include "replay/decode/decode.h"
#include "replay/sql/event_rows.h"
#include "replay/sql/tables.h"

namespace labreel {
namespace {

// Returns a value's number, "0x0800 (IPv4)" as 2048; NULL for one that is none.
SqlValue number_of_field(const std::string& value) {
  const std::size_t end = std::min(value.find(' '), value.size());
  const bool is_hex = value.starts_with("0x");
  std::uint64_t number = 0;
  const char* const last = value.data() + end;
  const auto [stopped, error] = std::from_chars(value.data() + (is_hex ? 2 : 0), last, number, is_hex ? 16 : 10);
  return error == std::errc{} && stopped == last ? sql_number(number) : SqlValue{};
}

class FieldRows final : public SqlCursor {
 public:
  static constexpr const char* kName = "field";
  enum Column : std::size_t { kPort = 2, kLayer, kFieldName, kLabel, kValue, kNumber, kOffset, kLength };
  static const std::vector<SqlColumn>& columns() {
    static const std::vector<SqlColumn> kColumns{{"seq", "INTEGER", SqlUse::order},
                                                 {"time", "INTEGER", SqlUse::order},
                                                 {"port", "TEXT", SqlUse::skip},
                                                 {"layer", "TEXT", SqlUse::skip},
                                                 {"name", "TEXT", SqlUse::skip},
                                                 {"label", "TEXT"},
                                                 {"value", "TEXT"},
                                                 {"number", "INTEGER"},
                                                 {"offset", "INTEGER"},
                                                 {"length", "INTEGER"}};
    return kColumns;
  }

  explicit FieldRows(ReelFacts& facts) : facts_(facts), rows_(facts, kPort) {}

  void start(const std::vector<SqlCondition>& conditions) override {
    layer_wanted_ = wanted_text(conditions, kLayer);
    name_wanted_ = wanted_text(conditions, kFieldName);
    decoded_ = {};
    layer_ = 0;
    field_ = 0;
    row_ = 0;
    rows_.start(conditions);
    if (rows_.next()) decode();
    find();
  }
  bool at_end() const override { return rows_.at_end(); }
  void next() override {
    ++field_;
    ++row_;
    find();
  }
  std::int64_t row_number() const override {
    constexpr int kRowBits = 16;  // a frame has fewer fields
    return static_cast<std::int64_t>(rows_.event().seq.value << kRowBits | row_);
  }
  SqlValue value(std::size_t column) override {
    const Field& field = decoded_.layers[layer_].fields[field_];
    switch (column) {
      case kSeqColumn:
        return sql_number(rows_.event().seq.value);
      case kTimeColumn:
        return sql_number(rows_.event().time.ns);
      case kPort:
        return sql_text(facts_.name_of(rows_.frame().port));
      case kLayer:
        return SqlValue{decoded_.layers[layer_].name};
      case kFieldName:
        return SqlValue{field.name};
      case kLabel:
        return SqlValue{field.label};
      case kValue:
        return SqlValue{field.value};
      case kNumber:
        return number_of_field(field.value);
      case kOffset:
        return sql_number(std::uint64_t{field.offset});
      default:
        return sql_number(std::uint64_t{field.length});
    }
  }

 private:
  void decode() {
    decoded_ = decode_frame(rows_.frame().bytes);
    layer_ = field_ = row_ = 0;
  }
  bool is_wanted() const {
    const Layer& layer = decoded_.layers[layer_];
    return (!layer_wanted_ || *layer_wanted_ == layer.name) && (!name_wanted_ || *name_wanted_ == layer.fields[field_].name);
  }
  // Goes on to the first wanted field from here on.
  void find() {
    while (!at_end()) {
      if (layer_ == decoded_.layers.size()) {
        if (rows_.next()) decode();
      } else if (field_ >= decoded_.layers[layer_].fields.size()) {
        ++layer_;
        field_ = 0;
      } else if (is_wanted()) {
        return;
      } else {
        ++field_;
        ++row_;
      }
    }
  }

  ReelFacts& facts_;
  FrameRows rows_;
  DecodedFrame decoded_;
  std::size_t layer_ = 0;
  std::size_t field_ = 0;
  std::size_t row_ = 0;  // of the frame's fields
  std::optional<std::string> layer_wanted_;
  std::optional<std::string> name_wanted_;
};

}  // namespace

const std::vector<SqlColumn>& field_columns() { return FieldRows::columns(); }
std::unique_ptr<SqlTable> field_table(ReelFacts& facts) { return std::make_unique<FactsTable<FieldRows>>(facts); }

}  // namespace labreel
