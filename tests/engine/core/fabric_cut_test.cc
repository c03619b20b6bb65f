#include "engine/core/fabric.h"
#include "tests/engine/core/test_lab.h"

namespace labreel {
namespace {

struct Line : TestLab {
  PortId a = host("a"), b = host("b");
  LinkId cable = link(a, b, {.delay_ns = 1'000});
  // Two frames one way and one the other, at times 0, 10 and 20.
  void fill() {
    send(a, frame_between(1, 2));
    at_ns = 10;
    send(b, frame_between(2, 1));
    at_ns = 20;
    send(a, frame_between(1, 2));
  }
};

struct Office : TestLab {
  PortId a = host("a"), b = host("b"), c = host("c");
  LanId office = lan("office", {a, b, c});
  Office() {
    set(a, {.delay_ns = 100});
    set(b, {.delay_ns = 1'000}, Direction::in);
    set(c, {.delay_ns = 2'000}, Direction::in);
  }
};

}  // namespace

TEST_CASE("a cut link ends what flies on it, both ways, in order of frame", "[core]") {
  Line lab;
  lab.fill();
  const std::vector<Outcome> outcomes = lab.apply(LinkDown{lab.b});
  CHECK(outcomes == std::vector<Outcome>{{Seq{1}, 0, lab.b, Reason::link_down},
                                         {Seq{2}, 0, lab.a, Reason::link_down},
                                         {Seq{3}, 0, lab.b, Reason::link_down}});
  CHECK(lab.take(10'000).empty());
  lab.apply(LinkUp{lab.a});
  CHECK(lab.send_one(lab.a, frame_between(1, 2)).due == LabTime{11'000});
}

TEST_CASE("what is due when a link is cut was delivered", "[core]") {
  Line lab;
  lab.fill();
  lab.at_ns = 1'010;
  CHECK(lab.apply(LinkDown{lab.a}).size() == 1);
  CHECK(lab.drain().size() == 2);
}

TEST_CASE("a link cut and mended starts with an empty queue", "[core]") {
  TestLab lab;
  const PortId a = lab.host("a"), b = lab.host("b");
  lab.link(a, b, {.rate_bps = 8'000});
  lab.send(a, frame_between(1, 2, 1'000));
  lab.apply(LinkDown{a});
  lab.apply(LinkUp{a});
  CHECK(lab.send_one(a, frame_between(1, 2, 100)).due == LabTime{100 * kMillisecond_ns});
}

TEST_CASE("removed links, ports and stopped nodes end copies with their own reasons", "[core]") {
  const auto reasons_after = [](auto effect_of) {
    Line lab;
    lab.fill();
    std::vector<Reason> reasons;
    for (const Outcome& outcome : lab.apply(effect_of(lab))) reasons.push_back(outcome.reason);
    lab.take(5'000);
    return reasons;
  };
  using Reasons = std::vector<Reason>;
  const auto three = [](Reason reason) { return Reasons{reason, reason, reason}; };
  CHECK(reasons_after([](Line& lab) -> EventBody { return LinkRemoved{lab.cable}; }) == three(Reason::link_down));
  CHECK(reasons_after([](Line& lab) -> EventBody { return PortRemoved{lab.a}; }) == three(Reason::port_removed));
  CHECK(reasons_after([](Line&) -> EventBody { return LabEnded{}; }) == three(Reason::lab_ended));
  CHECK(reasons_after([](Line& lab) -> EventBody {
          return NodeStopped{lab.node_of(lab.b), ""};
        }) == Reasons{Reason::node_stopped, Reason::node_stopped});
  CHECK(reasons_after([](Line& lab) -> EventBody { return NodePaused{lab.node_of(lab.b)}; }).empty());
  CHECK(reasons_after([](Line& lab) -> EventBody { return PortDown{lab.b}; }).empty());
}

TEST_CASE("a lan's cut cable ends what flies to its port, and what its port sent and the switch has not got",
          "[core]") {
  Office lab;
  lab.send(lab.a, frame_between(1, 255));  // at the switch at 100
  lab.at_ns = 50;
  lab.send(lab.a, frame_between(1, 255));  // at the switch at 150
  lab.at_ns = 120;
  CHECK(lab.apply(LinkDown{lab.a}) ==
        std::vector<Outcome>{{Seq{2}, 0, lab.b, Reason::link_down}, {Seq{2}, 1, lab.c, Reason::link_down}});
  CHECK(lab.apply(LinkDown{lab.b}) == std::vector<Outcome>{{Seq{1}, 0, lab.b, Reason::link_down}});
  const auto taken = lab.take(10'000);
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].port == lab.c);
  CHECK(taken[0].due_ns == 2'100);
}

TEST_CASE("a port that leaves a lan ends its copies, and a removed lan ends all", "[core]") {
  Office lab;
  lab.send(lab.a, frame_between(1, 255));
  lab.at_ns = 200;
  CHECK(lab.apply(LanLeft{lab.office, lab.b}) == std::vector<Outcome>{{Seq{1}, 0, lab.b, Reason::link_down}});
  CHECK(lab.apply(LanLeft{lab.office, lab.a}).empty());  // the switch has it
  CHECK(lab.apply(LanRemoved{lab.office}) == std::vector<Outcome>{{Seq{1}, 1, lab.c, Reason::link_down}});
  CHECK(lab.fabric.counts().in_flight == 0);
}

TEST_CASE("a new link of a port does not touch what the port left behind on a lan", "[core]") {
  Office lab;
  lab.send(lab.a, frame_between(1, 255));
  lab.at_ns = 200;
  lab.apply(LanLeft{lab.office, lab.a});
  const PortId d = lab.host("d");
  lab.link(lab.a, d);
  CHECK(lab.apply(LinkDown{lab.a}).empty());
  CHECK(lab.take(10'000).size() == 2);
}

TEST_CASE("what a lan's switch gets at the moment of the cut is not cut", "[core]") {
  Office lab;
  lab.send(lab.a, frame_between(1, 255));
  lab.at_ns = 100;
  CHECK(lab.apply(LinkDown{lab.a}).empty());
  CHECK(lab.take(10'000).size() == 2);
}

}  // namespace labreel
