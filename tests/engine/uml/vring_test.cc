#include "engine/transports/vhost_user/vring.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

namespace labreel {
namespace {

// A guest's memory with one ring of 8 entries in it, written as a driver would, or would not.
class DriverRing {
 public:
  static constexpr std::uint64_t kBase = 0x10000;
  static constexpr std::uint64_t kDescriptors = kBase, kAvailable = kBase + 0x100, kUsed = kBase + 0x200,
                                 kData = kBase + 0x400;
  static constexpr std::uint16_t kNext = 1, kWrite = 2;

  DriverRing() : bytes_(0x1000) {
    memory.show(kBase, bytes_);
    REQUIRE(ring.set_size(8));
    REQUIRE(ring.set_addresses(memory, {kDescriptors, kAvailable, kUsed}));
    ring.enable(true);
  }
  template <class T>
  void write(std::uint64_t address, T value) {
    std::memcpy(bytes_.data() + (address - kBase), &value, sizeof value);
  }
  template <class T>
  T read(std::uint64_t address) {
    T value;
    std::memcpy(&value, bytes_.data() + (address - kBase), sizeof value);
    return value;
  }
  void describe(std::uint16_t index, std::uint64_t address, std::uint32_t length, std::uint16_t flags,
                std::uint16_t next = 0) {
    write(kDescriptors + 16U * index, address);
    write(kDescriptors + 16U * index + 8, length);
    write(kDescriptors + 16U * index + 12, flags);
    write(kDescriptors + 16U * index + 14, next);
  }
  void offer(std::uint16_t head) {
    write<std::uint16_t>(kAvailable + 4 + 2U * (offered_ % 8U), head);
    write<std::uint16_t>(kAvailable + 2, ++offered_);
  }
  void claim_offered(std::uint16_t count) { write<std::uint16_t>(kAvailable + 2, count); }
  Result<bool> take(Vring::Buffer& buffer) {
    ring.look();
    return ring.take(memory, buffer);
  }
  std::string error() {
    Vring::Buffer buffer;
    const auto taken = take(buffer);
    REQUIRE_FALSE(taken.ok());
    CHECK(taken.error().kind == ErrorKind::lab);
    return taken.error().what;
  }

  GuestMemory memory;
  Vring ring;

