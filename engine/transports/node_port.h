// The transport that fits what a namespace node gave for a port.
#pragma once

#include <memory>

#include "engine/os/owned_fd.h"
#include "engine/os/route_socket.h"
#include "engine/transports/transport.h"

namespace labreel {

// Shape:  `fd` is a TAP or a packet socket (NodeUp::ports, PortChanged::fd); `counters` is as TapTransport's.
std::unique_ptr<Transport> make_node_port(OwnedFd fd, std::shared_ptr<RouteSocket> counters);

}  // namespace labreel
