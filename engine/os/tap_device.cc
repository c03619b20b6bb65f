#include "engine/os/tap_device.h"

#include <linux/if_tun.h>
#include <sys/ioctl.h>

#include "engine/os/interface_request.h"
#include "engine/os/system_call.h"

namespace labreel {

void attach_tap(int tun, const std::string& name) {
  ifreq request = interface_request(name);
  request.ifr_flags = static_cast<short>(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_TUN_EXCL);
  checked("make a TAP interface", ::ioctl(tun, TUNSETIFF, &request));
  // One read then brings up to 64 KB of a TCP stream; who records cuts it into the frames of the wire.
  checked("offer offloads on a TAP", ::ioctl(tun, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN));
}

}  // namespace labreel
