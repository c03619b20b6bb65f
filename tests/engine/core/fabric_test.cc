#include "engine/core/fabric.h"

#include "tests/engine/core/test_lab.h"

namespace labreel {

TEST_CASE("a frame on a plain link is due at once, byte for byte", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  const PortId b = lab.host("b");
  lab.link(a, b);
  lab.at_ns = 5;
  const std::string frame = frame_between(1, 2);
  CHECK(lab.send_one(a, frame) == Copy{.port = b, .due = LabTime{5}});
  const auto taken = lab.drain();
  REQUIRE(taken.size() == 1);
  CHECK(taken[0] == Taken{1, 0, b, 5, frame});
  CHECK(lab.drain().empty());
  CHECK(lab.fabric.counts().delivered == 1);
}

TEST_CASE("a delayed frame flies until it is due", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  const PortId b = lab.host("b");
  lab.link(a, b, {.delay_ns = 100});
  CHECK(lab.send_one(a, frame_between(1, 2)).due == LabTime{100});
  CHECK(lab.fabric.next_due() == LabTime{100});
  REQUIRE(lab.fabric.in_flight().size() == 1);
  CHECK(lab.fabric.in_flight()[0].from == a);
  CHECK(lab.fabric.in_flight()[0].to == b);
  CHECK(lab.take(99).empty());
  CHECK(lab.take(100).size() == 1);
  CHECK(lab.fabric.next_due() == kNever);
}

TEST_CASE("a frame that cannot go is one copy dropped with the first reason that holds", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a", 100);
  const PortId b = lab.host("b", 1500);
  const auto reason = [&](const std::string& frame) {
    const Copy copy = lab.send_one(a, frame);
    CHECK(copy.due == LabTime{lab.at_ns});
    return copy.reason;
  };
  CHECK(reason(frame_between(1, 2)) == Reason::no_receiver);
  lab.link(a, b);
  CHECK(reason(frame_between(1, 2)) == Reason::none);
  CHECK(reason(std::string(13, 'x')) == Reason::malformed);
  CHECK(reason("") == Reason::malformed);
  CHECK(reason(std::string(14, 'x')) == Reason::none);
  CHECK(reason(std::string(118, 'x')) == Reason::none);
  CHECK(reason(std::string(119, 'x')) == Reason::mtu);
  CHECK(reason(std::string(100'000, 'x')) == Reason::mtu);
  lab.apply(LinkDown{b});
  CHECK(reason("") == Reason::link_down);
  lab.apply(PortDown{a});
  CHECK(reason("") == Reason::port_down);
  lab.apply(NodeStopped{lab.node_of(a), "stopped"});
  CHECK(reason("") == Reason::node_stopped);
  lab.apply(LabEnded{"stopped"});
  CHECK(reason("") == Reason::lab_ended);
  lab.apply(LabBegun{});
  CHECK(reason("") == Reason::node_stopped);
  CHECK(lab.fabric.counts().delivered == 3);
}

TEST_CASE("a receiver that cannot take a frame drops its copy with the reason", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  const PortId b = lab.host("b", 100);
  lab.link(a, b);
  CHECK(lab.send_one(a, frame_between(1, 2, 119)) == Copy{.port = b, .reason = Reason::mtu, .due = {}});
  lab.apply(PortDown{b});
  CHECK(lab.send_one(a, frame_between(1, 2)) == Copy{.port = b, .reason = Reason::port_down, .due = {}});
  lab.apply(NodeStopped{lab.node_of(b), ""});
  CHECK(lab.send_one(a, frame_between(1, 2)) == Copy{.port = b, .reason = Reason::node_stopped, .due = {}});
  lab.apply(PortUp{b});
  lab.apply(NodeStarted{lab.node_of(b)});
  lab.apply(NodePaused{lab.node_of(b)});
  CHECK(lab.send_one(a, frame_between(1, 2)).scheduled());
}

TEST_CASE("what does not fit is refused and changes nothing", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  const PortId b = lab.host("b");
  lab.link(a, b, {.delay_ns = 10});
  lab.at_ns = 100;
  lab.seq = 1;
  lab.send(a, frame_between(1, 2));
  const std::string before = lab.fabric.save();
  const std::string frame = frame_between(1, 2);
  CHECK_FALSE(lab.fabric.apply(LinkDown{PortId{9}}, LabTime{200}).ok());
  CHECK_FALSE(lab.fabric.apply(LinkDown{a}, LabTime{99}).ok());
  CHECK_FALSE(lab.fabric.apply(Frame{}, LabTime{200}).ok());
  CHECK_FALSE(lab.fabric.arrive(a, as_bytes(frame), LabTime{99}, Seq{9}).ok());
  CHECK_FALSE(lab.fabric.arrive(PortId{9}, as_bytes(frame), LabTime{200}, Seq{9}).ok());
  CHECK_FALSE(lab.fabric.arrive(kNoPort, as_bytes(frame), LabTime{200}, Seq{9}).ok());
  CHECK_FALSE(lab.fabric.arrive(a, as_bytes(frame), LabTime{200}, Seq{1}).ok());
  CHECK_FALSE(lab.fabric.advance(LabTime{99}).ok());
  CHECK(lab.fabric.save() == before);
}

TEST_CASE("a removed port takes no frames any more", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  lab.apply(PortRemoved{a});
  const std::string frame = frame_between(1, 2);
  CHECK_FALSE(lab.fabric.arrive(a, as_bytes(frame), LabTime{0}, Seq{1}).ok());
}

TEST_CASE("deliveries come ordered by due time, frame and copy", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  const PortId b = lab.host("b");
  const PortId c = lab.host("c");
  const PortId d = lab.host("d");
  lab.link(a, b, {.delay_ns = 30});
  lab.link(c, d, {.delay_ns = 10, .duplicate_ppb = kCertain_ppb});
  lab.send(a, frame_between(1, 2));  // due at 30
  lab.at_ns = 20;
  lab.send(c, frame_between(3, 4));  // both due at 30
  lab.send(c, frame_between(3, 4));
  std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
  for (const Taken& taken : lab.take(40)) order.emplace_back(taken.frame, taken.copy);
  CHECK(order == std::vector<std::pair<std::uint64_t, std::uint32_t>>{{1, 0}, {2, 0}, {2, 1}, {3, 0}, {3, 1}});
}

TEST_CASE("a delivery can be refused once, while it has just come due", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  const PortId b = lab.host("b");
  lab.link(a, b);
  lab.at_ns = 10;
  lab.send(a, frame_between(1, 2));
  REQUIRE(lab.drain().size() == 1);
  const auto outcome = lab.fabric.refuse(Seq{1}, 0, LabTime{10});
  REQUIRE(outcome.ok());
  CHECK(*outcome == Outcome{Seq{1}, 0, b, Reason::refused_by_node});
  CHECK(lab.dropped(Reason::refused_by_node) == 1);
  CHECK(lab.fabric.counts().delivered == 0);
  lab.check_conservation();
  CHECK_FALSE(lab.fabric.refuse(Seq{1}, 0, LabTime{10}).ok());
  CHECK_FALSE(lab.fabric.refuse(Seq{1}, 1, LabTime{10}).ok());
}

TEST_CASE("a delivery can still be refused at the next moment, after its bytes were used again", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  const PortId b = lab.host("b");
  lab.link(a, b);
  lab.at_ns = 10;
  lab.send(a, frame_between(1, 2));
  lab.drain();
  lab.send(a, frame_between(3, 4));
  lab.drain();
  lab.at_ns = 20;
  lab.send(a, frame_between(5, 6));
  CHECK(lab.fabric.refuse(Seq{1}, 0, LabTime{20}).ok());
  CHECK(lab.fabric.refuse(Seq{2}, 0, LabTime{20}).ok());
  lab.at_ns = 30;
  lab.send(a, frame_between(5, 6));
  lab.drain();
  lab.at_ns = 40;
  lab.send(a, frame_between(5, 6));
  CHECK_FALSE(lab.fabric.refuse(Seq{3}, 0, LabTime{40}).ok());
  lab.check_conservation();
}

TEST_CASE("a delivery refused before it is taken is not given out", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  lab.link(a, lab.host("b"));
  lab.send(a, frame_between(1, 2));
  lab.send(a, frame_between(3, 4));
  REQUIRE(lab.fabric.refuse(Seq{1}, 0, LabTime{0}).ok());
  const auto taken = lab.drain();
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].frame == 2);
}

TEST_CASE("events that are no effects change no decision", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  lab.link(a, lab.host("b"));
  const std::string before = lab.fabric.save();
  CHECK(lab.apply(Marker{"m", "n"}).empty());
  CHECK(lab.apply(LabBegun{}).empty());
  CHECK(lab.fabric.save() == before);
}

TEST_CASE("frames that share a number share its copies, numbered on", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  const PortId b = lab.host("b");
  const PortId c = lab.host("c");
  lab.lan("lan", {a, b, c}, {{}, {}, true});
  lab.send(a, frame_between(1, 255));
  --lab.seq;
  lab.send(b, frame_between(2, 255));
  lab.send(c, frame_between(3, 255));
  std::vector<std::pair<std::uint64_t, std::uint32_t>> taken;
  for (const Taken& delivery : lab.drain()) taken.emplace_back(delivery.frame, delivery.copy);
  CHECK(taken == std::vector<std::pair<std::uint64_t, std::uint32_t>>{{1, 0}, {1, 1}, {1, 2}, {1, 3}, {2, 0}, {2, 1}});
  CHECK(lab.fabric.refuse(Seq{1}, 3, LabTime{0})->port == c);
  CHECK_FALSE(lab.fabric.arrive(a, {}, LabTime{0}, Seq{1}).ok());
  CHECK_FALSE(lab.fabric.arrive(a, {}, LabTime{0}, Seq{0}).ok());
}

TEST_CASE("what has come due long ago cannot be refused, though nothing came due since", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a");
  lab.link(a, lab.host("b"));
  lab.at_ns = 10;
  lab.send(a, frame_between(1, 2));
  lab.drain();
  for (const std::uint64_t at_ns : {20U, 30U}) {
    lab.at_ns = at_ns;
    lab.apply(Marker{});
  }
  CHECK_FALSE(lab.fabric.refuse(Seq{1}, 0, LabTime{30}).ok());
  CHECK(lab.fabric.counts().delivered == 1);
}

}  // namespace labreel
