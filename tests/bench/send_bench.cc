// Sends frames into an interface as fast as the other side takes them, and says how many came out.
// Usage: send_bench INTERFACE MIX SECONDS COUNTERS PEER. COUNTERS is the /proc/PID/net/dev in which PEER counts what it got. At
// most a window of frames is under way, so that the switch between is measured and not the queue in front of it.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "tests/bench/bench_lab.h"

namespace labreel::bench {
namespace {

constexpr std::size_t kBurst = 64;
constexpr std::uint64_t kWindow = 384;     // below a TAP's queue of 500
constexpr double kLostAfter_s = 0.02;      // frames that did not come for so long will not

class Counter {
 public:
  Counter(const std::string& path, const std::string& interface)
      : file_(checked("open " + path, ::open(path.c_str(), O_RDONLY | O_CLOEXEC))), key_(interface + ":") {}
  // Frames that the interface's stack received, so what the switch gave it.
  std::uint64_t read() const {
    std::array<char, 4'096> text;
    const auto got = checked("read counters", ::pread(file_.get(), text.data(), text.size() - 1, 0));
    text[static_cast<std::size_t>(got)] = '\0';
    const char* const line = std::strstr(text.data(), key_.c_str());
    must(line != nullptr, "the peer has no counters");
    char* rest = nullptr;
    std::strtoull(line + key_.size(), &rest, 10);  // bytes
    return std::strtoull(rest, nullptr, 10);
  }

 private:
  OwnedFd file_;
  std::string key_;
};

struct Burst {
  std::array<mmsghdr, kBurst> messages{};
  std::array<iovec, kBurst> parts{};
  std::array<std::byte, 1'600> frame{};

  explicit Burst(const Mix& mix) {
    const std::array<std::uint8_t, 14> head{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0x88, 0xb5};  // an experimental type
    std::memcpy(frame.data(), head.data(), head.size());
    for (std::size_t i = 0; i < kBurst; ++i) {
      parts[i] = {frame.data(), mix.lengths[i % mix.lengths.size()]};
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }
};

OwnedFd open_socket(const std::string& interface) {
  OwnedFd socket{checked("open a packet socket", ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0))};
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  checked("bind to " + interface, ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)));
  const int on = 1;
  checked("pass by the queue", ::setsockopt(socket.get(), SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)));
  return socket;
}

void run(const std::string& interface, const Mix& mix, double seconds, const Counter& counter) {
  const OwnedFd socket = open_socket(interface);
  Burst burst(mix);
  const std::uint64_t before = counter.read();
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  std::uint64_t came = 0;
  const Stopwatch watch = Stopwatch::begin();
  double moved_s = 0;
  for (;;) {
    const double now_s = watch.elapsed().wall_s;
    const std::uint64_t count = counter.read() - before;
    if (count != came) moved_s = now_s;
    came = count;
    const bool done = now_s >= seconds;
    if (done && (came + lost >= sent || now_s - moved_s > kLostAfter_s)) break;
    if (done || sent + kBurst > came + lost + kWindow) {
      if (now_s - moved_s > kLostAfter_s && sent > came) lost = sent - came;
      ::usleep(10);
      continue;
    }
    const int taken = ::sendmmsg(socket.get(), burst.messages.data(), kBurst, 0);
    if (taken > 0) sent += static_cast<std::uint64_t>(taken);
  }
  came = counter.read() - before;
  report("came", mix.name, static_cast<double>(came));
  report("lost", mix.name, static_cast<double>(sent - std::min(came, sent)));
  report("seconds", mix.name, std::max(moved_s, 1e-3));
}

}  // namespace
}  // namespace labreel::bench

int main(int argc, char** argv) {
  using namespace labreel::bench;
  must(argc == 6, "usage: send_bench INTERFACE MIX SECONDS COUNTERS PEER");
  run(argv[1], mix_named(argv[2]), std::atof(argv[3]), Counter(argv[4], argv[5]));
}
