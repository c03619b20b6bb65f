#include "engine/os/route_socket.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

#include "engine/core/check.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr std::size_t kRequestMax = 512;
constexpr std::size_t kReplyMax = 32'768;
constexpr std::uint32_t kDyingGroup = 0x6c616272;  // of interfaces that are deleted together; any number but 0

// One request: header, fixed part, attributes.
class Request {
 public:
  Request(std::uint16_t type, std::uint16_t flags) {
    header().nlmsg_len = NLMSG_HDRLEN;
    header().nlmsg_type = type;
    header().nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
  }

  template <class T>
  void fixed(const T& part) {
    append(&part, sizeof part);
  }
  void attribute(std::uint16_t type, const void* value, std::size_t size) {
    const rtattr head{static_cast<std::uint16_t>(RTA_LENGTH(size)), type};
    append(&head, sizeof head);
    append(value, size);
  }
  void number(std::uint16_t type, std::uint32_t value) { attribute(type, &value, sizeof value); }
  // Attributes added between begin and end lie in this one.
  std::size_t begin(std::uint16_t type) {
    const std::size_t at = length_;
    attribute(type, nullptr, 0);
    return at;
  }
  void end(std::size_t at) {
    const auto length = static_cast<std::uint16_t>(length_ - at);
    std::memcpy(bytes_.data() + at, &length, sizeof length);  // rta_len comes first
  }

  const void* data() const { return bytes_.data(); }
  std::size_t size() const { return length_; }

 private:
  nlmsghdr& header() { return *reinterpret_cast<nlmsghdr*>(bytes_.data()); }
  void append(const void* data, std::size_t size) {
    LABREEL_CHECK(length_ + NLMSG_ALIGN(size) <= bytes_.size());
    if (size > 0) std::memcpy(bytes_.data() + length_, data, size);
    length_ += NLMSG_ALIGN(size);
    header().nlmsg_len = static_cast<std::uint32_t>(length_);
  }

  alignas(nlmsghdr) std::array<std::byte, kRequestMax> bytes_{};
  std::size_t length_ = NLMSG_HDRLEN;
};

struct Reply {
  alignas(nlmsghdr) std::array<std::byte, kReplyMax> bytes;
  std::size_t length = 0;
};

// Returns 0 or the errno of the kernel's answer; `on_message` sees what comes before the acknowledgement.
// The kernel answers within sendmsg, so the reply is there when we read.
template <class OnMessage>
int exchange(int fd, const Request& request, OnMessage on_message) {
  const auto sent = retried([&] { return ::send(fd, request.data(), request.size(), MSG_NOSIGNAL); });
  if (sent < 0) return errno;
  Reply reply;
  for (;;) {
    const auto got = retried([&] { return ::recv(fd, reply.bytes.data(), reply.bytes.size(), 0); });
    if (got < 0) return errno;
    auto left = static_cast<std::uint32_t>(got);
    for (auto* message = reinterpret_cast<nlmsghdr*>(reply.bytes.data()); NLMSG_OK(message, left);
         message = NLMSG_NEXT(message, left)) {
      if (message->nlmsg_type == NLMSG_ERROR) return -static_cast<nlmsgerr*>(NLMSG_DATA(message))->error;
      on_message(*message);
    }
  }
}

void exchange_or_throw(int fd, const Request& request, const std::string& attempt) {
  const int error = exchange(fd, request, [](nlmsghdr&) {});
  if (error != 0) throw std::system_error(error, std::generic_category(), attempt);
}

ifinfomsg link_message(int index) {
  ifinfomsg message{};
  message.ifi_index = index;
  return message;
}

void read_link(nlmsghdr& message, LinkFacts& facts) {
  if (message.nlmsg_type != RTM_NEWLINK || message.nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg))) return;
  auto* link = static_cast<ifinfomsg*>(NLMSG_DATA(&message));
  facts.index = link->ifi_index;
  auto left = static_cast<std::uint32_t>(IFLA_PAYLOAD(&message));
  for (rtattr* attribute = IFLA_RTA(link); RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    const auto size = static_cast<std::size_t>(RTA_PAYLOAD(attribute));
    if (attribute->rta_type == IFLA_MTU && size >= sizeof facts.mtu) {
      std::memcpy(&facts.mtu, RTA_DATA(attribute), sizeof facts.mtu);
    } else if (attribute->rta_type == IFLA_ADDRESS && size == facts.mac.size()) {
      std::memcpy(facts.mac.data(), RTA_DATA(attribute), size);
    } else if (attribute->rta_type == IFLA_STATS64) {
      rtnl_link_stats64 stats{};
      std::memcpy(&stats, RTA_DATA(attribute), std::min(size, sizeof stats));
      facts.tx_dropped = stats.tx_dropped;
    } else if (attribute->rta_type == IFLA_OPERSTATE && size >= 1) {
      facts.operational = *static_cast<const std::uint8_t*>(RTA_DATA(attribute)) == IF_OPER_UP;
    }
  }
}

struct Prefix {
  int family = AF_UNSPEC;
  std::array<std::byte, 16> bytes{};
  std::size_t size = 0;
  std::uint8_t length_bits = 0;
};

