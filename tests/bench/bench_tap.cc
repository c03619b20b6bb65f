#include "tests/bench/bench_tap.h"

#include <fcntl.h>

#include <string>

#include "engine/os/system_call.h"
#include "engine/os/tap_device.h"

namespace labreel::bench {

OwnedFd make_tap(std::uint32_t number) {
  OwnedFd tap{checked("open /dev/net/tun", ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC))};
  attach_tap(tap.get(), "lr" + std::to_string(number));
  return tap;
}

}  // namespace labreel::bench
