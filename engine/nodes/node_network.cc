#include "engine/nodes/node_network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/core/check.h"
#include "engine/os/interface_request.h"
#include "engine/os/system_call.h"
#include "engine/os/tap_device.h"

namespace labreel {
namespace {

constexpr std::uint32_t kQueueFrames = 1000;  // what an Ethernet card has by default

void write_setting(const std::string& path, const char* value) {
  OwnedFd file(checked("open " + path, ::open(path.c_str(), O_WRONLY | O_CLOEXEC)));
  checked("write " + path, ::write(file.get(), value, std::strlen(value)));
}

// A new namespace copies the IPv4 settings of the host, so a lab would depend on whether the host routes (docker does).
// A lab's machines start like a freshly booted kernel; a router turns forwarding on (FRR: "ip forwarding" in frr.conf,
// or sysctl).
void forget_host_settings() {
  struct Setting {
    const char* path;
    const char* value;
  };
  constexpr std::array<Setting, 3> settings{{{"/proc/sys/net/ipv4/ip_forward", "0"},
                                             {"/proc/sys/net/ipv4/conf/all/rp_filter", "0"},
                                             {"/proc/sys/net/ipv4/conf/default/rp_filter", "0"}}};
  for (const auto& [path, value] : settings) write_setting(path, value);
}

int first_free_index() {
  std::array<char, IFNAMSIZ> name{};
  int index = 1;
  while (::if_indextoname(static_cast<unsigned>(index), name.data()) != nullptr) ++index;
  return index;
}

OwnedFd open_this_namespace() {
  return OwnedFd(checked("open /proc/self/ns/net", ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)));
}

// While it lives, this process is in another network namespace.
class Elsewhere {
 public:
  Elsewhere(const OwnedFd& there, const OwnedFd& home) : home_(home) {
    checked("enter a network namespace", ::setns(there.get(), CLONE_NEWNET));
  }
  ~Elsewhere() { LABREEL_CHECK(::setns(home_.get(), CLONE_NEWNET) == 0); }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;

 private:
  const OwnedFd& home_;
};

// A packet socket shows frames as the sending stack left them. With every other offload of the interface off, the stack
// writes VLAN tags and cuts other large segments itself, as for a wire; large segments of TCP are cut by who reads them.
void leave_tcp_offloads(const std::string& name) {
  constexpr std::uint32_t blocks_max = 8;
  struct Head {  // of ethtool_gfeatures and ethtool_sfeatures, whose blocks have no size in C
    std::uint32_t command;
    std::uint32_t block_count;
  };
  struct Get {
    Head head;
    std::array<ethtool_get_features_block, blocks_max> blocks;
  } get{{ETHTOOL_GFEATURES, blocks_max}, {}};
  struct Set {
    Head head;
    std::array<ethtool_set_features_block, blocks_max> blocks;
  } set{};
  OwnedFd socket(checked("open a socket", ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
  ifreq request = interface_request(name);
  request.ifr_data = reinterpret_cast<char*>(&get);
  checked("read the interface's offloads", ::ioctl(socket.get(), SIOCETHTOOL, &request));
  set.head = {ETHTOOL_SFEATURES, std::min(get.head.block_count, blocks_max)};
  for (std::uint32_t i = 0; i < set.head.block_count; ++i) {
    set.blocks.at(i).valid = get.blocks.at(i).available & ~get.blocks.at(i).never_changed;
  }
  request.ifr_data = reinterpret_cast<char*>(&set);
  checked("turn the interface's offloads off", ::ioctl(socket.get(), SIOCETHTOOL, &request));
  for (const std::uint32_t command : std::array<std::uint32_t, 3>{ETHTOOL_STXCSUM, ETHTOOL_SSG, ETHTOOL_STSO}) {  // each needs the one before
    ethtool_value on{command, 1};
    request.ifr_data = reinterpret_cast<char*>(&on);
    checked("turn the interface's TCP offloads on", ::ioctl(socket.get(), SIOCETHTOOL, &request));
  }
}

void set_option(const OwnedFd& socket, int option, const char* name) {
  const int on = 1;
  checked(std::string("set ") + name, ::setsockopt(socket.get(), SOL_PACKET, option, &on, sizeof on));
}

OwnedFd open_packet_socket(int index) {
  OwnedFd socket(checked("open a packet socket", ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)));
  set_option(socket, PACKET_VNET_HDR, "PACKET_VNET_HDR");
  set_option(socket, PACKET_AUXDATA, "PACKET_AUXDATA");
  set_option(socket, PACKET_IGNORE_OUTGOING, "PACKET_IGNORE_OUTGOING");
  // Some 1,000 frames of ordinary size, as a TAP's queue holds.
  const int bytes = 2 << 20;  // the kernel doubles it
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = index;
  checked("bind a packet socket", ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address));
  // It complains once that the interface is down; it begins to work when that comes up, so that no frame is missed.
  int complaint = 0;
  socklen_t size = sizeof complaint;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &complaint, &size);
  return socket;
}

}  // namespace

