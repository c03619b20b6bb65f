// ClientConnection: one client of a lab: its stream, and the RPC that answers on it.
#pragma once

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include "recorder/control/request_stream.h"

namespace labreel {

// Shape: lives in the thread of the event loop. The members are destroyed from the last to the first, as they use each
//        other.
struct ClientConnection {
  ClientConnection(kj::Own<kj::AsyncIoStream> accepted, capnp::Capability::Client lab)
      : stream(kj::mv(accepted)),
        requests(*stream),
        network(requests, capnp::rpc::twoparty::Side::SERVER, limited_to(kReplyBytesMax)),
        system(capnp::makeRpcServer(network, kj::mv(lab))) {}
  kj::Own<kj::AsyncIoStream> stream;
  RequestStream requests;
  capnp::TwoPartyVatNetwork network;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system;
  kj::Promise<void> gone = kj::READY_NOW;
};

}  // namespace labreel
