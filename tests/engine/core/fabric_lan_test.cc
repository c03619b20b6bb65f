#include "engine/core/fabric.h"
#include "tests/engine/core/test_lab.h"

namespace labreel {
namespace {

std::vector<PortId> receivers(const std::vector<Copy>& copies) {
  std::vector<PortId> ports;
  for (const Copy& copy : copies) ports.push_back(copy.port);
  return ports;
}

struct Office : TestLab {
  PortId a = host("a"), b = host("b"), c = host("c");
  LanId office;
  explicit Office(const LanAdded& like = {}) : office(lan("office", {c, a, b}, like)) {}
};

}  // namespace

TEST_CASE("a switch floods what it does not know, in order of port, and never back", "[core]") {
  Office lab;
  CHECK(receivers(lab.send(lab.b, frame_between(2, 1))) == std::vector{lab.a, lab.c});
  CHECK(receivers(lab.send(lab.a, frame_between(1, 255))) == std::vector{lab.b, lab.c});
}

TEST_CASE("a switch sends what it knows to one port only", "[core]") {
  Office lab;
  lab.send(lab.a, frame_between(1, 255));
  CHECK(receivers(lab.send(lab.b, frame_between(2, 1))) == std::vector{lab.a});
  CHECK(receivers(lab.send(lab.c, frame_between(3, 2))) == std::vector{lab.b});
  lab.send(lab.c, frame_between(1, 255));  // the address moved
  CHECK(receivers(lab.send(lab.b, frame_between(2, 1))) == std::vector{lab.c});
}

TEST_CASE("a frame for the port that it came from has no receiver", "[core]") {
  Office lab;
  lab.send(lab.a, frame_between(1, 255));
  CHECK(lab.send_one(lab.a, frame_between(9, 1)) == Copy{.port = kNoPort, .reason = Reason::no_receiver, .due = {}});
}

TEST_CASE("a frame from the only port of a lan has no receiver", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  lab.lan("office", {a});
  CHECK(lab.send_one(a, frame_between(1, 255)) == Copy{.port = kNoPort, .reason = Reason::no_receiver, .due = {}});
}

TEST_CASE("a hub floods always and learns nothing", "[core]") {
  Office lab({.lan = {}, .name = {}, .hub = true});
  lab.send(lab.a, frame_between(1, 255));
  CHECK(receivers(lab.send(lab.b, frame_between(2, 1))) == std::vector{lab.a, lab.c});
  CHECK(lab.fabric.mac_entries(LabTime{0}).empty());
}

TEST_CASE("a group's address is never learned", "[core]") {
  Office lab;
  std::string frame = frame_between(1, 2);
  frame[6] = 3;
  lab.send(lab.a, frame);
  CHECK(lab.fabric.mac_entries(LabTime{0}).empty());
}

TEST_CASE("a learned address is forgotten when it is old", "[core]") {
  Office lab({.lan = {}, .name = {}, .ageing_ns = 1'000});
  lab.send(lab.a, frame_between(1, 255));
  lab.at_ns = 999;
  CHECK(lab.send(lab.b, frame_between(2, 1)).size() == 1);
  CHECK(lab.fabric.mac_entries(LabTime{999}).size() == 2);
  lab.at_ns = 1'000;
  CHECK(lab.send(lab.b, frame_between(2, 1)).size() == 2);
  REQUIRE(lab.fabric.mac_entries(LabTime{1'000}).size() == 1);
  CHECK(lab.fabric.mac_entries(LabTime{1'000})[0].port == lab.b);
}

TEST_CASE("a full switch forgets the address learned longest ago and floods for it", "[core]") {
  Office lab({.lan = {}, .name = {}, .mac_limit = 2});
  lab.send(lab.a, frame_between(1, 255));
  lab.send(lab.b, frame_between(2, 255));
  lab.send(lab.c, frame_between(3, 255));
  CHECK(lab.send(lab.b, frame_between(2, 1)).size() == 2);
  CHECK(lab.fabric.mac_entries(LabTime{0}).size() == 2);
}

TEST_CASE("a port that leaves takes its addresses along", "[core]") {
  Office lab;
  lab.send(lab.a, frame_between(1, 255));
  lab.send(lab.b, frame_between(2, 255));
  lab.apply(LanLeft{lab.office, lab.a});
  REQUIRE(lab.fabric.mac_entries(LabTime{0}).size() == 1);
  lab.apply(PortRemoved{lab.b});
  CHECK(lab.fabric.mac_entries(LabTime{0}).empty());
  lab.apply(LanJoined{lab.office, lab.a, {}, {}});
  CHECK(receivers(lab.send(lab.c, frame_between(3, 2))) == std::vector{lab.a});
}

TEST_CASE("a lan's receiver that cannot take a frame drops its own copy only", "[core]") {
  Office lab;
  lab.apply(LinkDown{lab.b});
  auto copies = lab.send(lab.a, frame_between(1, 255));
  REQUIRE(copies.size() == 2);
  CHECK(copies[0] == Copy{.port = lab.b, .reason = Reason::link_down, .due = {}});
  CHECK(copies[1].scheduled());
  lab.apply(NodeStopped{lab.node_of(lab.c), ""});
  CHECK(lab.send(lab.a, frame_between(1, 255))[1] == Copy{.port = lab.c, .reason = Reason::node_stopped, .due = {}});
}

TEST_CASE("a frame lost on its sender's cable is one copy without a port, and teaches the switch nothing", "[core]") {
  Office lab;
  lab.set(lab.a, {.loss_ppb = kCertain_ppb});
  CHECK(lab.send_one(lab.a, frame_between(1, 255)) == Copy{.port = kNoPort, .reason = Reason::loss, .due = {}});
  CHECK(lab.fabric.mac_entries(LabTime{0}).empty());
}

TEST_CASE("a frame lost on a receiver's cable is lost for that receiver", "[core]") {
  Office lab;
  lab.set(lab.b, {.loss_ppb = kCertain_ppb}, Direction::in);
  const auto copies = lab.send(lab.a, frame_between(1, 255));
  CHECK(copies[0] == Copy{.port = lab.b, .reason = Reason::loss, .due = {}});
  CHECK(copies[1].scheduled());
}

TEST_CASE("the delays of both cables of a lan add up", "[core]") {
  Office lab;
  lab.set(lab.a, {.delay_ns = 100});
  lab.set(lab.b, {.delay_ns = 20}, Direction::in);
  const auto copies = lab.send(lab.a, frame_between(1, 255));
  CHECK(copies[0].due == LabTime{120});
  CHECK(copies[1].due == LabTime{100});
}

TEST_CASE("a slow port of a lan does not hold up a fast one at a receiver that limits the rate", "[core]") {
  Office lab;
  lab.set(lab.a, {.delay_ns = kSecond_ns});
  lab.set(lab.c, {.rate_bps = 8'000'000, .queue_bytes = 1'000'000}, Direction::in);  // one byte a microsecond
  lab.send(lab.c, frame_between(3, 255));
  CHECK(lab.send_one(lab.a, frame_between(1, 3, 1000)).due == LabTime{kSecond_ns + 1'000'000});
  CHECK(lab.send_one(lab.b, frame_between(2, 3, 1000)).due == LabTime{1'000'000});
  CHECK(lab.send_one(lab.b, frame_between(2, 3, 500)).due == LabTime{1'500'000});
}

TEST_CASE("frames of different delays share a receiver's rate without exceeding it", "[core]") {
  Office lab;
  lab.set(lab.a, {.delay_ns = 1'000'000});
  lab.set(lab.c, {.rate_bps = 8'000'000, .queue_bytes = 1'000'000}, Direction::in);
  lab.send(lab.c, frame_between(3, 255));
  CHECK(lab.send_one(lab.a, frame_between(1, 3, 1000)).due == LabTime{2'000'000});
  lab.at_ns = 500'000;
  // 1000 bytes do not fit into the free half millisecond before, 500 do.
  CHECK(lab.send_one(lab.b, frame_between(2, 3, 1000)).due == LabTime{3'000'000});
  lab.at_ns = 600'000;
  CHECK(lab.send_one(lab.b, frame_between(2, 3, 100)).due == LabTime{3'100'000});  // b's own order is kept
}

TEST_CASE("the remembered addresses of all lans are listed, by lan and by address, byte for byte", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a"), b = lab.host("b"), c = lab.host("c"), d = lab.host("d");
  const LanId office = lab.lan("office", {a, b});
  const LanId attic = lab.lan("attic", {c, d});
  const MacAddress high{0x02, 0x13, 0x24, 0x35, 0x46, 0x57};
  std::string frame = frame_between(1, 255);
  for (std::size_t i = 0; i < high.size(); ++i) frame[6 + i] = static_cast<char>(high[i]);
  lab.send(a, frame);
  lab.at_ns = 5;
  lab.send(b, frame_between(9, 255));
  lab.send(d, frame_between(4, 255));
  const std::vector<MacEntry> entries = lab.fabric.mac_entries(LabTime{5});
  REQUIRE(entries.size() == 3);
  CHECK((entries[0].lan == office && entries[0].mac == MacAddress{2, 0, 0, 0, 0, 9} && entries[0].port == b));
  CHECK((entries[1].lan == office && entries[1].mac == high && entries[1].port == a));
  CHECK((entries[2].lan == attic && entries[2].mac == MacAddress{2, 0, 0, 0, 0, 4} && entries[2].port == d));
  CHECK((entries[1].learned == LabTime{0} && entries[2].learned == LabTime{5}));
}

TEST_CASE("a duplicate made on a receiver's cable is a second copy for that receiver alone", "[core]") {
  Office lab;
  lab.set(lab.b, {.duplicate_ppb = kCertain_ppb}, Direction::in);
  const auto copies = lab.send(lab.a, frame_between(1, 255));
  CHECK(receivers(copies) == std::vector{lab.b, lab.b, lab.c});
  CHECK((copies[0].flags == 0 && copies[1].flags == kDuplicated && copies[2].flags == 0));
}

TEST_CASE("a duplicate made on the sender's cable is flooded as well", "[core]") {
  Office lab;
  lab.set(lab.a, {.duplicate_ppb = kCertain_ppb});
  const auto copies = lab.send(lab.a, frame_between(1, 255));
  CHECK(receivers(copies) == std::vector{lab.b, lab.c, lab.b, lab.c});
  CHECK((copies[1].flags == 0 && copies[2].flags == kDuplicated));
}

// Part of what fabric version 1 decides.
TEST_CASE("a receiver's order counts a frame that was cut on its sender's cable", "[core]") {
  Office lab;
  lab.set(lab.a, {.delay_ns = 1'000});
  lab.send(lab.a, frame_between(1, 255));
  lab.at_ns = 200;
  CHECK(lab.apply(LinkDown{lab.a}).size() == 2);
  lab.apply(LinkUp{lab.a});
  lab.set(lab.a, {});
  lab.at_ns = 300;
  for (const Copy& copy : lab.send(lab.a, frame_between(1, 255))) CHECK(copy.due == LabTime{1'000});
  for (const Copy& copy : lab.send(lab.b, frame_between(2, 255))) CHECK(copy.due == LabTime{300});
}

}  // namespace labreel
