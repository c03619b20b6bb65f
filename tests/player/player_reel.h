// A small recording to step through: two nodes, a ping and its answer, a cut that drops a copy, markers, a console.
#pragma once

#include <memory>
#include <string>

#include "engine/core/fabric.h"
#include "tests/replay/event_list.h"
#include "tests/replay/frame_maker.h"

namespace labreel::test {

// As a lab records it: the fabric decides.
class SmallLab {
 public:
  explicit SmallLab(EventSink& sink) : sink_(sink) {}

  void record() {
    apply({}, LabBegun{"small", "name: small\n", "small.yml", 1, "real", kFabricVersion});
    apply({}, NodeAdded{NodeId{0}, "h1", "namespace", {}});
    apply({}, NodeAdded{NodeId{1}, "h2", "namespace", {}});
    apply({}, NodeStarted{NodeId{0}});
    apply({}, NodeStarted{NodeId{1}});
    apply({}, PortAdded{PortId{0}, NodeId{0}, "eth0", {2, 0, 0, 0, 0, 1}, 9216});
    apply({}, PortAdded{PortId{1}, NodeId{1}, "eth0", {2, 0, 0, 0, 0, 2}, 9216});
    CableSettings slow;
    slow.delay_ns = 100'000'000;
    apply({}, LinkAdded{LinkId{0}, {PortId{0}, PortId{1}}, {slow, slow}});  // event 8
    note(200'000'000, Marker{"start", "the first ping\nleaves now \x1b[2J"});       // 9
    frame(200'000'000, PortId{0}, ping_frame("10.0.0.1", "10.0.0.2", 1));          // 10
    frame(250'000'000, PortId{0}, arp_request("10.0.0.1", "10.0.0.9"));            // 11
    frame(300'000'000, PortId{1}, ping_frame("10.0.0.2", "10.0.0.1", 1));          // 12
    note(350'000'000, ExecOutput{NodeId{0}, Stream::stdout_stream, "64 bytes from 10.0.0.2\n"});  // 13
    at_ = LabTime{380'000'000};
    const Seq command = sink_.append(at_, {}, Command{"link.down", {"h1:eth0"}, "cli"});  // 14
    apply(command, LinkDown{PortId{0}});                                                  // 15, and the outcome 16
    sink_.append(at_, command, CommandDone{true, ""});                                    // 17
    note(400'000'000, Marker{"start", "again"});                                          // 18
    note(420'000'000, Console{NodeId{1}, false, "h2 login: "});                           // 19
    at_ = LabTime{500'000'000};
    apply({}, LabEnded{"stopped"});  // 20
  }

 private:
  void apply(Seq cause, const EventBody& effect) {
    const auto outcomes = fabric_.apply(effect, at_);
    LABREEL_CHECK(outcomes.ok());
    const Seq seq = sink_.append(at_, cause, effect);
    for (const Outcome& outcome : *outcomes) sink_.append(at_, seq, outcome);
    fabric_.drain([](const Delivery&) {});
  }
  void frame(std::uint64_t at_ns, PortId port, const std::string& bytes) {
    at_ = LabTime{at_ns};
    const auto copies = fabric_.arrive(port, as_bytes(bytes), at_, sink_.next_seq());
    LABREEL_CHECK(copies.ok());
    sink_.append_frame(at_, port, as_bytes(bytes), *copies);
    fabric_.drain([](const Delivery&) {});
  }
  void note(std::uint64_t at_ns, const EventBody& body) {
    at_ = LabTime{at_ns};
    sink_.append(at_, {}, body);
  }

  EventSink& sink_;
  Fabric fabric_{1};
  LabTime at_;
};

}  // namespace labreel::test
