#include "engine/transports/vhost_user/device.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <string>
#include <thread>

namespace labreel {
namespace {

constexpr std::uint64_t kMemory_bytes = 0x4000;
constexpr std::uint64_t kRings[2] = {0x0000, 0x1000};  // descriptors; available at + 0x200, used at + 0x400
constexpr std::uint64_t kData = 0x2000;

template <class... T>
std::vector<std::byte> bytes_of(T... values) {
  std::vector<std::byte> bytes;
  const auto add = [&](auto value) {
    const std::size_t at = bytes.size();
    bytes.resize(at + sizeof value);
    std::memcpy(bytes.data() + at, &value, sizeof value);
  };
  (add(values), ...);
  return bytes;
}

// The driver's side of a device, over a real socket and a real shared file.
class Driver {
 public:
  explicit Driver(DeviceProfile profile) : device(std::move(profile)) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    device.connect(OwnedFd(ends[0]));
    socket = Channel(OwnedFd(ends[1]));
    file = OwnedFd(::memfd_create("guest", MFD_CLOEXEC));
    REQUIRE(::ftruncate(file.get(), kMemory_bytes) == 0);
    memory = static_cast<std::byte*>(::mmap(nullptr, kMemory_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0));
  }
  ~Driver() { ::munmap(memory, kMemory_bytes); }

  Result<VhostDevice::Served> send(std::uint32_t kind, const std::vector<std::byte>& payload,
                                   std::span<const int> fds = {}) {
    auto message = bytes_of(kind, std::uint32_t{9}, static_cast<std::uint32_t>(payload.size()));
    message.insert(message.end(), payload.begin(), payload.end());
    REQUIRE(socket.write(message, fds));
    return device.serve([this](Bytes bytes) { output.emplace_back(bytes.begin(), bytes.end()); });
  }
  std::vector<std::byte> answer(std::size_t payload_bytes) {
    std::vector<std::byte> bytes(12 + payload_bytes);
    REQUIRE(socket.read(bytes).value());
    return {bytes.begin() + 12, bytes.end()};
  }
  void share(std::uint64_t size = kMemory_bytes) {
    const int fd = file.get();
    REQUIRE(send(5, bytes_of(1U, 0U, std::uint64_t{0}, size, std::uint64_t{0}, std::uint64_t{0}), {&fd, 1}));
  }
  void set_up() {
    share();
    for (std::uint32_t queue = 0; queue < 2; ++queue) {
      REQUIRE(send(8, bytes_of(queue, 8U)));
      REQUIRE(send(10, bytes_of(queue, 0U)));
      REQUIRE(
          send(9, bytes_of(queue, 0U, kRings[queue], kRings[queue] + 0x400, kRings[queue] + 0x200, std::uint64_t{0})));
      REQUIRE(send(18, bytes_of(queue, 1U)));
    }
  }
  template <class T>
  void put(std::uint64_t address, T value) {
    std::memcpy(memory + address, &value, sizeof value);
  }
  void offer(std::uint32_t queue, std::uint64_t address, std::uint32_t length, std::uint16_t flags) {
    const std::uint16_t head = offered[queue] % 8U;
    put(kRings[queue] + 16U * head, address);
    put(kRings[queue] + 16U * head + 8, length);
    put(kRings[queue] + 16U * head + 12, flags);
    put(kRings[queue] + 0x200 + 4 + 2U * head, head);
    put(kRings[queue] + 0x200 + 2, ++offered[queue]);
  }

