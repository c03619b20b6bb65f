// Reads one message of one segment of Cap'n Proto, without its library: for WebAssembly, which has none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "engine/core/event.h"

namespace labreel::canonical {

// Shape:  a message that somebody wrote, and what may still be read of it. What leads astray is said once, by fault(); from
//         there on every field reads as its default, so that nothing behind a fault can be believed, nor do harm.
//         How deep structs lie in one another is up to who asks for their fields, so no message can make it deep. As libcapnp does, it counts the words that pointers lead to, each time; an honest body has each once.
// Source: https://capnproto.org/encoding.html. Held equal to libcapnp by tests/store/canonical_test.cc and tests/fuzz/canonical.cc.
class Message {
 public:
  // Borrows the words. Shape: no more than `words_max` of them are read, a word for each time.
  Message(Bytes words, std::uint64_t words_max) : bytes_(words), words_left_(words_max) {}
  // The readers of its structs point here.
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  // What is wrong, in words; null if nothing was met.
  const char* fault() const { return fault_; }

  // The fields of the struct that the message's first word leads to.
  template <class Struct>
  Struct root();

 private:
  friend class Struct;
  friend class List;

  std::uint64_t words() const { return bytes_.size() / sizeof(std::uint64_t); }
  std::uint64_t word_at(std::uint64_t word) const {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes_.data() + word * sizeof(value), sizeof(value));
    return value;
  }
  void set_fault(const char* what) {
    if (fault_ == nullptr) fault_ = what;
  }
  // Says whether so many words are there, and may be read; they are counted.
  bool take(std::uint64_t at, std::uint64_t count);
  bool count(std::uint64_t words);

  Bytes bytes_;
  std::uint64_t words_left_;
  const char* fault_ = nullptr;
};

// A pointer whose target was found: its own word, and where it leads.
struct Target {
  std::uint64_t pointer = 0;
  std::uint64_t at = 0;  // a word
};

class List;

// The fields of one struct: data by the bit where it begins, pointers by their number.
//
// Shape: what the writer did not know of reads as 0 or empty, as schemas grow so.
class Struct {
 public:
  Struct() = default;

  template <class Integer>
  Integer number(std::uint32_t bit) const {
    Integer value{};
    if (message_ == nullptr || message_->fault() != nullptr || bit + 8 * sizeof(Integer) > data_bits_) return value;
    std::memcpy(&value, message_->bytes_.data() + data_at_ + bit / 8, sizeof(value));
    return value;
  }
  bool truth(std::uint32_t bit) const {
    if (message_ == nullptr || message_->fault() != nullptr || bit >= data_bits_) return false;
    return ((static_cast<unsigned>(message_->bytes_[data_at_ + bit / 8]) >> (bit % 8)) & 1U) != 0;
  }
  std::string_view text(std::uint32_t pointer) const;
  std::string_view data(std::uint32_t pointer) const;
  Struct fields(std::uint32_t pointer) const;
  List structs(std::uint32_t pointer) const;  // a list of structs
  List datas(std::uint32_t pointer) const;    // a list of Data

 private:
  friend class Message;
  friend class List;
  Struct(Message* message, std::uint64_t data_at, std::uint64_t data_bits, std::uint64_t pointers_at,
         std::uint32_t pointer_count)
      : message_(message), data_at_(data_at), data_bits_(data_bits), pointers_at_(pointers_at),
        pointer_count_(pointer_count) {}

  static Struct at(Message* message, std::uint64_t word);
  static std::optional<Target> follow(Message& message, std::uint64_t word);
  static std::optional<std::string_view> bytes_at(Message* message, std::uint64_t word);
  bool has(std::uint32_t pointer) const {
    return message_ != nullptr && message_->fault() == nullptr && pointer < pointer_count_;
  }

  Message* message_ = nullptr;  // null: a struct that is not there
  std::uint64_t data_at_ = 0;   // a byte
  std::uint64_t data_bits_ = 0;
  std::uint64_t pointers_at_ = 0;  // a word
  std::uint32_t pointer_count_ = 0;
};

// The items of one list, each as a struct: of a list of Data its pointer is the struct's first.
class List {
 public:
  List() = default;
  std::uint32_t size() const { return message_ != nullptr && message_->fault() == nullptr ? size_ : 0; }
  Struct item(std::uint32_t number) const;

 private:
  friend class Struct;
  enum class Of : std::uint8_t { structs, pointers };
  static List at(Message* message, std::uint64_t word, Of of);
  bool read_tag(const Target& list, Of of);
  bool read_plain(const Target& list, Of of);

  Message* message_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint64_t at_ = 0;        // the first item's byte
  std::uint64_t step_bits_ = 0;
  std::uint64_t data_bits_ = 0;
  std::uint32_t pointer_count_ = 0;
};

template <class Root>
Root Message::root() {
  // The word of the root is counted twice, as libcapnp counts it.
  if (!take(0, 1) || !take(0, 1)) return Root{};
  return Root{Struct::at(this, 0)};
}

}  // namespace labreel::canonical
