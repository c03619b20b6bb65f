#include "replay/event_text.h"

#include <catch2/catch.hpp>

#include "tests/replay/event_list.h"
#include "tests/replay/frame_maker.h"

namespace labreel::test {
namespace {

constexpr PortId kPort1{0};
constexpr PortId kPort2{1};

// The lab of add_two_nodes() and a lan, and one event more: its line.
class Line {
 public:
  Line() {
    add_two_nodes(list_);
    list_.add({}, LanAdded{LanId{0}, "office"});
    for (const Event& event : list_.all()) names_.follow(event);
  }
  std::string of(const EventBody& body, const EventTextOptions& options = {}) {
    const Event event{Seq{104}, LabTime{2'500'123'000}, {}, body};
    names_.follow(event);
    return event_text(event, names_, options);
  }
  std::string of_frame(const std::string& bytes, const std::vector<Copy>& copies) {
    return of(Frame{kPort1, as_bytes(bytes), copies, static_cast<std::uint32_t>(bytes.size())});
  }

 private:
  EventList list_;
  Names names_;
};

std::string line_of(const EventBody& body) {
  const std::string line = Line().of(body);
  const std::string place = "     104     2.500123000  ";
  REQUIRE(line.substr(0, place.size()) == place);
  return line.substr(place.size());
}

Copy copy_to(PortId port, std::uint64_t due_ns, std::uint8_t flags = 0) {
  return Copy{port, Reason::none, flags, 0, LabTime{due_ns}};
}

}  // namespace

TEST_CASE("a line about a frame says what it is and where each copy goes", "[event_text]") {
  Line line;
  const std::string request = test::arp_request("10.0.0.1", "10.0.0.2");
  const std::string start = "     104     2.500123000  r1:eth1       ARP Who has 10.0.0.2? Tell 10.0.0.1";
  CHECK(line.of_frame(request, {copy_to(kPort2, 2'505'123'000)}) == start + "  -> r2:eth1 at +5ms");
  CHECK(line.of_frame(request, {copy_to(kPort2, 2'500'123'000)}) == start + "  -> r2:eth1 at once");
  CHECK(line.of_frame(request, {Copy{kPort2, Reason::loss, 0, 0, {}}}) == start + "  dropped: loss");
  CHECK(line.of_frame(request, {Copy{kNoPort, Reason::no_receiver, 0, 0, {}}}) == start + "  dropped: no-receiver");
  CHECK(line.of_frame(request, {copy_to(kPort2, 2'500'124'000, kCorrupted | 5U << 5U),
                                Copy{kPort2, Reason::queue_full, kDuplicated | kReordered, 0, {}}}) ==
        start + "  -> r2:eth1 at +1us (corrupted)  -> r2:eth1 dropped: queue-full (duplicated, reordered)");
  CHECK(line.of(Frame{kPort1, as_bytes(request), {}, 1'514}) == start + " [truncated]  [42 of 1514 bytes kept]");
}

TEST_CASE("every kind of event has its line", "[event_text]") {
  CableSettings slow;
  slow.delay_ns = 5'000'000;
  slow.loss_ppb = 5'000'000;
  const std::vector<std::pair<EventBody, std::string>> expected{
      {LabBegun{"two", "text", "lab.yml", 42, "real", 1}, "lab.begun     two: seed 42, real clock, fabric version 1"},
      {LabBegun{"two", "text", "lab.yml", 42, "virtual", 1, BranchPoint{"one", Seq{7}, "0123abcd"}},
       "lab.begun     two: seed 42, virtual clock, fabric version 1, branch of one at event 7"},
      {LabEnded{"stopped"}, "lab.ended     stopped"},
      {NodeAdded{NodeId{2}, "h1", "namespace", {}}, "node.added    h1, namespace"},
      {NodeAdded{NodeId{2}, "h1", "qemu", {}, {{"memory", "512MiB"}, {"image", "a\x1b"}}},
       "node.added    h1, qemu, memory=512MiB, image=a\\x1b"},
      {NodeRemoved{NodeId{0}}, "node.removed  r1"},
      {NodeStarting{NodeId{0}}, "node.starting  r1"},
      {NodeStarted{NodeId{0}}, "node.started  r1"},
      {NodeStopped{NodeId{0}, "died: killed by signal 9"}, "node.stopped  r1: died: killed by signal 9"},
      {NodePaused{NodeId{0}}, "node.paused   r1"},
      {NodeResumed{NodeId{0}}, "node.resumed  r1"},
      {PortAdded{PortId{2}, NodeId{0}, "eth2", {2, 0, 0, 0, 1, 2}}, "port.added    r1:eth2 02:00:00:00:01:02"},
      {PortRemoved{kPort1}, "port.removed  r1:eth1"},
      {PortUp{kPort1}, "port.up       r1:eth1"},
      {PortDown{kPort1}, "port.down     r1:eth1"},
      {LinkAdded{LinkId{1}, {kPort1, kPort2}, {slow, slow}}, "link.added    r1:eth1 -- r2:eth1: delay 5ms, loss 0.5%"},
      {LinkAdded{LinkId{1}, {kPort1, kPort2}, {slow, {}}}, "link.added    r1:eth1 -- r2:eth1; out: delay 5ms, loss 0.5%"},
      {LinkRemoved{LinkId{0}}, "link.removed  r1:eth1 -- r2:eth1"},
      {LinkRemoved{LinkId{77}}, "link.removed  ?"},
      {LinkUp{kPort1}, "link.up       r1:eth1"},
      {LinkDown{kPort1}, "link.down     r1:eth1"},
      {LinkChanged{kPort1, Direction::out, slow, kFieldDelay}, "link.changed  r1:eth1 out: delay 5ms"},
      {LanAdded{LanId{1}, "lab", true}, "lan.added     lab, a hub"},
      {LanRemoved{LanId{0}}, "lan.removed   office"},
      {LanJoined{LanId{0}, kPort1, slow, {}}, "lan.joined    r1:eth1 joins office; out: delay 5ms, loss 0.5%"},
      {LanLeft{LanId{0}, kPort1}, "lan.left      r1:eth1 leaves office"},
      {Outcome{Seq{7}, 1, kPort2, Reason::link_down}, "outcome       frame 7 copy 1 -> r2:eth1 dropped: link-down"},
      {Command{"link.down", {"r1:eth1"}, "cli"}, "command       link.down r1:eth1 (cli)"},
      {CommandDone{true, ""}, "command.done  ok"},
      {CommandDone{false, "no port r9:eth1"}, "command.done  failed: no port r9:eth1"},
      {Exec{NodeId{0}, {"ping", "-c", "3"}}, "exec          r1: ping -c 3"},
      {ExecOutput{NodeId{0}, Stream::stdout_stream, "3 sent\n"}, "exec.output   r1: 3 sent\\n"},
      {ExecOutput{NodeId{0}, Stream::stderr_stream, "\x1b[2J"}, "exec.output   r1 stderr: \\x1b[2J"},
      {ExecDone{NodeId{0}, 137}, "exec.done     r1: status 137"},
      {Console{NodeId{0}, true, "ls\n"}, "console       r1 < ls\\n"},
      {Console{NodeId{0}, false, "etc\n"}, "console       r1 > etc\\n"},
      {Scenario{2, "begun", "sleep 2s"}, "scenario      step 2 begun: sleep 2s"},
      {Marker{"cut", "the link goes"}, "marker        cut: the link goes"},
      {Marker{"cut", ""}, "marker        cut"},
      {Marker{"cut", "", "Why?"}, "marker        cut; asks: Why?"},
      {Snapshot{"before", "3 nodes"}, "snapshot      before 3 nodes"},
      {Snapshot{"before", "3 nodes", "{}"}, "snapshot      before 3 nodes, a manifest of 2 bytes"},
      {Checkpoint{"12345"}, "checkpoint    5 bytes of the fabric's state"},
      {Gap{"before-fabric", 3, "queue full", kPort1}, "gap           3 frames lost (before-fabric at r1:eth1): queue full"},
      {Gap{"reel", 3, "lossy"}, "gap           3 frames lost (reel): lossy"},
      {NodeState{NodeId{0}, "route", "10.0.0.0/8", "", "dev eth1"},
       "node.state    node r1, table route, key 10.0.0.0/8, old , new dev eth1"},
      {Assertion{"reaches", true, "3 of 3"}, "assertion     name reaches, holds yes, detail 3 of 3"},
      {ExecInput{NodeId{0}, "ls\n"}, "exec.input    node r1, bytes ls\\n"},
      {UnknownNote{200, 0, "12345678"}, "unknown note 200  8 bytes of a later version"},
      {Divergence{"another answer"}, "divergence    another answer"},
  };
  for (const auto& [body, text] : expected) CHECK(line_of(body) == text);
}

TEST_CASE("an id that nothing gave a name is a question mark, and long output is cut", "[event_text]") {
  CHECK(line_of(PortUp{PortId{77}}) == "port.up       ?");
  CHECK(line_of(Exec{NodeId{77}, {"ls"}}) == "exec          ?: ls");
  CHECK(line_of(ExecOutput{NodeId{0}, Stream::stdout_stream, std::string(5000, 'x')}) ==
        "exec.output   r1: " + std::string(200, 'x') + "…");
}

TEST_CASE("colours come only when they are asked for", "[event_text]") {
  const Outcome lost{Seq{7}, 0, kPort2, Reason::loss};
  CHECK(Line().of(lost).find('\x1b') == std::string::npos);
  CHECK(Line().of(lost, {.colours = true}).find("\x1b[31mdropped: loss\x1b[0m") != std::string::npos);
}

}  // namespace labreel::test
