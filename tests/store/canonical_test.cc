// What WebAssembly reads events and hashes with (store/format) is held equal to libcapnp and OpenSSL.
#include <catch2/catch.hpp>
#include <random>

#include "engine/text/hex.h"
#include "store/codec.h"
#include "store/digest.h"
#include "store/format/canonical_codec.h"
#include "store/format/sha256.h"
#include "test_reel.h"

namespace labreel {
namespace {

std::uint8_t number_of(const EventBody& body) { return static_cast<std::uint8_t>(kind_of(body)); }

// Both read the same event, or both refuse; says whether they read one.
bool same_by_both(std::uint8_t kind, const std::string& payload) {
  const auto theirs = decode(kind, bytes_of_text(payload));
  const auto ours = canonical::decode(kind, bytes_of_text(payload));
  INFO("kind " << int{kind} << ", payload " << to_hex(payload));
  if (!theirs) UNSCOPED_INFO("libcapnp: " << theirs.error().what);
  if (!ours) UNSCOPED_INFO("store/format: " << ours.error().what);
  REQUIRE(theirs.ok() == ours.ok());
  if (!theirs) return false;
  REQUIRE(kind_of(*theirs) == kind_of(*ours));
  REQUIRE(encode(*theirs) == encode(*ours));
  return true;
}

std::string plain_sha256(const std::string& bytes, std::size_t piece) {
  PlainSha256 hash;
  for (std::size_t at = 0; at < bytes.size(); at += piece) hash.update(bytes_of_text(bytes).subspan(at, std::min(piece, bytes.size() - at)));
  return hex_of(hash.finish());
}

}  // namespace

TEST_CASE("every kind of event reads the same without Cap'n Proto") {
  for (const EventBody& body : one_of_each()) CHECK(same_by_both(number_of(body), encode(body)));
}

TEST_CASE("a body whose fields are all unset reads the same without Cap'n Proto") {
  for (unsigned kind = 0; kind < 256; ++kind) {
    same_by_both(static_cast<std::uint8_t>(kind), std::string(8, '\0'));
    same_by_both(static_cast<std::uint8_t>(kind), std::string(7, '\0'));
    same_by_both(static_cast<std::uint8_t>(kind), "");
  }
}

TEST_CASE("a body with any bit flipped reads the same without Cap'n Proto") {
  std::size_t read = 0;
  std::size_t refused = 0;
  for (const EventBody& body : one_of_each()) {
    const std::string whole = encode(body);
    for (std::size_t bit = 0; bit < 8 * std::min<std::size_t>(whole.size(), 256); ++bit) {
      std::string flipped = whole;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      ++(same_by_both(number_of(body), flipped) ? read : refused);
    }
  }
  CHECK(read > 1'000);
  CHECK(refused > 1'000);
}

// Words that a stranger would choose: pointers of each sort to each place nearby.
TEST_CASE("a body of hostile pointers reads the same without Cap'n Proto") {
  std::mt19937_64 draw{42};
  const auto pointer = [&]() -> std::uint64_t {
    const std::uint64_t kind = draw() % 4;
    const std::uint64_t offset = draw() % 8 == 0 ? draw() : (draw() % 12 - 3);
    const std::uint64_t low = (offset << 2U | kind) & 0xFFFFFFFFU;
    if (kind == 0) return low | draw() % 5 << 32U | draw() % 5 << 48U;
    if (kind == 1) return low | draw() % 8 << 32U | draw() % (draw() % 8 == 0 ? 0x20000000 : 24) << 35U;
    if (kind == 2) return (draw() % 12 << 3U | (draw() % 2) << 2U | kind) | (draw() % 8 == 0 ? draw() : 0) << 32U;
    return draw() % 2 == 0 ? 0 : low;
  };
  std::size_t read = 0;
  std::vector<std::uint8_t> kinds;
  for (const EventBody& body : one_of_each()) kinds.push_back(number_of(body));
  for (int round = 0; round < 200'000; ++round) {
    std::string payload(8 * (1 + draw() % 12), '\0');
    for (std::size_t at = 0; at < payload.size(); at += 8) {
      const std::uint64_t word = draw() % 4 == 0 ? draw() % 256 : pointer();
      std::memcpy(payload.data() + at, &word, sizeof(word));
    }
    if (same_by_both(kinds[draw() % kinds.size()], payload)) ++read;
  }
  CHECK(read > 10'000);
}

TEST_CASE("the plain SHA-256 gives the standard's own examples") {
  CHECK(plain_sha256("abc", 64) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(plain_sha256("", 1) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(plain_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 7) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("the plain SHA-256 is OpenSSL's at every length and in every piece") {
  std::mt19937 draw{7};
  std::string bytes;
  for (std::size_t length = 0; length < 300; ++length) {
    const std::string theirs = hex_of(sha256_of(bytes));
    for (const std::size_t piece : {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{65}, std::size_t{1000}}) {
      REQUIRE(plain_sha256(bytes, piece) == theirs);
    }
    bytes += static_cast<char>(draw());
  }
}

}  // namespace labreel