std::optional<Prefix> parse_prefix(const std::string& text) {
  const auto slash = text.find('/');
  const std::string host = text.substr(0, slash);
  Prefix prefix;
  if (::inet_pton(AF_INET, host.c_str(), prefix.bytes.data()) == 1) {
    prefix.family = AF_INET;
    prefix.size = 4;
  } else if (::inet_pton(AF_INET6, host.c_str(), prefix.bytes.data()) == 1) {
    prefix.family = AF_INET6;
    prefix.size = 16;
  } else {
    return std::nullopt;
  }
  unsigned bits = static_cast<unsigned>(prefix.size) * 8;
  if (slash != std::string::npos) {
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, bits);
    if (error != std::errc{} || rest != end || bits > prefix.size * 8) return std::nullopt;
  }
  prefix.length_bits = static_cast<std::uint8_t>(bits);
  return prefix;
}

}  // namespace

RouteSocket RouteSocket::open() {
  OwnedFd fd(checked("open a route socket", ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)));
  return RouteSocket(std::move(fd));
}

std::optional<LinkFacts> RouteSocket::find_link(const std::string& name) {
  if (name.empty() || name.size() >= IFNAMSIZ) return std::nullopt;
  Request request(RTM_GETLINK, 0);
  request.fixed(link_message(0));
  request.attribute(IFLA_IFNAME, name.c_str(), name.size() + 1);
  LinkFacts facts;
  const int error = exchange(fd_.get(), request, [&](nlmsghdr& message) { read_link(message, facts); });
  if (error != 0 || facts.index == 0) return std::nullopt;
  return facts;
}

void RouteSocket::set_mac_mtu_queue(int index, const std::optional<MacAddress>& mac, std::uint32_t mtu,
                                    std::uint32_t queue_frames) {
  Request request(RTM_NEWLINK, 0);
  request.fixed(link_message(index));
  if (mac) request.attribute(IFLA_ADDRESS, mac->data(), mac->size());
  request.number(IFLA_MTU, mtu);
  request.number(IFLA_TXQLEN, queue_frames);
  exchange_or_throw(fd_.get(), request, "set MAC address and MTU " + std::to_string(mtu));
}

void RouteSocket::set_up(int index) {
  Request request(RTM_NEWLINK, 0);
  ifinfomsg message = link_message(index);
  message.ifi_flags = IFF_UP;
  message.ifi_change = IFF_UP;
  request.fixed(message);
  exchange_or_throw(fd_.get(), request, "bring the interface up");
}

void RouteSocket::add_address(int index, const std::string& address) {
  const std::string attempt = "add address " + address;
  const auto prefix = parse_prefix(address);
  if (!prefix) throw std::system_error(EINVAL, std::generic_category(), attempt);
  Request request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  ifaddrmsg message{};
  message.ifa_family = static_cast<std::uint8_t>(prefix->family);
  message.ifa_prefixlen = prefix->length_bits;
  message.ifa_index = static_cast<std::uint32_t>(index);
  request.fixed(message);
  request.attribute(IFA_LOCAL, prefix->bytes.data(), prefix->size);
  request.attribute(IFA_ADDRESS, prefix->bytes.data(), prefix->size);
  if (prefix->family == AF_INET && prefix->length_bits < 31) {
    std::uint32_t broadcast = 0;
    std::memcpy(&broadcast, prefix->bytes.data(), sizeof broadcast);
    broadcast |= htonl(0xFFFFFFFFU >> prefix->length_bits);
    request.attribute(IFA_BROADCAST, &broadcast, sizeof broadcast);
  }
  exchange_or_throw(fd_.get(), request, attempt);
}

void RouteSocket::make_veth(const std::string& name, int index, int peer_namespace, int peer_index) {
  Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  request.fixed(link_message(index));
  request.attribute(IFLA_IFNAME, name.c_str(), name.size() + 1);
  const std::size_t info = request.begin(IFLA_LINKINFO);
  constexpr std::string_view kind = "veth";
  request.attribute(IFLA_INFO_KIND, kind.data(), kind.size());
  const std::size_t data = request.begin(IFLA_INFO_DATA);
  const std::size_t peer = request.begin(VETH_INFO_PEER);
  request.fixed(link_message(peer_index));
  request.number(IFLA_NET_NS_FD, static_cast<std::uint32_t>(peer_namespace));
  request.end(peer);
  request.end(data);
  request.end(info);
  exchange_or_throw(fd_.get(), request, "make a veth interface");
}

void RouteSocket::delete_link(int index) {
  Request request(RTM_DELLINK, 0);
  request.fixed(link_message(index));
  exchange_or_throw(fd_.get(), request, "delete the interface");
}

void RouteSocket::delete_links(const std::vector<int>& indexes) {
  bool any = false;
  for (const int index : indexes) {
    Request request(RTM_NEWLINK, 0);
    request.fixed(link_message(index));
    request.number(IFLA_GROUP, kDyingGroup);
    any = exchange(fd_.get(), request, [](nlmsghdr&) {}) == 0 || any;  // one may be gone already
  }
  if (!any) return;
  Request request(RTM_DELLINK, 0);
  request.fixed(link_message(0));
  request.number(IFLA_GROUP, kDyingGroup);
  exchange_or_throw(fd_.get(), request, "delete the interfaces");
}

}  // namespace labreel
