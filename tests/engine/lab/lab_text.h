// Texts that the tests of the lab file share.
#pragma once

#include <string>

#include "engine/lab/lab_file.h"

namespace labreel::test {

// A lab file with every part of a lab.
inline const std::string kExample = R"(name: ospf-triangle
seed: 42                     # every random draw of the fabric comes from it
clock: real                  # or virtual: section 8
topology:
  defaults: {kind: namespace}
  nodes:
    r1:
      files: {/etc/frr/frr.conf: r1/frr.conf}    # node path: path beside the lab file
      exec: [/usr/lib/frr/frrinit.sh start]      # run in order when the node starts
      ports: {eth1: {address: [10.0.1.1/24], mac: "02:00:00:00:01:01", mtu: 1500}}   # all optional
      position: [120, 80]                        # where a picture draws it
    r2: {}
    h1:
    h2: {}
  links:
    - endpoints: ["r1:eth1", "r2:eth1"]
      delay: 5ms                                 # both directions, or {out: 5ms, in: 20ms} seen from the first end
      jitter: 1ms                                # never reorders unless reorder is set
      rate: 100mbit
      queue: 64KiB
      loss: 0.5%
      duplicate: 0%
      corrupt: 0%
      reorder: 0%
    - endpoints: ["r1:eth2", "r2:eth2"]
      delay: {out: 5ms, in: 20ms}
      loss: {in: 1%}
  lans:
    office: {ports: ["r1:eth3", {port: "h1:eth0", delay: 1ms, rate: {out: 1mbit}}, "h2:eth0"]}
scenario:
  - wait: {node: r1, run: "vtysh -c 'show ip ospf neighbor'", until: "Full", count: 2, timeout: 30s}
  - mark: {name: adjacency, note: "All three routers see each other."}
  - link: {down: "r1:eth1"}
  - exec: {node: h1, run: "ping -c 3 10.0.3.2"}
  - sleep: 2s
)";

// A lab of two nodes, followed by more lines; the first of those is line 6.
inline std::string small_lab(const std::string& more) {
  return "name: small\ntopology:\n  nodes:\n    r1: {}\n    r2: {ports: {eth7: {}}}\n" + more;
}

}  // namespace labreel::test
