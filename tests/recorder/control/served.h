// Served: a fake lab behind a real server on a real socket, in a folder of its own.
#pragma once

#include <optional>

#include "recorder/control/control_client.h"
#include "recorder/control/control_server.h"
#include "recorder/control/registry.h"
#include "tests/recorder/control/fake_lab.h"
#include "tests/recorder/control/run_folder.h"

namespace labreel {

struct Served {
  RunFolder folder;
  FakeLab lab;
  std::optional<ControlServer> server;
  Served() { server.emplace(lab, std::move(claim_lab("fake")).value()); }
  ControlClient client() const { return std::move(ControlClient::connect(server->socket_path())).value(); }
};

}  // namespace labreel
