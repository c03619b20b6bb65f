#include "load.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

#include "store/codec.h"
#include "store/format.h"

namespace labreel {
namespace {

constexpr PortId kSender{3};

// SplitMix64: a few draws for each event, whichever event was made before.
class Draws {
 public:
  explicit Draws(std::uint64_t state) : state_(state) {}
  std::uint64_t next() {
    std::uint64_t word = state_ += 0x9E3779B97F4A7C15;
    word = (word ^ (word >> 30U)) * 0xBF58476D1CE4E5B9;
    word = (word ^ (word >> 27U)) * 0x94D049BB133111EB;
    return word ^ (word >> 31U);
  }

 private:
  std::uint64_t state_;
};

Bytes bytes_in(const std::string& text) { return {reinterpret_cast<const std::byte*>(text.data()), text.size()}; }

std::string sha256_of(const std::string& bytes) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

}  // namespace

void Load::make(std::uint64_t seq, Made& made) const {
  Draws draws{seed_ ^ (seq * 0xD1342543DE82EF95)};
  made.at = LabTime{seq / 3 * 1000};  // some share a stamp
  made.cause = Seq{};
  made.bytes.resize(14 + draws.next() % 500);
  for (std::size_t i = 0; i < made.bytes.size(); i += sizeof(std::uint64_t)) {
    const std::uint64_t word = draws.next();
    std::memcpy(made.bytes.data() + i, &word, std::min(sizeof(word), made.bytes.size() - i));
  }
  if (seq % 17 == 0) {
    made.cause = Seq{seq - 1 - draws.next() % 10};
    made.body = ExecOutput{NodeId{2}, Stream::stdout_stream, made.bytes};
  } else if (seq % 29 == 0) {
    made.body = Marker{"event " + std::to_string(seq), "note"};
  } else {
    made.copies.resize(1 + draws.next() % 3);
    for (Copy& copy : made.copies) {
      const auto port = static_cast<std::uint32_t>(draws.next() % 9);
      copy = {PortId{port}, static_cast<Reason>(draws.next() % kReasonCount), kDuplicated, 0, made.at};
    }
    made.body = Frame{kSender, bytes_in(made.bytes), made.copies, static_cast<std::uint32_t>(made.bytes.size())};
  }
}

Seq Load::append(EventSink& sink, std::uint64_t seq) const {
  Made made;
  make(seq, made);
  if (const auto* frame = std::get_if<Frame>(&made.body)) {
    return sink.append_frame(made.at, frame->port, frame->bytes, frame->copies);
  }
  return sink.append(made.at, made.cause, made.body);
}

bool Load::is(const Event& event) const {
  Made made;
  make(event.seq.value, made);
  if (event.time != made.at || event.cause != made.cause || event.kind() != kind_of(made.body)) return false;
  if (const auto* mine = std::get_if<Frame>(&made.body)) {
    const auto& theirs = std::get<Frame>(event.body);
    return mine->port == theirs.port && mine->length == theirs.length && std::ranges::equal(mine->bytes, theirs.bytes) &&
           std::ranges::equal(mine->copies, theirs.copies);
  }
  if (const auto* mine = std::get_if<ExecOutput>(&made.body)) return *mine == std::get<ExecOutput>(event.body);
  return std::get<Marker>(made.body) == std::get<Marker>(event.body);
}

std::string Load::canonical(std::uint64_t seq) const {
  Made made;
  make(seq, made);
  Record record{.time_ns = made.at.ns, .cause = made.cause.value, .kind = static_cast<std::uint8_t>(kind_of(made.body))};
  std::string payload;
  if (std::holds_alternative<Frame>(made.body)) {
    record.copies = static_cast<std::uint16_t>(made.copies.size());
    record.subject = index_of(kSender);
    payload.assign(reinterpret_cast<const char*>(made.copies.data()), made.copies.size() * sizeof(Copy));
    payload += made.bytes;
  } else {
    record.subject = subject_of(made.body);
    payload = encode(made.body);
  }
  record.payload_length = static_cast<std::uint32_t>(payload.size());
  return std::string(reinterpret_cast<const char*>(&record), sizeof(record)) + payload;
}

std::uint64_t Load::payload_bytes(std::uint64_t seq) const { return padded(canonical(seq).size() - sizeof(Record)); }

std::string Load::digest_at(std::uint64_t seq) const {
  std::string hash = sha256_of("labreel digest 1\n");
  for (std::uint64_t next = 1; next <= seq;) {
    std::string block = hash;
    const std::uint64_t end = std::min(seq, (next - 1) / kEventsPerBlock * kEventsPerBlock + kEventsPerBlock);
    for (; next <= end; ++next) block += canonical(next);
    hash = sha256_of(block);
  }
  std::string hex;
  for (const char byte : hash) {
    hex += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4U];
    hex += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15U];
  }
  return hex;
}

}  // namespace labreel
