#include "engine/nodes/uml/guest/machine_network.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>

#include "engine/os/owned_fd.h"
#include "engine/os/route_socket.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr std::uint32_t kQueueFrames = 1000;

void rename_card(const std::string& from, const std::string& to) {
  ifreq request{};
  if (to.empty() || to.size() >= IFNAMSIZ) {
    throw std::system_error(EINVAL, std::generic_category(), "an interface name has 1 to 15 characters");
  }
  std::copy(from.begin(), from.end(), std::begin(request.ifr_name));
  std::copy(to.begin(), to.end(), std::begin(request.ifr_newname));
  OwnedFd socket(checked("socket", ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
  checked("rename card " + from + " to " + to, ::ioctl(socket.get(), SIOCSIFNAME, &request));
}

int index_of_card(const std::string& name) {
  const unsigned index = ::if_nametoindex(name.c_str());
  return checked("find interface " + name, index == 0 ? -1 : static_cast<int>(index));
}

}  // namespace

void set_up_cards(const std::vector<InterfaceSpec>& interfaces) {
  // By way of names that no lab uses: eth0 may become eth1 and eth1 eth0.
  for (std::size_t i = 0; i < interfaces.size(); ++i)
    rename_card("eth" + std::to_string(i), "labreel-" + std::to_string(i));
  RouteSocket route = RouteSocket::open();
  for (std::size_t i = 0; i < interfaces.size(); ++i) {
    const InterfaceSpec& interface = interfaces[i];
    rename_card("labreel-" + std::to_string(i), interface.name);
    const int index = index_of_card(interface.name);
    route.set_mac_mtu_queue(index, std::nullopt, interface.mtu, kQueueFrames);
    for (const auto& address : interface.addresses) route.add_address(index, address);
  }
}

void put_cards_up(const std::vector<InterfaceSpec>& interfaces) {
  RouteSocket route = RouteSocket::open();
  route.set_up(index_of_card("lo"));
  for (const InterfaceSpec& interface : interfaces) route.set_up(index_of_card(interface.name));
}

}  // namespace labreel
