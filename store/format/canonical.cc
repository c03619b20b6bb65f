#include "store/format/canonical.h"

#include <algorithm>

namespace labreel::canonical {
namespace {

constexpr std::uint64_t kWord_bits = 64;
constexpr std::uint64_t kWord_bytes = 8;

// The two low bits of a pointer.
enum : unsigned { kStruct = 0, kList = 1, kFar = 2 };
unsigned kind_of(std::uint64_t pointer) { return pointer & 3U; }
std::uint64_t data_words_of(std::uint64_t pointer) { return (pointer >> 32U) & 0xFFFFU; }
std::uint64_t pointer_count_of(std::uint64_t pointer) { return pointer >> 48U; }
std::uint64_t words_of(std::uint64_t pointer) { return data_words_of(pointer) + pointer_count_of(pointer); }

// What the items of a list are, and how many bits each takes.
enum : unsigned { kVoid = 0, kBit = 1, kByte = 2, kPointer = 6, kStructs = 7 };
unsigned size_code_of(std::uint64_t pointer) { return (pointer >> 32U) & 7U; }
std::uint32_t count_of(std::uint64_t pointer) { return static_cast<std::uint32_t>(pointer >> 35U); }
constexpr std::uint32_t kCount_mask = 0x1FFFFFFF;  // of a tag, as libcapnp reads it
constexpr std::uint64_t kItemData_bits[] = {0, 1, 8, 16, 32, 64, 0};

// A signed number of words, behind the pointer's own word. What leads out of the message leads to its end.
std::uint64_t target_of(std::uint64_t pointer, std::uint64_t word, std::uint64_t words) {
  const std::int64_t offset = static_cast<std::int32_t>(static_cast<std::uint32_t>(pointer)) >> 2;
  const std::int64_t at = static_cast<std::int64_t>(word) + 1 + offset;
  return at < 0 || at > static_cast<std::int64_t>(words) ? words : static_cast<std::uint64_t>(at);
}
std::uint64_t far_target_of(std::uint64_t pointer, std::uint64_t words) {
  return std::min<std::uint64_t>(static_cast<std::uint32_t>(pointer) >> 3U, words);
}
std::uint32_t segment_of(std::uint64_t pointer) { return static_cast<std::uint32_t>(pointer >> 32U); }

}  // namespace

bool Message::count(std::uint64_t words) {
  if (words > words_left_) {
    set_fault("more is read than is there: pointers lead to the same words");
    return false;
  }
  words_left_ -= words;
  return true;
}

bool Message::take(std::uint64_t at, std::uint64_t count_words) {
  if (at > words() || count_words > words() - at) {
    set_fault("a pointer leads out of the message");
    return false;
  }
  return count(count_words);
}

// Shape: nothing for a pointer that is null, or with a fault.
std::optional<Target> Struct::follow(Message& message, std::uint64_t word) {
  const std::uint64_t pointer = message.word_at(word);
  if (pointer == 0) return std::nullopt;
  if (kind_of(pointer) != kFar) return Target{pointer, target_of(pointer, word, message.words())};
  // To the same segment, since there is one: a word or two that say where to go on.
  const bool is_double = ((pointer >> 2U) & 1U) != 0;
  const std::uint64_t pad = far_target_of(pointer, message.words());
  if (segment_of(pointer) != 0) {
    message.set_fault("a pointer leads to another segment");
    return std::nullopt;
  }
  if (!message.take(pad, is_double ? 2 : 1)) return std::nullopt;
  const std::uint64_t landing = message.word_at(pad);
  if (!is_double) return Target{landing, target_of(landing, pad, message.words())};
  if (segment_of(landing) != 0 || kind_of(landing) != kFar) {
    message.set_fault("a pointer's landing pad is none");
    return std::nullopt;
  }
  return Target{message.word_at(pad + 1), far_target_of(landing, message.words())};
}

Struct Struct::at(Message* message, std::uint64_t word) {
  if (message->word_at(word) == 0) return {};
  const std::optional<Target> target = follow(*message, word);
  if (!target) return {};
  if (kind_of(target->pointer) != kStruct) {
    message->set_fault("a pointer leads to no struct");
    return {};
  }
  if (!message->take(target->at, words_of(target->pointer))) return {};
  const std::uint64_t data_words = data_words_of(target->pointer);
  return {message, target->at * kWord_bytes, data_words * kWord_bits, target->at + data_words,
          static_cast<std::uint32_t>(pointer_count_of(target->pointer))};
}

// Shape: nothing for a pointer that is null, or with a fault.
std::optional<std::string_view> Struct::bytes_at(Message* message, std::uint64_t word) {
  const std::optional<Target> target = follow(*message, word);
  if (!target) return std::nullopt;
  if (kind_of(target->pointer) != kList || size_code_of(target->pointer) != kByte) {
    message->set_fault("a pointer leads to no bytes");
    return std::nullopt;
  }
  const std::uint64_t size = count_of(target->pointer);
  if (!message->take(target->at, (size + kWord_bytes - 1) / kWord_bytes)) return std::nullopt;
  return std::string_view{reinterpret_cast<const char*>(message->bytes_.data()) + target->at * kWord_bytes,
                          static_cast<std::size_t>(size)};
}

std::string_view Struct::data(std::uint32_t pointer) const {
  if (!has(pointer)) return {};
  return bytes_at(message_, pointers_at_ + pointer).value_or(std::string_view{});
}

std::string_view Struct::text(std::uint32_t pointer) const {
  if (!has(pointer)) return {};
  std::optional<std::string_view> bytes = bytes_at(message_, pointers_at_ + pointer);
  if (!bytes) return {};
  if (bytes->empty() || bytes->back() != '\0') {
    message_->set_fault("a text does not end with a zero");
    return {};
  }
  bytes->remove_suffix(1);
  return *bytes;
}

Struct Struct::fields(std::uint32_t pointer) const {
  return has(pointer) ? at(message_, pointers_at_ + pointer) : Struct{};
}
List Struct::structs(std::uint32_t pointer) const {
  return has(pointer) ? List::at(message_, pointers_at_ + pointer, List::Of::structs) : List{};
}
List Struct::datas(std::uint32_t pointer) const {
  return has(pointer) ? List::at(message_, pointers_at_ + pointer, List::Of::pointers) : List{};
}

List List::at(Message* message, std::uint64_t word, Of of) {
  if (message->word_at(word) == 0) return {};
  const std::optional<Target> target = Struct::follow(*message, word);
  if (!target) return {};
  if (kind_of(target->pointer) != kList) {
    message->set_fault("a pointer leads to no list");
    return {};
  }
  List list;
  list.message_ = message;
  const bool is_sound = size_code_of(target->pointer) == kStructs ? list.read_tag(*target, of) : list.read_plain(*target, of);
  return is_sound ? list : List{};
}

// A list of structs begins with a word that says how many there are, and how long each is.
bool List::read_tag(const Target& list, Of of) {
  const std::uint64_t words = count_of(list.pointer);
  if (!message_->take(list.at, words + 1)) return false;
  const std::uint64_t tag = message_->word_at(list.at);
  size_ = (static_cast<std::uint32_t>(tag) >> 2U) & kCount_mask;
  const std::uint64_t item_words = words_of(tag);
  if (kind_of(tag) != kStruct || item_words * size_ > words) {
    message_->set_fault("a list is longer than its words");
    return false;
  }
  // So many of nothing cost no bytes, but time.
  if (item_words == 0 && !message_->count(size_)) return false;
  pointer_count_ = static_cast<std::uint32_t>(pointer_count_of(tag));
  if (of == Of::pointers && pointer_count_ == 0) {
    message_->set_fault("a list has no pointers");
    return false;
  }
  at_ = (list.at + 1) * kWord_bytes;
  step_bits_ = item_words * kWord_bits;
  data_bits_ = data_words_of(tag) * kWord_bits;
  return true;
}

bool List::read_plain(const Target& list, Of of) {
  const unsigned code = size_code_of(list.pointer);
  size_ = count_of(list.pointer);
  data_bits_ = kItemData_bits[code];
  pointer_count_ = code == kPointer ? 1 : 0;
  step_bits_ = data_bits_ + pointer_count_ * kWord_bits;
  if (!message_->take(list.at, (size_ * step_bits_ + kWord_bits - 1) / kWord_bits)) return false;
  if (code == kVoid && !message_->count(size_)) return false;
  if (code == kBit || (of == Of::pointers && pointer_count_ == 0)) {
    message_->set_fault("a list has items of another kind");
    return false;
  }
  at_ = list.at * kWord_bytes;
  return true;
}

Struct List::item(std::uint32_t number) const {
  if (number >= size()) return {};
  const std::uint64_t at = at_ + number * step_bits_ / 8;
  return {message_, at, data_bits_, (at + data_bits_ / 8) / kWord_bytes, pointer_count_};
}

}  // namespace labreel::canonical
