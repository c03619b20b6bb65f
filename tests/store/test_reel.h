// What the store's tests share: a folder that goes away, one event of every kind, owned events, a filled reel.
#pragma once

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/os/owned_fd.h"
#include "store/reel_reader.h"
#include "store/reel_writer.h"
#include "tests/temp_folder.h"

namespace labreel {

inline Bytes bytes_of_text(const std::string& text) { return {reinterpret_cast<const std::byte*>(text.data()), text.size()}; }
inline std::string text_of_bytes(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}
inline void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  REQUIRE(file.good());
}

// A file's descriptor; not open if it cannot be had.
inline OwnedFd descriptor_of(const std::string& path) {
  return OwnedFd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
}

// Flips bits of one byte in place; again, and it is as before.
inline void flip(const std::string& path, std::size_t at, int mask) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ mask));
  REQUIRE(file.good());
}

// An event that owns a frame's bytes and copies, so that events can be compared.
struct OwnedEvent {
  std::uint64_t seq = 0;
  std::uint64_t time_ns = 0;
  std::uint64_t cause = 0;
  EventBody body;  // a Frame without its spans
  std::string frame_bytes;
  std::vector<Copy> frame_copies;

  bool operator==(const OwnedEvent& other) const {
    if (seq != other.seq || time_ns != other.time_ns || cause != other.cause || body.index() != other.body.index()) return false;
    if (const auto* frame = std::get_if<Frame>(&body)) {
      const auto& theirs = std::get<Frame>(other.body);
      return frame->port == theirs.port && frame->length == theirs.length && frame_bytes == other.frame_bytes &&
             frame_copies == other.frame_copies;
    }
    return std::visit(
        [&](const auto& mine) {
          using Body = std::decay_t<decltype(mine)>;
          if constexpr (std::is_same_v<Body, Frame>) return false;
          else return mine == std::get<Body>(other.body);
        },
        body);
  }
};

inline OwnedEvent owned(const Event& event) {
  OwnedEvent own{event.seq.value, event.time.ns, event.cause.value, event.body, {}, {}};
  if (auto* frame = std::get_if<Frame>(&own.body)) {
    own.frame_bytes = text_of_bytes(frame->bytes);
    own.frame_copies.assign(frame->copies.begin(), frame->copies.end());
    frame->bytes = {};
    frame->copies = {};
  }
  return own;
}

// A reel's events up to its end or its first error.
struct ReadReel {
  std::vector<OwnedEvent> events;
  std::optional<Error> error;
};
inline ReadReel read_all(const ReelReader& reader, Seq from = Seq{1}, Seq to = Seq{~std::uint64_t{0}}) {
  ReadReel read;
  ReelReader::Cursor cursor = reader.events(from, to);
  Event event{};
  for (;;) {
    const Result<bool> more = cursor.next(event);
    if (!more) {
      read.error = more.error();
      return read;
    }
    if (!*more) return read;
    read.events.push_back(owned(event));
  }
}

// One body of every kind but Frame, in the order of the kinds, with every field set to something of its own.
std::vector<EventBody> one_of_each();

// A recording that both goes into a reel and is remembered.
class Script {
 public:
  explicit Script(EventSink& sink, std::uint64_t begin_ns = 0) : sink_(sink), now_ns_(begin_ns) {}
  void add(const EventBody& body, Seq cause = {});
  void frame(const std::string& bytes, std::vector<Copy> copies);
  // Every kind once, and `frames` frames of many sizes between them.
  void fill(std::size_t frames, unsigned seed = 1);
  const std::vector<OwnedEvent>& events() const { return events_; }

 private:
  EventSink& sink_;
  std::uint64_t now_ns_;
  std::vector<OwnedEvent> events_;
};

// Small pages and a small ring, so that a few events fill many; commits only when they are full or at the seal.
ReelOptions small_options();
// As small_options, but what is appended stays in the ring.
ReelOptions uncommitted_options(std::size_t ring_pages);

// Writes a sealed reel and returns its events.
std::vector<OwnedEvent> write_sealed(const std::string& path, std::size_t frames, const ReelOptions& options = small_options());

}  // namespace labreel
