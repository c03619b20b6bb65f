#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <thread>

#include "engine/clock/virtual/time_travel_guest.h"
#include "engine/nodes/uml/run_folder.h"

namespace labreel {
namespace {

constexpr std::uint32_t kAck = 0, kStart = 1, kRequest = 2, kWait = 3, kGet = 4, kRun = 6, kFreeUntil = 7;
constexpr std::uint64_t kBoot_ns = kGuestHeadStart_ns;  // where the guest's clock is when the lab begins

// The kernel's side of `time-travel=ext:`.
class Kernel {
 public:
  struct Message {
    std::uint32_t kind = 0;
    std::uint32_t number = 0;
    std::uint64_t time_ns = 0;
    bool operator==(const Message&) const = default;
  };

  explicit Kernel(const std::string& folder) {
    socket_ = Channel(OwnedFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, (folder + "/time").c_str());
    connected_ = ::connect(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  bool connected() const { return connected_; }
  bool tell(const Message& message) { return socket_.write(std::as_bytes(std::span(&message, 1))).ok(); }
  Message hear() {
    Message message;
    (void)socket_.read(std::as_writable_bytes(std::span(&message, 1)));
    return message;
  }

 private:
  Channel socket_;
  bool connected_ = false;
};

TEST_CASE("a guest is answered what it wants an answer to, and nothing else", "[time-travel]") {
  RunFolder folder;
  std::array<int, 2> console{};
  REQUIRE(::pipe2(console.data(), O_CLOEXEC) == 0);
  const OwnedFd console_write(console[1]);
  OwnedFd console_read(console[0]);
  ::fcntl(console_read.get(), F_SETFL, O_NONBLOCK);
  TimeTravelGuest guest(
      LabTime{0}, {folder.listen("time"), std::move(console_read)}, [] {}, 5'000);

  Kernel kernel(folder.path());
  REQUIRE(kernel.connected());
  std::vector<Kernel::Message> heard;
  std::thread boots([&] {
    kernel.tell({kStart, 1, 0});
    heard.push_back(kernel.hear());
    kernel.tell({kGet, 2, 0});
    heard.push_back(kernel.hear());
    kernel.tell({kRequest, 0, kBoot_ns + 5'000});
    kernel.tell({kWait, 0, 0});
    heard.push_back(kernel.hear());
    heard.push_back(kernel.hear());
    kernel.tell({kRequest, 3, kBoot_ns + 20'000});
    heard.push_back(kernel.hear());
    kernel.tell({kWait, 0, 0});
  });
  guest.run_until(LabTime{10'000});
  boots.join();

  CHECK(heard ==
        std::vector<Kernel::Message>{
            {kAck, 1, 0}, {kAck, 2, 0}, {kFreeUntil, 0, kBoot_ns + 10'000}, {kRun, 0, kBoot_ns + 5'000}, {kAck, 3, 0}});
  CHECK(guest.next() == LabTime{20'000});
  CHECK_FALSE(guest.ended());
}

}  // namespace
}  // namespace labreel
