#include "replay/copy_comments.h"

#include <charconv>

#include "engine/core/units.h"

namespace labreel {
namespace {

constexpr std::string_view kDuplicatedComment = "duplicated: this copy is the duplicate";
constexpr std::string_view kReorderedComment = "reordered: this copy skipped the delay";
constexpr std::string_view kCorruptedComment = "corrupted: bit ";
constexpr std::string_view kOfByte = " of byte ";
constexpr std::string_view kWasFlipped = " was flipped";
constexpr std::string_view kDropped = "dropped: ";
constexpr std::string_view kTheDuplicate = "the duplicate";

// Takes the text from the front; false, and nothing taken, if it is not there.
bool take(std::string_view& rest, std::string_view text) {
  if (!rest.starts_with(text)) return false;
  rest.remove_prefix(text.size());
  return true;
}

template <class Number>
bool take_number(std::string_view& rest, Number& number) {
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (failure != std::errc{}) return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return true;
}

// "(the duplicate to r2:eth1)": either half may be missing.
bool read_which(std::string_view which, LostCopy& copy) {
  if (which.empty()) return true;
  if (!take(which, " (") || !which.ends_with(')')) return false;
  which.remove_suffix(1);
  copy.is_duplicate = take(which, kTheDuplicate);
  if (which.empty()) return copy.is_duplicate;
  if (copy.is_duplicate && !take(which, " ")) return false;
  if (!take(which, "to ")) return false;
  copy.port = which;
  return true;
}

}  // namespace

std::vector<std::string> changes_of(const Copy& copy) {
  std::vector<std::string> changes;
  if ((copy.flags & kDuplicated) != 0) changes.emplace_back(kDuplicatedComment);
  if ((copy.flags & kCorrupted) != 0) {
    changes.push_back(std::string(kCorruptedComment) + std::to_string(copy.corrupt_bit()) + std::string(kOfByte) +
                      std::to_string(copy.corrupt_byte) + std::string(kWasFlipped));
  }
  if ((copy.flags & kReordered) != 0) changes.emplace_back(kReorderedComment);
  return changes;
}

bool read_change(std::string_view comment, Copy& copy) {
  if (comment == kDuplicatedComment) {
    copy.flags |= kDuplicated;
    return true;
  }
  if (comment == kReorderedComment) {
    copy.flags |= kReordered;
    return true;
  }
  unsigned bit = 0;
  std::uint16_t byte = 0;
  if (!take(comment, kCorruptedComment) || !take_number(comment, bit) || bit > 7) return false;
  if (!take(comment, kOfByte) || !take_number(comment, byte) || comment != kWasFlipped) return false;
  copy.flags = static_cast<std::uint8_t>((copy.flags & 0x1fU) | kCorrupted | bit << 5U);
  copy.corrupt_byte = byte;
  return true;
}

void append_comment(std::string& comment, std::string_view fate, bool is_duplicate, std::string_view port,
                    const std::optional<LabTime>& at) {
  comment += fate;
  const char* before = " (";
  const auto append = [&](std::string_view first, std::string_view second) {
    comment.append(before).append(first).append(second);
    before = " ";
  };
  if (is_duplicate) append(kTheDuplicate, "");
  if (!port.empty()) append("to ", port);
  if (at) append("at ", format_seconds(*at));
  if (*before == ' ' && before[1] == '\0') comment += ')';
}

std::string drop_comment(Reason reason) { return std::string(kDropped) + std::string(name_of(reason)); }

std::optional<LostCopy> read_lost_copy(std::string_view comment) {
  LostCopy copy;
  if (take(comment, kInFlightComment)) return read_which(comment, copy) ? std::optional{copy} : std::nullopt;
  if (!take(comment, kDropped)) return std::nullopt;
  const std::size_t end = comment.find(' ');
  const auto reason = reason_named(comment.substr(0, end));
  if (!reason || *reason == Reason::none) return std::nullopt;
  copy.reason = *reason;
  const std::string_view which = end == std::string_view::npos ? std::string_view{} : comment.substr(end);
  return read_which(which, copy) ? std::optional{copy} : std::nullopt;
}

}  // namespace labreel
