#include "tests/bench/bench_tap.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cstdio>
#include <string>

#include "engine/os/system_call.h"

namespace labreel::bench {

OwnedFd make_tap(std::uint32_t number) {
  OwnedFd tap{checked("open /dev/net/tun", ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC))};
  ifreq request{};
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  std::snprintf(request.ifr_name, IFNAMSIZ, "lr%u", number);
  checked(std::string("make ") + request.ifr_name, ::ioctl(tap.get(), TUNSETIFF, &request));
  return tap;
}

}  // namespace labreel::bench
