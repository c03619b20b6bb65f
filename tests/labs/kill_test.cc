// kill -9 of the recorder at random moments of every sample.
#include <catch2/catch.hpp>

#include "tests/labs/kill_anywhere.h"

namespace labreel::test {

TEST_CASE("kill -9 of the recorder, at any moment of any sample, leaves nothing behind", "[labs]") {
  const auto [sample, within_ms] = GENERATE(table<std::string, int>({{"two-hosts", 3'000},
                                                                     {"lossy-link", 4'000},
                                                                     {"tcp-loss", 6'000},
                                                                     {"vlan-trunk", 4'000},
                                                                     {"stp-loop", 6'000},
                                                                     {"ipv6-ra", 6'000},
                                                                     {"nat-firewall", 4'000},
                                                                     {"rip-line", 8'000},
                                                                     {"ospf-triangle", 8'000},
                                                                     {"bgp-two-as", 8'000},
                                                                     {"frr-ring-25", 25'000}}));
  CAPTURE(sample);
  const TestFolder folder;
  require_nothing_stays(
      {labreel_binary(), "run", source_dir() + "/samples/" + sample + "/lab.yml", "-o", folder / "killed.reel"}, folder,
      3, within_ms);
}

}  // namespace labreel::test
