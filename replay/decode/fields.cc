#include "replay/decode/fields.h"

#include <algorithm>
#include <bit>

#include "engine/text/hex.h"
#include "engine/text/text.h"
#include "replay/address_text.h"

namespace labreel::decode {
namespace {

std::string with_word(std::string value, std::uint64_t number, Words words) {
  const std::string_view word = word_of(words, number);
  return word.empty() ? value : value + " (" + std::string(word) + ")";
}

}  // namespace

std::string_view word_of(Words words, std::uint64_t number) {
  const auto found = std::find_if(words.begin(), words.end(), [&](const Word& word) { return word.number == number; });
  return found == words.end() ? std::string_view{} : found->text;
}

std::string hex_number(std::uint64_t number, unsigned digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "0x";
  for (unsigned i = digits; i-- > 0;) text += kDigits[number >> 4U * i & 0xfU];
  return text;
}

std::string hex_bytes(Bytes bytes) {
  constexpr std::size_t kShown_max = 256;
  const Bytes shown = bytes.first(std::min(bytes.size(), kShown_max));
  std::string text = hardware_address(shown);
  if (shown.size() < bytes.size()) text += "…+" + std::to_string(bytes.size() - shown.size());
  return text;
}

void Walk::end_of_packet(const std::byte* end) {
  if (has_ended_) return;
  has_ended_ = true;
  trailer_ = frame_.subspan(static_cast<std::size_t>(end - frame_.data()));
}

Fields::Fields(Walk& walk, Bytes bytes, std::string_view name, std::string_view title)
    : walk_(walk), index_(walk.decoded_.layers.size()), in_(bytes), last_(bytes.first(0)) {
  const auto offset = static_cast<std::uint32_t>(bytes.data() - walk.frame_.data());
  walk.decoded_.layers.push_back(Layer{std::string(name), std::string(title), offset, 0, {}});
}

Layer& Fields::layer() { return walk_.decoded_.layers[index_]; }

void Fields::missing() {
  if (ok_) layer().title += " [truncated]";
  ok_ = false;
}

void Fields::note(std::string_view name, std::string_view label, std::string value, Bytes where) {
  if (walk_.fields_ == Walk::kFields_max) layer().title += " [and more fields]";
  if (walk_.fields_++ >= Walk::kFields_max) return;
  Field field{std::string(name), std::string(label), std::move(value), 0, static_cast<std::uint32_t>(where.size()), level_};
  field.offset = static_cast<std::uint32_t>(where.data() - walk_.frame_.data());
  layer().length = std::max(layer().length, field.offset + field.length - layer().offset);
  layer().fields.push_back(std::move(field));
}

void Fields::computed(std::string_view name, std::string_view label, std::string value) {
  note(name, label, std::move(value), walk_.frame_.subspan(layer().offset, 0));
}

void Fields::title(std::string_view title) { layer().title = title; }
void Fields::add_to_title(std::string_view more) { layer().title += more; }

Bytes Fields::skip(std::size_t size) {
  if (size > in_.left()) missing();
  const Bytes taken = in_.take(std::min(size, in_.left()));
  if (taken.empty()) return in_.rest().first(0);
  const auto end = static_cast<std::uint32_t>(taken.data() + taken.size() - walk_.frame_.data());
  layer().length = std::max(layer().length, end - layer().offset);
  return taken;
}

std::uint64_t Fields::read(std::size_t size) {
  last_ = skip(size);
  if (last_.size() < size) last_ = {};  // what was there of it is passed over, so that every reading goes on
  last_number_ = 0;
  for (const std::byte byte : last_) last_number_ = last_number_ << 8U | std::to_integer<std::uint64_t>(byte);
  return last_number_;
}

std::uint64_t Fields::peek(std::size_t at, std::size_t size) const {
  const Bytes rest = in_.rest();
  if (at > rest.size() || size > rest.size() - at) return 0;
  std::uint64_t value = 0;
  for (const std::byte byte : rest.subspan(at, size)) value = value << 8U | std::to_integer<std::uint64_t>(byte);
  return value;
}

std::uint64_t Fields::dec(std::size_t size, std::string_view name, std::string_view label, Words words) {
  const std::uint64_t value = read(size);
  if (!last_.empty()) note(name, label, with_word(std::to_string(value), value, words), last_);
  return value;
}

std::uint64_t Fields::hex(std::size_t size, std::string_view name, std::string_view label, Words words) {
  const std::uint64_t value = read(size);
  if (!last_.empty()) note(name, label, with_word(hex_number(value, static_cast<unsigned>(2 * size)), value, words), last_);
  return value;
}

Bytes Fields::place_of(std::uint64_t mask) const {
  const std::size_t first = last_.size() - (static_cast<std::size_t>(std::bit_width(mask)) + 7) / 8;
  const std::size_t behind = static_cast<std::size_t>(std::countr_zero(mask)) / 8;
  return last_.subspan(first, last_.size() - behind - first);
}

std::uint64_t Fields::part(std::uint64_t mask, std::string_view name, std::string_view label, Words words, unsigned digits) {
  if (last_.empty()) return 0;
  const std::uint64_t value = (last_number_ & mask) >> static_cast<unsigned>(std::countr_zero(mask));
  note(name, label, with_word(digits == 0 ? std::to_string(value) : hex_number(value, digits), value, words), place_of(mask));
  return value;
}

std::uint64_t Fields::scaled_part(std::uint64_t mask, std::uint64_t unit, std::string_view name, std::string_view label) {
  if (last_.empty()) return 0;
  const std::uint64_t value = ((last_number_ & mask) >> static_cast<unsigned>(std::countr_zero(mask))) * unit;
  note(name, label, std::to_string(value), place_of(mask));
  return value;
}

void Fields::part_text(std::uint64_t mask, std::string_view name, std::string_view label, std::string value) {
  if (!last_.empty()) note(name, label, std::move(value), place_of(mask));
}

void Fields::group(std::size_t size, std::string_view name, std::string_view label) {
  note(name, label, {}, in_.rest().first(std::min(size, in_.left())));
}

bool Fields::flag(std::uint64_t mask, std::string_view name, std::string_view label) { return part(mask, name, label) != 0; }

void Fields::mac(std::string_view name, std::string_view label) { bytes(6, name, label); }

void Fields::ipv4(std::string_view name, std::string_view label) {
  if (left() < 4) return static_cast<void>(skip(4));
  const Bytes address = skip(4);
  note(name, label, ipv4_address(address), address);
}

void Fields::ipv6(std::string_view name, std::string_view label) {
  if (left() < 16) return static_cast<void>(skip(16));
  const Bytes address = skip(16);
  note(name, label, ipv6_address(address), address);
}

Bytes Fields::bytes(std::size_t size, std::string_view name, std::string_view label) {
  const Bytes taken = skip(size);
  if (!taken.empty()) note(name, label, hex_bytes(taken), taken);
  return taken;
}

Bytes Fields::text(std::size_t size, std::string_view name, std::string_view label) {
  const Bytes taken = skip(size);
  note(name, label, printable(as_text(taken)), taken);
  return taken;
}

}  // namespace labreel::decode
