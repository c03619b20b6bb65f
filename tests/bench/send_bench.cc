// Sends frames into interfaces as fast as the other side takes them, and says how many came out.
// Usage: send_bench unicast|broadcast INTERFACES MIX SECONDS COUNTERS PEER. INTERFACES are parted by commas and take
// turns; COUNTERS is the /proc/PID/net/dev in which PEER counts what it got. At most a window of frames is under way,
// so that the switch between is measured and not the queue in front of it.
//        send_bench announce INTERFACE: one frame from the address that unicast goes to, so that switches know where it
//        is.
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
#include <deque>
#include <sstream>
#include <string>

#include "engine/os/owned_fd.h"
#include "engine/os/system_call.h"
#include "tests/bench/bench_lab.h"

namespace labreel::bench {
namespace {

constexpr std::size_t kBurst = 64;
constexpr std::uint64_t kWindow = 384;  // below a TAP's queue of 500
constexpr double kLostAfter_s = 0.02;   // frames that did not come for so long will not

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

using Address = std::array<std::uint8_t, 6>;
constexpr Address kReceiver{2, 0, 0, 0, 0, 1};
constexpr Address kEveryone{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
Address sender(std::size_t number) { return {2, 0, 0, 0, 1, static_cast<std::uint8_t>(number)}; }

struct Burst {
  std::array<mmsghdr, kBurst> messages{};
  std::array<iovec, kBurst> parts{};
  std::array<std::byte, 1'600> frame{};

  Burst(const Mix& mix, const Address& to, const Address& from) {
    constexpr std::array<std::uint8_t, 2> kExperimental{0x88, 0xb5};
    std::memcpy(frame.data(), to.data(), to.size());
    std::memcpy(frame.data() + 6, from.data(), from.size());
    std::memcpy(frame.data() + 12, kExperimental.data(), kExperimental.size());
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

// One interface and what goes into it. It stays where it is: the messages point into the burst.
class Lane {
 public:
  Lane(const std::string& interface, const Mix& mix, const Address& to, const Address& from)
      : socket_(open_socket(interface)), burst_(mix, to, from) {}
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  int send(std::size_t frames) {
    return ::sendmmsg(socket_.get(), burst_.messages.data(), static_cast<unsigned>(frames), 0);
  }

 private:
  OwnedFd socket_;
  Burst burst_;
};

void run(std::deque<Lane>& lanes, const Mix& mix, double seconds, const Counter& counter) {
  std::size_t turn = 0;
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
    const int taken = lanes[turn++ % lanes.size()].send(kBurst);
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
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "announce" && argc == 3) {
    Lane lane{argv[2], mix_named("64"), kEveryone, kReceiver};
    must(lane.send(1) == 1, "the address cannot be announced");
    return 0;
  }
  must((what == "unicast" || what == "broadcast") && argc == 7,
       "usage: send_bench unicast|broadcast INTERFACES MIX SECONDS COUNTERS PEER, or announce INTERFACE");
  const Mix& mix = mix_named(argv[3]);
  std::deque<Lane> lanes;
  std::istringstream words{argv[2]};
  for (std::string interface; std::getline(words, interface, ',');) {
    lanes.emplace_back(interface, mix, what == "broadcast" ? kEveryone : kReceiver, sender(lanes.size()));
  }
  run(lanes, mix, std::atof(argv[4]), Counter(argv[5], argv[6]));
}
