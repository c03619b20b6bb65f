// Nodes of two kinds in one lab: each is commanded by its own kind's driver.
#include "engine/nodes/driver_set.h"

#include <catch2/catch.hpp>
#include <csignal>

#include "tests/recorder/session/fakes.h"

namespace labreel::test {
namespace {

using Lines = std::vector<std::string>;

NodeSpec spec(std::uint32_t number, NodeKind kind) {
  NodeSpec spec;
  spec.node = NodeId{number};
  spec.name = "n" + std::to_string(number);
  spec.kind = std::move(kind);
  return spec;
}

// A set of two fake drivers, and what it told, a line each.
struct TwoKinds final : NodeListener {
  TwoKinds() {
    set.add(NodeKindName::host_namespace, spaces);
    set.add(NodeKindName::uml, guests);
    set.listen(*this);
    spaces.on_exec = [this](const std::string& node, const std::string& line) { return answer("space", node, line); };
    guests.on_exec = [this](const std::string& node, const std::string& line) { return answer("guest", node, line); };
  }
  FakeAnswer answer(const std::string& where, const std::string& node, const std::string& line) {
    told.push_back(where + " " + node + ": " + line);
    return FakeAnswer{.stdout_text = line, .hangs = line == "hang"};
  }
  void settle() { loop.run_until(loop.now() + 1'000'000'000); }
  void tell(NodeId node, const std::string& what) { told.push_back("n" + std::to_string(index_of(node)) + " " + what); }

  void node_is_up(NodeId node) override { tell(node, "up"); }
  void node_failed(NodeId node, const std::string& error) override { tell(node, "failed: " + error); }
  void node_is_down(NodeId node, bool, const std::string& why) override { tell(node, why); }
  void node_is_paused(NodeId node) override { tell(node, "paused"); }
  void port_changed(NodeId node, PortId, const std::string& error) override { tell(node, "port: " + error); }
  void exec_printed(ExecId, Stream, std::string_view bytes) override { told.push_back("printed " + std::string(bytes)); }
  void exec_ended(ExecId, std::int32_t status) override { told.push_back("ended " + std::to_string(status)); }

  VectorSink sink;
  Fabric fabric{1};
  FakeLoop loop{fabric, sink};
  FakeDriver spaces{loop};
  FakeDriver guests{loop};
  DriverSet set{loop};
  Lines told;
};

}  // namespace

TEST_CASE("each node of a mixed lab is commanded by the driver of its kind", "[session]") {
  TwoKinds lab;
  lab.set.start(spec(1, NodeKindName::host_namespace));
  lab.set.start(spec(2, NodeKindName::uml));
  lab.settle();
  CHECK(lab.spaces.runs(NodeId{1}));
  CHECK(lab.guests.runs(NodeId{2}));
  lab.set.exec(ExecId{1}, NodeId{2}, {"date"});
  lab.settle();
  lab.set.exec(ExecId{2}, NodeId{1}, {"hang"});
  lab.set.kill_exec(ExecId{2});
  lab.set.pause(NodeId{2});
  lab.set.crash(NodeId{2});
  lab.set.stop(NodeId{1});
  lab.settle();
  CHECK(lab.told == Lines{"n1 up", "n2 up", "guest n2: date", "printed date", "ended 0", "space n1: hang",
                          "ended " + std::to_string(128 + SIGKILL), "n2 paused", "n2 crashed", "n1 stopped"});
}

TEST_CASE("a node that has ended may start again as another kind", "[session]") {
  TwoKinds lab;
  lab.set.start(spec(1, NodeKindName::host_namespace));
  lab.settle();
  lab.set.stop(NodeId{1});
  lab.settle();
  lab.set.start(spec(1, NodeKindName::uml));
  lab.settle();
  CHECK_FALSE(lab.spaces.runs(NodeId{1}));
  CHECK(lab.guests.runs(NodeId{1}));
}

TEST_CASE("a node of a kind that a lab cannot start fails, and what is asked of it is answered", "[session]") {
  TwoKinds lab;
  lab.set.start(spec(1, "toaster"));
  CHECK(lab.told.empty());  // told later, as every answer is
  lab.settle();
  lab.set.exec(ExecId{1}, NodeId{1}, {"date"});
  lab.set.add_port(NodeId{1}, {});
  lab.set.stop(NodeId{1});
  lab.settle();
  CHECK(lab.told == Lines{"n1 failed: this lab starts no node of kind toaster", "ended 126", "n1 port: the node is not running"});
}

}  // namespace labreel::test
