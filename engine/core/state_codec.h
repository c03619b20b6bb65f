// StateWriter, StateReader: values to and from bytes, little endian, for saved states.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace labreel {

class StateWriter {
 public:
  template <class Integer>
  void put(Integer value) {
    static_assert(std::is_unsigned_v<Integer>);
    for (std::size_t i = 0; i < sizeof(Integer); ++i) bytes_.push_back(static_cast<char>(value >> (8 * i) & 0xffU));
  }
  void put_flag(bool value) { put(static_cast<std::uint8_t>(value)); }
  void put_count(std::size_t count) { put(static_cast<std::uint64_t>(count)); }
  void put_text(std::string_view text) {
    put_count(text.size());
    bytes_ += text;
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads what a StateWriter wrote, from bytes that may be hostile: after the first thing that does not fit, ok() is
// false and every value is 0, so that a caller may look once at the end of a part.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : bytes_(bytes) {}

  template <class Integer>
  Integer get() {
    static_assert(std::is_unsigned_v<Integer>);
    const std::string_view raw = get_raw(sizeof(Integer));
    Integer value = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      value = static_cast<Integer>(value | static_cast<Integer>(static_cast<unsigned char>(raw[i])) << (8 * i));
    }
    return value;
  }
  bool get_flag() {
    const auto value = get<std::uint8_t>();
    if (value > 1) fail();
    return ok_ && value == 1;
  }
  // Reads how many items follow; fails if the bytes that are left cannot hold so many of `bytes_each`.
  std::size_t get_count(std::size_t bytes_each) {
    const auto count = get<std::uint64_t>();
    if (count > (bytes_.size() - offset_) / bytes_each) fail();
    return ok_ ? static_cast<std::size_t>(count) : 0;
  }
  std::string_view get_text() { return get_raw(get_count(1)); }

  void fail() { ok_ = false; }
  bool ok() const { return ok_; }
  bool at_end() const { return offset_ == bytes_.size(); }
  std::size_t offset() const { return offset_; }

 private:
  std::string_view get_raw(std::size_t size) {
    if (!ok_ || size > bytes_.size() - offset_) {
      fail();
      return {};
    }
    const std::string_view raw = bytes_.substr(offset_, size);
    offset_ += size;
    return raw;
  }
  std::string_view bytes_;
  std::size_t offset_ = 0;
  bool ok_ = true;
};

}  // namespace labreel
