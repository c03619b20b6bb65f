// What a node can do to a fabric, for tests: runs inside a node and sends what no decent machine would.
//   hostile_node flood INTERFACE COUNT   as fast as it can, to everybody
//   hostile_node spoof INTERFACE COUNT   each frame from another address
//   hostile_node sizes INTERFACE         every length from 0 to 64 KiB that the kernel lets through
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const std::string what = argv[1];
  const unsigned long count = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 0;
  const int fd = ::socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  if (fd < 0) return 3;
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(::if_nametoindex(argv[2]));
  if (to.sll_ifindex == 0) return 3;
  std::vector<std::uint8_t> frame(65'536, 0x55);
  std::memset(frame.data(), 0xff, 6);
  frame[6] = 0x02;
  frame[12] = 0x88;  // a local experimental ethertype: nobody answers
  frame[13] = 0xb5;
  unsigned long sent = 0;
  const auto send = [&](std::size_t length) {
    if (::sendto(fd, frame.data(), length, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) >= 0) ++sent;
  };
  if (what == "sizes") {
    for (std::size_t length = 0; length <= 65'535; length += length < 2'000 ? 1 : 97) send(length);
  } else {
    for (unsigned long i = 0; i < count; ++i) {
      const auto low = static_cast<std::uint32_t>(i);
      if (what == "spoof") std::memcpy(frame.data() + 8, &low, sizeof low);
      send(60 + i % 4 * 300);
    }
  }
  std::printf("%lu\n", sent);
  return 0;
}
