// ImportPorts: a capture's interfaces as ports of nodes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/event.h"
#include "engine/core/topology.h"
#include "replay/import/captured_file.h"

namespace labreel {

// Shape: "r1:eth1" is port eth1 of node r1; another name is a port of the node `capture`; without a name it is `if0`,
//        `if1` …. Interfaces of one name are one port, also across sections. Only Ethernet interfaces become ports.
//        A name that no port can have (several colons, a control character) is made to fit, and stays its own.
class ImportPorts {
 public:
  // Appends the nodes and ports to the reel, at its beginning.
  ImportPorts(const std::vector<CapturedInterface>& interfaces, EventSink& sink);

  // None for an interface that is no port.
  std::optional<PortId> port_of(std::uint32_t interface) const { return ports_[interface]; }
  // By the file's name for the interface; kNoPort if there is none.
  PortId named(std::string_view name) const;
  // One sentence for each name that had to be made to fit.
  const std::vector<std::string>& words() const { return words_; }
  // The sender that the capture did not see; appended when it is first asked for.
  PortId elsewhere(LabTime now);

 private:
  PortId add(LabTime now, const std::string& node, const std::string& port, const MacAddress& mac);

  EventSink& sink_;
  Topology topology_;
  std::vector<std::optional<PortId>> ports_;
  std::map<std::string, PortId, std::less<>> renamed_;  // by the file's name
  std::vector<std::string> words_;
};

}  // namespace labreel
