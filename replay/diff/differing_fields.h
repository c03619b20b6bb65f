// What differs inside two events that otherwise tell the same.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace labreel {

// One field of both, as JSON shows it; "none" where a side has no such field.
struct FieldDifference {
  std::string field;  // "mtu", "out.delay_ns", "copies[0].due", "lab_file line 12"
  std::string a;
  std::string b;
};

inline constexpr std::size_t kFieldsShown_max = 12;

// Compares two events' JSON objects, field by field, but for `seq` and `cause`.
//
// Shape:  a lab file is compared line by line, a payload by its first byte that differs.
// Errors: what is no JSON of ours gives no fields.
std::vector<FieldDifference> differing_fields(std::string_view a, std::string_view b);

// Returns "mtu 9216 | 1400, mac …", the first kFieldsShown_max of them: nothing in it can steer a terminal.
std::string fields_text(const std::vector<FieldDifference>& fields);

}  // namespace labreel
