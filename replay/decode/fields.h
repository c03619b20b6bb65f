// What the protocols of the decoder are written with: the walk through a frame, and the fields of one layer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "replay/decode/decode.h"
#include "replay/summary/byte_reader.h"

namespace labreel::decode {

// What a number is called: {6, "TCP"}.
struct Word {
  std::uint64_t number;
  std::string_view text;
};
using Words = std::span<const Word>;
// Returns the number's word, or an empty text.
std::string_view word_of(Words words, std::uint64_t number);

std::string hex_number(std::uint64_t number, unsigned digits);  // "0x0800"
std::string hex_bytes(Bytes bytes);                             // "01:02:03"; of more than 256 bytes the first, then "…+n"

// One frame while it is taken apart.
class Walk {
 public:
  static constexpr std::size_t kLayers_max = 64;
  static constexpr std::size_t kFields_max = 4096;

  Walk(Bytes frame, DecodedFrame& decoded) : frame_(frame), decoded_(decoded) {}

  // No more layer is taken. Each layer that leads to another asks first, so this also limits how deep the decoders call one another.
  bool is_full() const { return decoded_.layers.size() >= kLayers_max || fields_ >= kFields_max; }
  // Says that the bytes behind the packet are no part of it. The first to say so is the outermost packet, so the rest is Ethernet's.
  void end_of_packet(const std::byte* end);
  // What is behind the outermost packet, in the frame.
  Bytes trailer() const { return trailer_; }

 private:
  friend class Fields;
  Bytes frame_;
  DecodedFrame& decoded_;
  Bytes trailer_;
  bool has_ended_ = false;
  std::size_t fields_ = 0;
};

// One layer while it is read: each call takes the next bytes and notes them as a field.
//
// Shape: what is not wholly there is not noted and reads as 0 or nothing; the layer's title then says "[truncated]", and ok() is
//        false for good. Names are Wireshark's.
class Fields {
 public:
  Fields(Walk& walk, Bytes bytes, std::string_view name, std::string_view title);
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  bool ok() const { return ok_; }
  std::size_t left() const { return in_.left(); }
  Bytes rest() const { return in_.rest(); }

  // A number of `size` bytes, at most 8, big endian.
  std::uint64_t dec(std::size_t size, std::string_view name, std::string_view label, Words words = {});
  std::uint64_t hex(std::size_t size, std::string_view name, std::string_view label, Words words = {});
  std::uint64_t read(std::size_t size);  // without a field of its own: parts follow
  // Bits of the number that was read last, in those of its bytes that have them; `digits` 0 is decimal.
  std::uint64_t part(std::uint64_t mask, std::string_view name, std::string_view label, Words words = {}, unsigned digits = 0);
  // The same in a unit of its own: 5 words of 4 bytes are "20".
  std::uint64_t scaled_part(std::uint64_t mask, std::uint64_t unit, std::string_view name, std::string_view label);
  bool flag(std::uint64_t mask, std::string_view name, std::string_view label);

  void mac(std::string_view name, std::string_view label);
  void ipv4(std::string_view name, std::string_view label);
  void ipv6(std::string_view name, std::string_view label);
  Bytes bytes(std::size_t size, std::string_view name, std::string_view label);
  Bytes text(std::size_t size, std::string_view name, std::string_view label);
  Bytes skip(std::size_t size);
  // Reads ahead, and notes nothing. 0 if that is not there.
  std::uint64_t peek(std::size_t at, std::size_t size) const;

  // Bits of the number that was read last, as text.
  void part_text(std::uint64_t mask, std::string_view name, std::string_view label, std::string value);
  // The next `size` bytes, or those of them that are there, as one field without a value: its parts follow. Wireshark has no name
  // for some of these.
  void group(std::size_t size, std::string_view name, std::string_view label);
  // A value of bytes that were read, or are still there.
  void note(std::string_view name, std::string_view label, std::string value, Bytes where);
  // A value that stands in no byte: it was computed.
  void computed(std::string_view name, std::string_view label, std::string value);
  void title(std::string_view title);
  void add_to_title(std::string_view more);

  // Calls `read` with only the next `size` bytes there, and goes on behind them, whatever it read.
  template <class Read>
  void within(std::size_t size, Read read) {
    const Bytes inner = skip(size);
    const summary::ByteReader outer = in_;
    in_ = summary::ByteReader{inner};
    read();
    in_ = outer;
  }
  // The next fields are parts of the one before, until this ends.
  class Parts {
   public:
    explicit Parts(Fields& fields) : fields_(fields) { ++fields_.level_; }
    ~Parts() { --fields_.level_; }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

   private:
    Fields& fields_;
  };
  Parts parts() { return Parts{*this}; }

 private:
  Bytes place_of(std::uint64_t mask) const;
  void missing();
  Layer& layer();

  Walk& walk_;
  std::size_t index_;
  summary::ByteReader in_;
  Bytes last_;  // where the number stood that was read last
  std::uint64_t last_number_ = 0;
  std::uint8_t level_ = 0;
  bool ok_ = true;
};

}  // namespace labreel::decode