  VhostDevice device;
  Channel socket;
  OwnedFd file;
  std::byte* memory = nullptr;
  std::array<std::uint16_t, 2> offered{};
  std::vector<std::vector<std::byte>> output;
};

TEST_CASE("a network card carries frames both ways", "[vhost]") {
  Driver driver(network_card({2, 0, 0, 0, 0, 7}, 1500));
  driver.set_up();
  std::memcpy(driver.memory + kData + 12, "a frame to the lab", 18);
  driver.offer(1, kData, 12 + 18, 0);
  const auto served = driver.send(35, bytes_of(1U, 0U));
  REQUIRE(served);
  CHECK(served->kicked);
  CHECK(served->returned);
  REQUIRE(driver.output.size() == 1);
  CHECK(std::string(reinterpret_cast<const char*>(driver.output[0].data()), driver.output[0].size()) ==
        "a frame to the lab");
  CHECK(driver.device.answer_kick(0));

  const std::string frame = "a frame to the guest";
  CHECK(driver.device.put_input(std::as_bytes(std::span(frame))).value() == 0);  // no buffer yet
  driver.offer(0, kData + 0x800, 16, 2);
  CHECK(driver.device.put_input(std::as_bytes(std::span(frame))).value() == 0);  // too short
}

TEST_CASE("a guest hears with the answer to a kick how far it may run, and with an interrupt what time it is", "[vhost]") {
  Driver driver(network_card({2, 0, 0, 0, 0, 7}, 1500));
  driver.set_up();
  for (int message = 0; message < 9; ++message) driver.answer(8);  // set_up's
  REQUIRE(driver.send(35, bytes_of(1U, 0U)));
  REQUIRE(driver.device.answer_kick(1'000'050'000));
  CHECK(driver.answer(8) == bytes_of(std::uint64_t{1'000'050'000}));

  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  Channel interrupts{OwnedFd(ends[0])};
  const OwnedFd given(ends[1]);
  const int fd = given.get();
  REQUIRE(driver.send(21, {}, {&fd, 1}));
  REQUIRE(driver.device.send_interrupt(VhostDevice::kOutput, 1'000'001'000));
  std::vector<std::byte> interrupt(12 + 16);
  REQUIRE(interrupts.read(interrupt).value());
  CHECK(interrupt == bytes_of(4U, 9U, 16U, 1U, 0U, std::uint64_t{1'000'001'000}));
}

TEST_CASE("a network card fills the buffer that it is given", "[vhost]") {
  Driver driver(network_card({2, 0, 0, 0, 0, 7}, 1500));
  driver.set_up();
  driver.offer(0, kData + 0x800, 1518 + 12, 2);
  const std::string frame = "a frame to the guest";
  CHECK(driver.device.put_input(std::as_bytes(std::span(frame))).value() == frame.size());
  CHECK(std::memcmp(driver.memory + kData + 0x800 + 12, frame.data(), frame.size()) == 0);
  CHECK(driver.memory[kData + 0x800 + 10] == std::byte{1});  // one buffer
}

TEST_CASE("the driver reads the card's address byte by byte, and nothing beyond the config", "[vhost]") {
  Driver driver(network_card({2, 1, 2, 3, 4, 5}, 1500));
  std::vector<std::byte> request = bytes_of(0U, 6U, 0U);
  request.resize(12 + 6);
  REQUIRE(driver.send(24, request));
  const auto answer = driver.answer(18);
  CHECK(answer[12] == std::byte{2});
  CHECK(answer[17] == std::byte{5});
  std::vector<std::byte> beyond = bytes_of(0xfffffffeU, 4U, 0U);
  beyond.resize(12 + 4, std::byte{9});
  REQUIRE(driver.send(24, beyond));
  CHECK(driver.answer(16)[12] == std::byte{0});
}

TEST_CASE("hostile messages are errors", "[vhost]") {
  Driver driver(network_card({2, 0, 0, 0, 0, 7}, 1500));
  SECTION("a queue that is not there") { CHECK_FALSE(driver.send(8, bytes_of(2U, 8U))); }
  SECTION("a message that is too short") { CHECK_FALSE(driver.send(9, bytes_of(0U))); }
  SECTION("a request that was not offered") { CHECK_FALSE(driver.send(77, {})); }
  SECTION("features that were not offered") { CHECK_FALSE(driver.send(2, bytes_of(std::uint64_t{1} << 40U))); }
  SECTION("memory without a file") {
    CHECK_FALSE(driver.send(5, bytes_of(1U, 0U, std::uint64_t{0}, kMemory_bytes, std::uint64_t{0}, std::uint64_t{0})));
  }
  SECTION("memory longer than its file") {
    const int fd = driver.file.get();
    CHECK_FALSE(driver.send(
        5, bytes_of(1U, 0U, std::uint64_t{0}, kMemory_bytes + 1, std::uint64_t{0}, std::uint64_t{0}), {&fd, 1}));
  }
  SECTION("a ring outside the memory") {
    driver.share();
    REQUIRE(driver.send(8, bytes_of(1U, 8U)));
    CHECK_FALSE(driver.send(
        9, bytes_of(1U, 0U, std::uint64_t{0x3ff8}, kRings[1] + 0x400, kRings[1] + 0x200, std::uint64_t{0})));
  }
  SECTION("output from a buffer that is ours to write") {
    driver.set_up();
    driver.offer(1, kData, 30, 2);
    CHECK_FALSE(driver.send(35, bytes_of(1U, 0U)));
  }
  SECTION("output without a header") {
    driver.set_up();
    driver.offer(1, kData, 11, 0);
    CHECK_FALSE(driver.send(35, bytes_of(1U, 0U)));
  }
  SECTION("a message that says it is huge") {
    REQUIRE(driver.socket.write(bytes_of(1U, 9U, 0xffffffffU)));
    CHECK_FALSE(driver.device.serve([](Bytes) {}));
  }
  SECTION("a socket that closes in the middle of a message") {
    REQUIRE(driver.socket.write(bytes_of(1U, 9U)));
    driver.socket.close();
    CHECK_FALSE(driver.device.serve([](Bytes) {}));
  }
}

TEST_CASE("a guest whose used ring lies over its available ring does not hold its device", "[vhost]") {
  Driver driver{network_card({2, 0, 0, 0, 0, 1}, 1500)};
  driver.share();
  // Each buffer that is given back counts as one that is offered.
  REQUIRE(driver.send(8, bytes_of(1U, 8U)));
  REQUIRE(driver.send(10, bytes_of(1U, 0U)));
  driver.put(kRings[1] + 0x200 + 2, std::uint16_t{2});
  REQUIRE(driver.send(9, bytes_of(1U, 0U, kRings[1], kRings[1] + 0x200, kRings[1] + 0x200, std::uint64_t{0})));
  REQUIRE(driver.send(18, bytes_of(1U, 1U)));
  driver.put(kRings[1], kData);  // descriptor 0, which each entry names
  driver.put(kRings[1] + 8, std::uint32_t{100});
  REQUIRE(driver.send(35, bytes_of(1U, 0U)));
  CHECK(driver.output.size() == 2);
}

TEST_CASE("a device that the driver lets go of takes no more input", "[vhost]") {
  Driver driver(network_card({2, 0, 0, 0, 0, 7}, 1500));
  driver.set_up();
  driver.offer(0, kData, 1530, 2);
  driver.socket.close();
  CHECK(driver.device.serve([](Bytes) {}).value().closed);
  CHECK(driver.device.put_input(std::as_bytes(std::span("frame"))).value() == 0);
}

// Random rings and messages, the same each time: whatever they say, the device answers or refuses, and touches nothing
// outside its memory (the sanitizers watch).
TEST_CASE("random rings and messages do no harm", "[vhost]") {
  std::mt19937 random(20240117);
  const auto draw = [&](std::uint32_t below) { return static_cast<std::uint32_t>(random() % below); };
  for (int round = 0; round < 300; ++round) {
    Driver driver(draw(2) == 0 ? network_card({2, 0, 0, 0, 0, 7}, 9000) : serial_port());
    driver.set_up();
    for (std::uint64_t at = 0; at < kMemory_bytes; at += 2) {
      const std::uint32_t kind = draw(4);
      driver.put<std::uint16_t>(at, static_cast<std::uint16_t>(kind == 0 ? random() : kind == 1 ? draw(10) : 0));
    }
    for (int step = 0; step < 20; ++step) {
      VhostDevice::Request request;
      constexpr std::array<std::uint32_t, 13> kinds{1, 2, 3, 5, 8, 9, 10, 15, 16, 18, 24, 35, 35};
      request.kind = kinds[draw(kinds.size())];
      request.payload.resize(draw(64));
      for (auto& byte : request.payload) byte = static_cast<std::byte>(draw(3) == 0 ? random() : draw(2));
      (void)driver.device.handle(request, [](Bytes) {});
      const std::vector<std::byte> frame(draw(2000));
      (void)driver.device.put_input(frame);
    }
  }
}

}  // namespace
}  // namespace labreel
