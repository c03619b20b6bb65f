#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <stdexcept>

#include "engine/os/owned_fd.h"
#include "engine/os/route_socket.h"
#include "engine/os/system_call.h"
#include "recorder/doctor/checks.h"
#include "recorder/doctor/isolation.h"

namespace labreel {
namespace {

constexpr int kNearEnd = 1000;
constexpr int kFarEnd = 1001;
constexpr int kTries = 50;
constexpr int kTry_ms = 100;
constexpr std::uint16_t kProtocol = 0x88b5;  // for experiments: IEEE 802, local experimental EtherType 1

OwnedFd packet_socket(int index) {
  OwnedFd socket(checked("open a packet socket", ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(kProtocol);
  address.sll_ifindex = index;
  checked("bind a packet socket", ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
  return socket;
}

// A frame goes into one end of a veth pair and must come out of the other.
std::string cross_a_veth_pair() {
  isolate();
  const OwnedFd here(checked("open /proc/self/ns/net", ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)));
  RouteSocket route = RouteSocket::open();
  route.make_veth("labreel0", kNearEnd, here.get(), kFarEnd);
  for (const int index : {kNearEnd, kFarEnd}) route.set_up(index);
  const OwnedFd sender = packet_socket(kNearEnd);
  const OwnedFd receiver = packet_socket(kFarEnd);
  std::array<unsigned char, ETH_ZLEN> frame{};
  frame.fill(0xff);
  frame[12] = kProtocol >> 8U;
  frame[13] = kProtocol & 0xffU;
  for (int i = 0; i < kTries; ++i) {  // the kernel lets the pair work a moment after it is up
    static_cast<void>(::send(sender.get(), frame.data(), frame.size(), 0));
    pollfd wait{receiver.get(), POLLIN, 0};
    if (::poll(&wait, 1, kTry_ms) <= 0) continue;
    std::array<unsigned char, ETH_FRAME_LEN> got{};
    const auto length = checked("read a packet socket", ::recv(receiver.get(), got.data(), got.size(), 0));
    if (length == static_cast<ssize_t>(frame.size()) && std::equal(frame.begin(), frame.end(), got.begin())) {
      return "a frame crossed a veth pair";
    }
  }
  throw std::runtime_error("no frame crossed a veth pair");
}

}  // namespace

Finding check_packet_socket() {
  return finding_of("packet socket", try_here(cross_a_veth_pair, kTrialLimit),
                    "not needed where tap is ok; else: sudo modprobe veth af_packet");
}

}  // namespace labreel
