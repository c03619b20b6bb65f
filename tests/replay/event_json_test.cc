#include "replay/event_json.h"

#include <catch2/catch.hpp>

#include "tests/replay/event_list.h"

using namespace labreel;
using labreel::test::add_two_nodes;
using labreel::test::arp_request;
using labreel::test::EventList;

namespace {

constexpr PortId kR1{0};
constexpr PortId kR2{1};

// The last event's line, printed after all before it were observed.
std::string last_line(const EventList& list, bool with_payload = false) {
  EventJson printer(with_payload);
  for (std::size_t i = 0; i + 1 < list.all().size(); ++i) printer.observe(list.all()[i]);
  return printer.line(list.all().back());
}

// What a kind adds to `seq time kind cause`, for an event that is the seventh of the lab of two nodes.
std::string members_of(EventBody body, std::string_view kind) {
  EventList list;
  add_two_nodes(list);
  list.add(LabTime{9}, std::move(body));
  const std::string line = last_line(list);
  const std::string head = R"({"seq":7,"time":9,"kind":")" + std::string(kind) + R"(","cause":null,)";
  INFO(line);
  REQUIRE(line.starts_with(head));
  REQUIRE(line.ends_with("}"));
  return line.substr(head.size(), line.size() - head.size() - 1);
}

const char* const kPlainSettings = R"({"delay_ns":0,"jitter_ns":0,"rate_bps":0,"queue_bytes":65536,"loss_ppb":0,)"
                                   R"("duplicate_ppb":0,"corrupt_ppb":0,"reorder_ppb":0})";

}  // namespace

TEST_CASE("JSON of a frame has its layers and fields when they are asked for", "[event-json]") {
  EventList list;
  add_two_nodes(list);
  list.add_frame(LabTime{1}, kR1, arp_request(), {});
  EventJson printer(false, true);
  for (std::size_t i = 0; i + 1 < list.all().size(); ++i) printer.observe(list.all()[i]);
  const std::string line = printer.line(list.all().back());
  INFO(line);
  const std::string eth = R"("layers":[{"name":"eth","title":"Ethernet II, Src: 02:00:00:00:01:01, Dst: ff:ff:ff:ff:ff:ff",)"
                          R"("offset":0,"length":14,"fields":[{"name":"eth.dst",)";
  const std::string opcode = R"x({"name":"arp.opcode","label":"Opcode","value":"1 (request)","offset":20,"length":2,"level":0})x";
  CHECK(line.find(eth) != std::string::npos);
  CHECK(line.find(opcode) != std::string::npos);
  CHECK(last_line(list).find("layers") == std::string::npos);
}

