// Cables that are made while a lab runs have the delays that its lab file's have.
#include <catch2/catch.hpp>

#include "engine/clock/virtual/virtual_loop.h"
#include "tests/recorder/session/fakes.h"

using namespace labreel;
using namespace labreel::test;

namespace {

std::string lab_text(const std::string& clock, const std::string& kind) {
  return "name: cables\nclock: " + clock + "\ntopology:\n  defaults: {kind: " + kind +
         "}\n  nodes: {h1: , h2: , h3: }\n  lans:\n    office: {ports: [\"h3:eth0\"]}\n";
}

// The delays of each cable that was made since the lab began, out and in, in us.
std::vector<std::pair<std::uint64_t, std::uint64_t>> delays_made(const FakeLab& lab, std::size_t from) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> delays;
  const auto add = [&](const CableSettings& out, const CableSettings& in) {
    delays.emplace_back(out.delay_ns / 1'000, in.delay_ns / 1'000);
  };
  for (std::size_t i = from; i < lab.events().size(); ++i) {
    const EventBody& body = lab.events()[i].body;
    if (const auto* link = std::get_if<LinkAdded>(&body)) add(link->out[0], link->out[1]);
    if (const auto* joined = std::get_if<LanJoined>(&body)) add(joined->out, joined->in);
  }
  return delays;
}

// Makes two links and joins a lan twice, with and without delays.
std::vector<std::pair<std::uint64_t, std::uint64_t>> delays_of_new_cables(const std::string& text) {
  FakeLab lab(text);
  lab.start();
  const std::size_t before = lab.events().size();
  const auto give = [&](const char* verb, std::vector<std::string> arguments) {
    lab.commands.submit({verb, std::move(arguments), OriginKind::cli}, Seq{}, [](const CommandReply& reply) {
      INFO(reply.error);
      CHECK(reply.ok);
    });
    while (!lab.loop.is_idle()) lab.loop.turn();
  };
  give("link.add", {"h1:eth1", "h2:eth1"});
  give("link.add", {"h1:eth2", "h2:eth2", "delay.out=2ms", "loss=1%"});
  give("lan.join", {"office", "h1:eth3"});
  give("lan.join", {"office", "h2:eth3", "delay=1ms"});
  return delays_made(lab, before);
}

using Delays = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

}  // namespace

TEST_CASE("a cable that is made in a running lab in virtual time has a delay, as those of its file", "[session]") {
  static_assert(kVirtualCableDelay_ns == 50'000);
  CHECK(delays_of_new_cables(lab_text("virtual", "uml")) == Delays{{50, 50}, {2'000, 50}, {50, 50}, {1'000, 1'000}});
}

TEST_CASE("a cable of the lab file without a delay has one in virtual time, and none in real time", "[session]") {
  const auto delays_of_file = [](const std::string& clock, const std::string& kind) {
    FakeLab lab(lab_text(clock, kind) + "  links:\n    - {endpoints: [\"h1:eth0\", \"h2:eth0\"], delay: {out: 2ms}}\n");
    lab.start();
    return delays_made(lab, 0);
  };
  CHECK(delays_of_file("virtual", "uml") == Delays{{2'000, 50}, {50, 50}});
  CHECK(delays_of_file("real", "namespace") == Delays{{2'000, 0}, {0, 0}});
}

TEST_CASE("a node that is added to a running lab is of the kind that the lab's clock allows", "[session]") {
  const auto kind_of_added = [](const std::string& text) {
    FakeLab lab(text);
    lab.start();
    lab.commands.submit({"node.add", {"h4"}, OriginKind::cli}, Seq{}, [](const CommandReply& reply) { CHECK(reply.ok); });
    while (!lab.loop.is_idle()) lab.loop.turn();
    return std::string(lab.fabric.topology().nodes().back().added.node_kind.text());
  };
  CHECK(kind_of_added(lab_text("virtual", "uml")) == "uml");
  CHECK(kind_of_added(lab_text("real", "namespace")) == "namespace");
}

TEST_CASE("a node that is added to a running lab has the settings that it was given", "[session]") {
  FakeLab lab(lab_text("virtual", "uml"));
  lab.start();
  CommandReply reply;
  lab.commands.submit({"node.add", {"h4", "memory=128MiB", "position=10,20"}, OriginKind::cli}, Seq{},
                      [&](const CommandReply& answer) { reply = answer; });
  while (!lab.loop.is_idle()) lab.loop.turn();
  CHECK(reply.ok);
  const NodeAdded& added = lab.fabric.topology().nodes().back().added;
  CHECK(added.position == std::array<std::int32_t, 2>{10, 20});
  CHECK(added.settings == std::vector<NodeSetting>{{"memory", "128MiB"}});
  lab.commands.submit({"node.add", {"h5", "memroy=128MiB"}, OriginKind::cli}, Seq{}, [&](const CommandReply& answer) { reply = answer; });
  CHECK_FALSE(reply.ok);
  CHECK(reply.error == "a node has no setting \"memroy\" (did you mean memory?)");
  CHECK_FALSE(lab.fabric.topology().node_named("h5"));
}

TEST_CASE("a cable that is made in a running lab in real time has the delay that was given", "[session]") {
  CHECK(delays_of_new_cables(lab_text("real", "namespace")) == Delays{{0, 0}, {2'000, 0}, {0, 0}, {1'000, 1'000}});
}
