#include "engine/nodes/node_network.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr std::uint32_t kQueueFrames = 1000;  // what an Ethernet card has by default

// A new namespace copies the IPv4 settings of the host, so a lab would depend on whether the host routes (docker does).
// A lab's machines start like a freshly booted kernel; a router turns forwarding on (FRR: "ip forwarding" in frr.conf, or sysctl).
void forget_host_settings() {
  struct Setting {
    const char* path;
    const char* value;
  };
  constexpr std::array<Setting, 3> settings{{{"/proc/sys/net/ipv4/ip_forward", "0"},
                                             {"/proc/sys/net/ipv4/conf/all/rp_filter", "0"},
                                             {"/proc/sys/net/ipv4/conf/default/rp_filter", "0"}}};
  for (const auto& [path, value] : settings) {
    OwnedFd file(checked(std::string("open ") + path, ::open(path, O_WRONLY | O_CLOEXEC)));
    checked(std::string("write ") + path, ::write(file.get(), value, std::strlen(value)));
  }
}

OwnedFd open_tap(const std::string& name) {
  ifreq request{};
  if (name.empty() || name.size() >= IFNAMSIZ) {
    throw std::system_error(EINVAL, std::generic_category(), "an interface name has 1 to 15 characters");
  }
  std::copy(name.begin(), name.end(), std::begin(request.ifr_name));
  // No virtio header: the kernel then finishes checksums and cuts large segments before we see a frame.
  request.ifr_flags = static_cast<short>(IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL);
  OwnedFd tap(checked("open /dev/net/tun", ::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK)));
  checked("make a TAP interface", ::ioctl(tap.get(), TUNSETIFF, &request));
  return tap;
}

}  // namespace

NodeNetwork::NodeNetwork() : route_(RouteSocket::open()) {
  forget_host_settings();
  route_.set_up(static_cast<int>(checked("find lo", static_cast<int>(::if_nametoindex("lo")))));
}

OwnedFd NodeNetwork::add_port(const InterfaceSpec& interface) {
  OwnedFd tap = open_tap(interface.name);
  const int index = static_cast<int>(::if_nametoindex(interface.name.c_str()));
  const bool mac_given = interface.mac != MacAddress{};
  route_.set_mac_mtu_queue(index, mac_given ? std::optional(interface.mac) : std::nullopt, interface.mtu, kQueueFrames);
  for (const auto& address : interface.addresses) route_.add_address(index, address);
  route_.set_up(index);
  indexes_[interface.port] = index;
  return tap;
}

void NodeNetwork::remove_port(PortId port) {
  const auto found = indexes_.find(port);
  if (found == indexes_.end()) return;
  const int index = found->second;
  indexes_.erase(found);
  try {
    route_.delete_link(index);
  } catch (const std::system_error& error) {
    // The engine may have let go of the TAP already, which takes the interface away.
    if (error.code().value() != ENODEV) throw;
  }
}

void NodeNetwork::remove_all_ports() noexcept {
  try {
    std::vector<int> indexes;
    for (const auto& [port, index] : indexes_) indexes.push_back(index);
    route_.delete_links(indexes);
  } catch (const std::exception&) {
    // They go when the engine closes its TAPs.
  }
}

}  // namespace labreel
