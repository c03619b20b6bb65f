// Lab files for the tests of sessions.
#pragma once

#include <string>

namespace labreel::test {

// Two routers on a link and a host on a lan; the first line of the scenario is line 9.
inline std::string lab_with(const std::string& scenario) {
  return "name: small\ntopology:\n  nodes: {r1: , r2: , h1: }\n  links:\n"
         "    - {endpoints: [\"r1:eth1\", \"r2:eth1\"], loss: {out: 1%}}\n"
         "  lans:\n    office: {ports: [\"r1:eth0\", \"h1:eth0\"]}\nscenario:\n" +
         scenario;
}


}  // namespace labreel::test