TEST_CASE("JSON of a frame lists its copies with due time, drop reason and flags", "[event-json]") {
  EventList list;
  add_two_nodes(list);
  list.add_frame(LabTime{2'500'000'000}, kR1, arp_request(),
                 {{kR2, Reason::none, 0, 0, LabTime{2'505'123'000}},
                  {kR2, Reason::loss, kDuplicated, 0, LabTime{2'500'000'000}},
                  {kNoPort, Reason::no_receiver, 0, 0, LabTime{2'500'000'000}},
                  {kR2, Reason::none, kDuplicated | kCorrupted | kReordered | (3U << 5U), 7, LabTime{2'505'123'001}}});
  const std::string copies =
      R"("copies":[{"copy":0,"port":"r2:eth1","due":2505123000},)"
      R"({"copy":1,"port":"r2:eth1","dropped":"loss","flags":["duplicated"]},)"
      R"({"copy":2,"port":null,"dropped":"no-receiver"},)"
      R"({"copy":3,"port":"r2:eth1","due":2505123001,"flags":["duplicated","corrupted","reordered"]}])";
  const std::string line =
      R"({"seq":7,"time":2500000000,"kind":"frame","cause":null,"port":"r1:eth1","length":42,)" + copies +
      R"(,"summary":"ARP Who has 10.0.0.2? Tell 10.0.0.1")";
  CHECK(last_line(list) == line + "}");
  CHECK(last_line(list, true) == line + R"(,"payload":"ffffffffffff020000000101080600010800060400010200000001)"
                                        R"(010a0000010000000000000a000002"})");
}

TEST_CASE("JSON of a frame that was cut short says both lengths", "[event-json]") {
  EventList list;
  add_two_nodes(list);
  list.add_frame(LabTime{1}, kR1, arp_request(), {{kR2, Reason::none, 0, 0, LabTime{2}}}, 60);
  CHECK(last_line(list).find(R"("port":"r1:eth1","length":60,"captured":42,"copies":[)") != std::string::npos);
}

TEST_CASE("JSON of an outcome names copy, reason, frame and port, and its cause is a number", "[event-json]") {
  EventList list;
  add_two_nodes(list);
  list.add(LabTime{5}, Outcome{Seq{3}, 1, kR2, Reason::link_down}, Seq{6});
  CHECK(last_line(list) == R"({"seq":7,"time":5,"kind":"outcome","cause":6,"copy":1,"dropped":"link-down","frame":3,)"
                           R"("port":"r2:eth1"})");
}

TEST_CASE("JSON of the lab's begin and end", "[event-json]") {
  CHECK(members_of(LabBegun{"two", "name: two\n", "lab.yml", 42, "real", 1}, "lab.begun") ==
        R"("lab":"two","lab_file_name":"lab.yml","lab_file":"name: two\n","seed":42,"clock":"real","fabric":1)");
  CHECK(members_of(LabBegun{"two", "", "lab.yml", 42, "virtual", 1, BranchPoint{"one", Seq{7}, "0123abcd"}}, "lab.begun") ==
        R"("lab":"two","lab_file_name":"lab.yml","lab_file":"","seed":42,"clock":"virtual","fabric":1,)"
        R"("branch":{"parent":"one","position":7,"digest":"0123abcd"})");
  CHECK(members_of(LabEnded{"stopped"}, "lab.ended") == R"("why":"stopped")");
}

TEST_CASE("JSON of nodes", "[event-json]") {
  CHECK(members_of(NodeAdded{NodeId{2}, "h1", "namespace", {}}, "node.added") ==
        R"("node":"h1","node_kind":"namespace","position":null)");
  CHECK(members_of(NodeAdded{NodeId{2}, "h1", "uml", {{120, -80}}}, "node.added") ==
        R"("node":"h1","node_kind":"uml","position":[120,-80])");
  CHECK(members_of(NodeAdded{NodeId{2}, "h1", "qemu", {}, {{"memory", "512MiB"}, {"image", "\xff"}}}, "node.added") ==
        R"("node":"h1","node_kind":"qemu","position":null,"settings":{"memory":"512MiB","image":{"hex":"ff"}})");
  CHECK(members_of(NodeRemoved{NodeId{1}}, "node.removed") == R"("node":"r2")");
  CHECK(members_of(NodeStarting{NodeId{1}}, "node.starting") == R"("node":"r2")");
  CHECK(members_of(NodeStarted{NodeId{1}}, "node.started") == R"("node":"r2")");
  CHECK(members_of(NodeStopped{NodeId{1}, "died: killed by signal 9"}, "node.stopped") ==
        R"("node":"r2","why":"died: killed by signal 9")");
  CHECK(members_of(NodePaused{NodeId{0}}, "node.paused") == R"("node":"r1")");
  CHECK(members_of(NodeResumed{NodeId{0}}, "node.resumed") == R"("node":"r1")");
}

TEST_CASE("JSON of ports", "[event-json]") {
  CHECK(members_of(PortAdded{PortId{2}, NodeId{1}, "eth2", {2, 0, 0, 0, 2, 0xfe}, 1500}, "port.added") ==
        R"("port":"r2:eth2","node":"r2","mac":"02:00:00:00:02:fe","mtu":1500)");
  CHECK(members_of(PortRemoved{kR1}, "port.removed") == R"("port":"r1:eth1")");
  CHECK(members_of(PortUp{kR1}, "port.up") == R"("port":"r1:eth1")");
  CHECK(members_of(PortDown{kR2}, "port.down") == R"("port":"r2:eth1")");
}

TEST_CASE("JSON of links", "[event-json]") {
  CableSettings slow;
  slow.delay_ns = 5'000'000;
  const std::string slow_json = R"({"delay_ns":5000000)" + std::string(kPlainSettings).substr(13);
  CHECK(members_of(LinkAdded{LinkId{1}, {kR1, kR2}, {slow, CableSettings{}}}, "link.added") ==
        R"("ports":["r1:eth1","r2:eth1"],"out":)" + slow_json + R"(,"in":)" + kPlainSettings);
  CHECK(members_of(LinkRemoved{LinkId{0}}, "link.removed") == R"("ports":["r1:eth1","r2:eth1"])");
  CHECK(members_of(LinkUp{kR2}, "link.up") == R"("port":"r2:eth1","ports":["r2:eth1","r1:eth1"])");
  CHECK(members_of(LinkDown{kR1}, "link.down") == R"("port":"r1:eth1","ports":["r1:eth1","r2:eth1"])");
  slow.loss_ppb = 5'000'000;
  CHECK(members_of(LinkChanged{kR1, Direction::out, slow, kFieldDelay | kFieldLoss}, "link.changed") ==
        R"("port":"r1:eth1","ports":["r1:eth1","r2:eth1"],"direction":"out","delay_ns":5000000,"loss_ppb":5000000)");
}

TEST_CASE("JSON of lans", "[event-json]") {
  CHECK(members_of(LanAdded{LanId{0}, "office", true, 4096, 300'000'000'000}, "lan.added") ==
        R"("lan":"office","hub":true,"mac_limit":4096,"ageing_ns":300000000000)");
  EventList list;
  add_two_nodes(list);
  list.add({}, LinkRemoved{LinkId{0}});
  list.add({}, LanAdded{LanId{0}, "office", false, 4096, 1});
  const std::string head = R"({"seq":9,"time":0,"kind":"lan.joined","cause":null,"lan":"office","port":"r1:eth1")";
  list.add({}, LanJoined{LanId{0}, kR1, {}, {}});
  CHECK(last_line(list) == head + R"(,"out":)" + kPlainSettings + R"(,"in":)" + kPlainSettings + "}");
  list.add({}, LinkDown{kR1});
  CHECK(last_line(list) == R"({"seq":10,"time":0,"kind":"link.down","cause":null,"port":"r1:eth1","lan":"office"})");
  list.add({}, LinkChanged{kR1, Direction::in, {}, kFieldQueue});
  CHECK(last_line(list) == R"({"seq":11,"time":0,"kind":"link.changed","cause":null,"port":"r1:eth1","lan":"office",)"
                           R"("direction":"in","queue_bytes":65536})");
  list.add({}, LanLeft{LanId{0}, kR1});
  CHECK(last_line(list) == R"({"seq":12,"time":0,"kind":"lan.left","cause":null,"lan":"office","port":"r1:eth1"})");
  list.add({}, LanRemoved{LanId{0}});
  CHECK(last_line(list) == R"({"seq":13,"time":0,"kind":"lan.removed","cause":null,"lan":"office"})");
}

TEST_CASE("JSON of commands and what they run", "[event-json]") {
  CHECK(members_of(Command{"link.down", {"r1:eth1", "\xff"}, "cli"}, "command") ==
        R"("verb":"link.down","arguments":["r1:eth1",{"hex":"ff"}],"by":"cli")");
  CHECK(members_of(CommandDone{true, ""}, "command.done") == R"("ok":true,"error":null)");
  CHECK(members_of(CommandDone{false, "no \"r9\""}, "command.done") == R"("ok":false,"error":"no \"r9\"")");
  CHECK(members_of(Exec{NodeId{0}, {"ping", "-c", "3"}}, "exec") == R"("node":"r1","argv":["ping","-c","3"])");
  CHECK(members_of(ExecOutput{NodeId{0}, Stream::stdout_stream, "64 bytes\n"}, "exec.output") ==
        R"("node":"r1","stream":"stdout","text":"64 bytes\n")");
  CHECK(members_of(ExecOutput{NodeId{0}, Stream::stderr_stream, "\xc3("}, "exec.output") ==
        R"("node":"r1","stream":"stderr","hex":"c328")");
  CHECK(members_of(ExecDone{NodeId{0}, 137}, "exec.done") == R"("node":"r1","status":137)");
  CHECK(members_of(Console{NodeId{1}, true, "ls\r"}, "console") == R"("node":"r2","input":true,"text":"ls\r")");
}

TEST_CASE("JSON of markers, scenario steps and the recording's own events", "[event-json]") {
  CHECK(members_of(Scenario{2, "flipped", "holds after 3s"}, "scenario") ==
        R"("step":2,"state":"flipped","detail":"holds after 3s")");
  CHECK(members_of(Marker{"adjacency", "All see each other."}, "marker") ==
        R"("name":"adjacency","note":"All see each other.")");
  CHECK(members_of(Marker{"adjacency", "", "Why?"}, "marker") == R"("name":"adjacency","note":"","ask":"Why?")");
  CHECK(members_of(Snapshot{"before", "3 nodes"}, "snapshot") == R"("name":"before","detail":"3 nodes")");
  CHECK(members_of(Snapshot{"before", "3 nodes", "{}"}, "snapshot") ==
        R"("name":"before","detail":"3 nodes","manifest":"{}")");
  CHECK(members_of(Checkpoint{"\x01\x02\x03"}, "checkpoint") == R"("length":3)");
  CHECK(members_of(Gap{"before-fabric", 7, "tx_dropped", kR1}, "gap") ==
        R"("where":"before-fabric","frames":7,"reason":"tx_dropped","port":"r1:eth1")");
  CHECK(members_of(Gap{"reel", 0, "damage", kNoPort}, "gap") ==
        R"("where":"reel","frames":0,"reason":"damage","port":null)");
  CHECK(members_of(Divergence{"late"}, "divergence") == R"("detail":"late")");
}

TEST_CASE("JSON of notes from 128 on, known and unknown", "[event-json]") {
  CHECK(members_of(NodeState{NodeId{0}, "route", "10.0.0.0/8", "", "\xff"}, "node.state") ==
        R"("node":"r1","table":"route","key":"10.0.0.0/8","old":"","new":{"hex":"ff"})");
  CHECK(members_of(Assertion{"reaches", false, "2 of 3"}, "assertion") ==
        R"("name":"reaches","holds":false,"detail":"2 of 3")");
  CHECK(members_of(ExecInput{NodeId{0}, "ls\n"}, "exec.input") == R"("node":"r1","text":"ls\n")");
  CHECK(members_of(ExecInput{NodeId{0}, "\xff"}, "exec.input") == R"("node":"r1","hex":"ff")");
  CHECK(members_of(UnknownNote{200, 0, "12"}, "unknown note 200") == R"("number":200,"length":2)");
}

TEST_CASE("names are those at the event, also of what is gone", "[event-json]") {
  EventList list;
  add_two_nodes(list);
  list.add({}, PortRemoved{kR2});
  list.add({}, NodeRemoved{NodeId{1}});
  list.add({}, NodeAdded{NodeId{2}, "r2", "uml", {}});
  list.add({}, PortAdded{PortId{2}, NodeId{2}, "eth1", {2, 0, 0, 0, 3, 1}, 9216});
  list.add({}, Outcome{Seq{3}, 0, kR2, Reason::port_removed});
  CHECK(last_line(list).ends_with(R"("frame":3,"port":"r2:eth1"})"));
}

TEST_CASE("an id that nothing named is a question mark, and a misfit effect is passed over", "[event-json]") {
  EventList list;
  list.add({}, NodeAdded{NodeId{77}, "far", "namespace", {}});
  list.add({}, PortDown{PortId{5}});
  CHECK(last_line(list).ends_with(R"("kind":"port.down","cause":null,"port":"?"})"));
  list.add({}, LinkRemoved{LinkId{5}});
  CHECK(last_line(list).ends_with(R"("ports":[null,null]})"));
}
