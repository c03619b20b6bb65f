#include "engine/transports/node_port.h"

#include <sys/socket.h>

#include "engine/transports/packet.h"
#include "engine/transports/tap.h"

namespace labreel {

std::unique_ptr<Transport> make_node_port(OwnedFd fd, std::shared_ptr<RouteSocket> counters) {
  int domain = 0;
  socklen_t size = sizeof domain;
  const bool is_socket = ::getsockopt(fd.get(), SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0;
  if (is_socket && domain == AF_PACKET) return std::make_unique<PacketTransport>(std::move(fd));
  return std::make_unique<TapTransport>(std::move(fd), std::move(counters));
}

}  // namespace labreel