NodeNetwork::NodeNetwork() : route_(RouteSocket::open()) {
  forget_host_settings();
  route_.set_up(static_cast<int>(checked("find lo", static_cast<int>(::if_nametoindex("lo")))));
}

OwnedFd NodeNetwork::add_port(const InterfaceSpec& interface) {
  OwnedFd tun(::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  return tun.is_open() ? add_tap(interface, std::move(tun)) : add_wire(interface);
}

// The part that is the same for every kind; returns the interface's index.
int NodeNetwork::set_up(const InterfaceSpec& interface) {
  const int index = static_cast<int>(::if_nametoindex(interface.name.c_str()));
  const bool mac_given = interface.mac != MacAddress{};
  route_.set_mac_mtu_queue(index, mac_given ? std::optional(interface.mac) : std::nullopt, interface.mtu, kQueueFrames);
  for (const auto& address : interface.addresses) route_.add_address(index, address);
  route_.set_up(index);
  return index;
}

OwnedFd NodeNetwork::add_tap(const InterfaceSpec& interface, OwnedFd tun) {
  attach_tap(tun.get(), interface.name);
  indexes_[interface.port] = set_up(interface);
  return tun;
}

NodeNetwork::Wires& NodeNetwork::wires() {
  if (!wires_) {
    OwnedFd home = open_this_namespace();
    checked("make a network namespace for the wires", ::unshare(CLONE_NEWNET));
    OwnedFd there = open_this_namespace();
    const Elsewhere still_there(there, home);
    // The far ends must never say a word of their own.
    const std::string no_ipv6 = "/proc/sys/net/ipv6/conf/default/disable_ipv6";
    if (::access(no_ipv6.c_str(), F_OK) == 0) write_setting(no_ipv6, "1");
    RouteSocket route = RouteSocket::open();
    wires_.emplace(Wires{OwnedFd(::fcntl(home.get(), F_DUPFD_CLOEXEC, 0)), std::move(there), std::move(route)});
  }
  return *wires_;
}

void NodeNetwork::wait_until_operational(const std::string& name) {
  for (int tries = 0; tries < 2000; ++tries) {
    const auto facts = route_.find_link(name);
    if (!facts || facts->operational) return;
    ::usleep(500);
  }
}

OwnedFd NodeNetwork::add_wire(const InterfaceSpec& interface) {
  constexpr std::uint32_t mtu_max = 65'535;  // the far end refuses nothing
  interface_request(interface.name);
  Wires& wires = this->wires();
  const int far_end = wires.next_index++;
  const int near_end = first_free_index();
  route_.make_veth(interface.name, near_end, wires.there.get(), far_end);
  try {
    leave_tcp_offloads(interface.name);
    wires.route.set_mac_mtu_queue(far_end, std::nullopt, mtu_max, kQueueFrames);
    OwnedFd socket;
    {
      const Elsewhere there(wires.there, wires.home);
      socket = open_packet_socket(far_end);
    }
    indexes_[interface.port] = set_up(interface);
    // The near end is up first, so that the far end's queue works at once; the near end's is set going a moment later,
    // and would swallow the node's first frames until then.
    wires.route.set_up(far_end);
    wait_until_operational(interface.name);
    return socket;
  } catch (const std::system_error&) {
    route_.delete_link(near_end);
    throw;
  }
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
