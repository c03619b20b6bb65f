// ControlServer: answers the clients of one running lab on its Unix socket, in a thread of its own.
#pragma once

#include <memory>
#include <string>

#include "recorder/control/lab_socket.h"
#include "recorder/lab_control.h"

namespace labreel {

// Shape: made before the lab starts, destroyed after it has ended (the lab may call back until then, and later too: it is
//        ignored). Destroying it sends what is still to be sent, for at most a second, then closes every connection
//        and unlinks the socket; it never waits for a client. A client that sends nonsense, or a message of more than
//        1 MiB, loses its own connection. Only the owner of the process and root are served.
// Errors: throws std::system_error if it cannot start. Ignores SIGPIPE in the whole process, as kj does.
class ControlServer {
 public:
  ControlServer(LabControl& lab, LabSocket socket);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  const std::string& socket_path() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace labreel