 private:
  alignas(16) std::vector<std::byte> bytes_;
  std::uint16_t offered_ = 0;
};

TEST_CASE("a ring gives the driver's buffers in order, and gives them back", "[vring]") {
  DriverRing driver;
  Vring::Buffer buffer;
  CHECK_FALSE(driver.take(buffer).value());
  driver.describe(0, DriverRing::kData, 12, DriverRing::kNext, 5);
  driver.describe(5, DriverRing::kData + 64, 100, 0);
  driver.describe(2, DriverRing::kData + 256, 50, DriverRing::kWrite);
  driver.offer(0);
  driver.offer(2);
  REQUIRE(driver.take(buffer).value());
  CHECK(buffer.head == 0);
  REQUIRE(buffer.parts.size() == 2);
  CHECK(buffer.parts[1].length == 100);
  CHECK_FALSE(buffer.parts[1].writable);
  driver.ring.give_back(buffer, 0);
  REQUIRE(driver.take(buffer).value());
  CHECK(buffer.parts.at(0).writable);
  driver.ring.untake();
  REQUIRE(driver.take(buffer).value());
  CHECK(buffer.head == 2);
  driver.ring.give_back(buffer, 33);
  CHECK(driver.read<std::uint16_t>(DriverRing::kUsed + 2) == 2);
  CHECK(driver.read<std::uint32_t>(DriverRing::kUsed + 4 + 8) == 2);
  CHECK(driver.read<std::uint32_t>(DriverRing::kUsed + 4 + 12) == 33);
}

TEST_CASE("indices wrap around 65536", "[vring]") {
  DriverRing driver;
  Vring::Buffer buffer;
  driver.describe(3, DriverRing::kData, 10, 0);
  for (std::uint32_t i = 0; i < 70'000; ++i) {
    driver.offer(3);
    REQUIRE(driver.take(buffer).value());
    driver.ring.give_back(buffer, 0);
  }
  CHECK(driver.read<std::uint16_t>(DriverRing::kUsed + 2) == static_cast<std::uint16_t>(70'000));
}

TEST_CASE("a ring gives what it offered when somebody looked, and no descriptor of it twice", "[vring]") {
  DriverRing driver;
  Vring::Buffer buffer;
  for (std::uint16_t i = 0; i < 8; ++i) driver.describe(i, DriverRing::kData, 10, 0);
  driver.offer(0);
  driver.ring.look();
  REQUIRE(driver.ring.take(driver.memory, buffer).value());
  driver.offer(1);
  CHECK_FALSE(driver.ring.take(driver.memory, buffer).value());
  CHECK(driver.take(buffer).value());

  driver.describe(2, DriverRing::kData, 0, DriverRing::kNext, 3);
  for (int i = 0; i < 5; ++i) driver.offer(2);
  driver.ring.look();
  for (int i = 0; i < 4; ++i) REQUIRE(driver.ring.take(driver.memory, buffer).value());
  const auto again = driver.ring.take(driver.memory, buffer);
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().what == "the guest's virtqueue has a loop of descriptors, or offers one twice");
}

TEST_CASE("a hostile ring is an error that says what is wrong", "[vring]") {
  DriverRing driver;
  SECTION("a head beyond the table") {
    driver.offer(8);
    CHECK(driver.error() == "the guest's virtqueue names descriptor 8 of 8");
  }
  SECTION("a next beyond the table") {
    driver.describe(0, DriverRing::kData, 1, DriverRing::kNext, 60'000);
    driver.offer(0);
    CHECK(driver.error() == "the guest's virtqueue names descriptor 60000 of 8");
  }
  SECTION("a loop") {
    driver.describe(0, DriverRing::kData, 1, DriverRing::kNext, 1);
    driver.describe(1, DriverRing::kData, 1, DriverRing::kNext, 0);
    driver.offer(0);
    CHECK(driver.error() == "the guest's virtqueue has a loop of descriptors, or offers one twice");
  }
  SECTION("more offered than there is") {
    driver.claim_offered(9);
    CHECK(driver.error() == "the guest's virtqueue offers 9 buffers and has 8");
  }
  SECTION("a buffer outside its memory") {
    driver.describe(0, 0x10, 4, 0);
    driver.offer(0);
    CHECK(driver.error() == "the guest's virtqueue names a buffer outside its memory");
  }
  SECTION("a buffer that leaves its memory") {
    driver.describe(0, DriverRing::kBase + 0xffe, 4, 0);
    driver.offer(0);
    CHECK(driver.error() == "the guest's virtqueue names a buffer outside its memory");
  }
  SECTION("a buffer that wraps around the address space") {
    driver.describe(0, ~std::uint64_t{0} - 1, 0xffffffff, 0);
    driver.offer(0);
    CHECK(driver.error() == "the guest's virtqueue names a buffer outside its memory");
  }
  SECTION("an indirect table, which was not offered") {
    driver.describe(0, DriverRing::kData, 16, 4);
    driver.offer(0);
    CHECK(driver.error() == "the guest's virtqueue uses features that were not offered");
  }
}

TEST_CASE("a ring's size and place are checked when they are set", "[vring]") {
  DriverRing driver;
  CHECK_FALSE(driver.ring.set_size(0));
  CHECK_FALSE(driver.ring.set_size(7));
  CHECK_FALSE(driver.ring.set_size(65'536));
  REQUIRE(driver.ring.set_size(8));
  CHECK_FALSE(driver.ring.ready());
  CHECK_FALSE(
      driver.ring.set_addresses(driver.memory, {DriverRing::kBase + 0xff8, DriverRing::kAvailable, DriverRing::kUsed}));
  CHECK_FALSE(driver.ring.set_addresses(driver.memory,
                                        {DriverRing::kDescriptors + 1, DriverRing::kAvailable, DriverRing::kUsed}));
  CHECK_FALSE(driver.ring.set_addresses(driver.memory, {DriverRing::kDescriptors, DriverRing::kAvailable, 0}));
  CHECK(
      driver.ring.set_addresses(driver.memory, {DriverRing::kDescriptors, DriverRing::kAvailable, DriverRing::kUsed}));
}

}  // namespace
}  // namespace labreel
