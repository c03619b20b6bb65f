#include "engine/core/mac_table.h"

#include <catch2/catch.hpp>
#include <deque>

#include "engine/core/random.h"

namespace labreel {

TEST_CASE("mac table forgets the address that was learned longest ago", "[core]") {
  MacTable table(1, 3, 1'000);
  for (std::uint64_t mac = 1; mac <= 3; ++mac) table.learn(mac, PortId{0}, LabTime{mac});
  table.learn(1, PortId{5}, LabTime{4});  // refreshed, so 2 is now the oldest
  table.learn(9, PortId{0}, LabTime{5});
  CHECK(table.size() == 3);
  CHECK(table.find(1, LabTime{5}) == PortId{5});
  CHECK_FALSE(table.find(2, LabTime{5}));
  CHECK(table.find(3, LabTime{5}) == PortId{0});
}

TEST_CASE("mac table entries age as a function of the time asked about", "[core]") {
  MacTable table(1, 8, 100);
  table.learn(7, PortId{2}, LabTime{50});
  CHECK(table.find(7, LabTime{149}) == PortId{2});
  CHECK_FALSE(table.find(7, LabTime{150}));
  CHECK(table.entries(LabTime{150}).empty());
}

TEST_CASE("mac table with no room remembers nothing", "[core]") {
  MacTable table(1, 0, 100);
  table.learn(7, PortId{2}, LabTime{0});
  CHECK_FALSE(table.find(7, LabTime{0}));
}

TEST_CASE("mac table agrees with a plain list under random use", "[core]") {
  constexpr std::uint32_t kLimit = 40;
  constexpr std::uint64_t kAgeing_ns = 300;
  MacTable table(5, kLimit, kAgeing_ns);
  std::deque<MacTable::Entry> model;  // oldest first
  for (std::uint64_t step = 0; step < 20'000; ++step) {
    const LabTime at{step};
    const std::uint64_t mac = below(mix(step), 90);
    const PortId port{static_cast<std::uint32_t>(below(mix(step ^ 0xabcdU), 4))};
    if (step % 97 == 0) {
      table.forget(port);
      std::erase_if(model, [&](const auto& entry) { return entry.port == port; });
    } else {
      table.learn(mac, port, at);
      std::erase_if(model,
                    [&](const auto& entry) { return entry.mac == mac || at.ns - entry.learned.ns >= kAgeing_ns; });
      if (model.size() == kLimit) model.pop_front();
      model.push_back({mac, port, at});
    }
    const auto entries = table.entries(at);
    const auto fresh = std::count_if(model.begin(), model.end(),
                                     [&](const auto& entry) { return at.ns - entry.learned.ns < kAgeing_ns; });
    REQUIRE(entries.size() == static_cast<std::size_t>(fresh));
    for (const auto& entry : model) {
      if (at.ns - entry.learned.ns < kAgeing_ns) REQUIRE(table.find(entry.mac, at) == entry.port);
    }
  }
}

TEST_CASE("a million invented addresses leave the mac table at its limit", "[core]") {
  MacTable table(3, 4096, 300 * 1'000'000'000ULL);
  for (std::uint64_t i = 0; i < 1'000'000; ++i) table.learn(mix(i) & 0xfeff'ffff'ffffU, PortId{1}, LabTime{i});
  CHECK(table.size() == 4096);
  CHECK(table.entries(LabTime{1'000'000}).front().learned == LabTime{1'000'000 - 4096});
}

}  // namespace labreel
