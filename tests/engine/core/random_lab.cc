#include "tests/engine/core/random_lab.h"

#include <catch2/catch.hpp>

#include "engine/core/random.h"
#include "tests/engine/core/test_lab.h"

namespace labreel {
namespace {

class ScriptMaker {
 public:
  ScriptMaker(std::uint64_t seed, const ScriptLimits& limits) : state_(mix(seed)), limits_(limits) {}

  std::vector<Step> make(std::size_t length) {
    for (int i = 0; i < 6; ++i) add_host();
    for (int i = 0; i < 3; ++i) add_cable();
    while (steps_.size() < length) {
      if (chance(3)) at_ns_ += number(chance(10) ? 3'000'000 : 40'000);
      if (chance(2)) {
        send();
      } else if (chance(3)) {
        steps_.push_back(Step{at_ns_, std::monostate{}});
      } else if (chance(4)) {
        change();
      }
    }
    return std::move(steps_);
  }

 private:
  std::uint64_t number(std::uint64_t bound) { return below(mix(state_++), bound); }
  bool chance(std::uint64_t one_in) { return number(one_in) == 0; }

  void effect(const EventBody& body) {
    if (topology_.apply(body)) steps_.push_back(Step{at_ns_, body});
  }
  CableSettings settings() {
    CableSettings settings;
    if (!limits_.impair || chance(3)) return settings;
    if (chance(2)) settings.delay_ns = number(2'000'000);
    if (chance(2)) settings.jitter_ns = number(500'000);
    if (chance(2)) settings.rate_bps = 1'000'000 + number(1'000'000'000);
    if (chance(2)) settings.queue_bytes = number(20'000);
    if (chance(3)) settings.loss_ppb = static_cast<std::uint32_t>(number(kCertain_ppb / 4));
    if (chance(3)) settings.duplicate_ppb = static_cast<std::uint32_t>(number(kCertain_ppb / 2));
    if (chance(3)) settings.corrupt_ppb = static_cast<std::uint32_t>(number(kCertain_ppb / 2));
    if (limits_.reorder && chance(3)) settings.reorder_ppb = static_cast<std::uint32_t>(number(kCertain_ppb / 2));
    return settings;
  }
  // An id that was given at some time; the topology refuses what does not fit.
  template <class Id>
  Id any(const auto& infos) {
    return Id{static_cast<std::uint32_t>(number(std::max<std::size_t>(infos.size(), 1)))};
  }
  NodeId any_node() { return any<NodeId>(topology_.nodes()); }
  PortId any_port() { return any<PortId>(topology_.ports()); }
  LanId any_lan() { return any<LanId>(topology_.lans()); }

  void add_host() {
    const NodeId node = topology_.next_node();
    const auto letter = static_cast<char>('a' + number(20));
    NodeAdded added{.node = node, .name = std::string(1, letter), .node_kind = "namespace", .position = {}};
    // By its number and not drawn: the scripts of known seeds stay as they were.
    if (index_of(node) % 2 == 1) added.settings = {{"memory", "64MiB"}, {"wings", std::string("\0\xff", 2)}};
    if (index_of(node) % 3 == 1) added.position = {{-40, 70}};
    effect(added);
    if (topology_.next_node() == node) return;
    effect(NodeStarted{node});
    effect(PortAdded{.port = topology_.next_port(), .node = node, .name = "eth0"});
  }
  void add_cable() {
    if (chance(2)) effect(LinkAdded{topology_.next_link(), {any_port(), any_port()}, {settings(), settings()}});
    if (chance(3)) {
      effect(LanAdded{.lan = topology_.next_lan(),
                      .name = "lan" + std::to_string(number(4)),
                      .hub = chance(4),
                      .mac_limit = static_cast<std::uint32_t>(number(6)),
                      .ageing_ns = number(20'000'000)});
    }
    for (int i = 0; i < 4; ++i) effect(LanJoined{any_lan(), any_port(), settings(), settings()});
  }
  void send() {
    const PortId port = any_port();
    if (topology_.find(port)->removed) return;
    const std::size_t burst = chance(5) ? 20 : 1;
    for (std::size_t i = 0; i < burst; ++i) {
      const unsigned to = chance(3) ? 255 : static_cast<unsigned>(number(8));
      std::string frame = frame_between(index_of(port), to, chance(20) ? number(20) + 12 : 14 + number(1'600));
      if (frame.size() > 14 && chance(30)) frame.resize(number(14));
      steps_.push_back(Step{at_ns_, Step::FrameIn{port, std::move(frame)}});
    }
  }
  void change() {
    const PortId port = any_port();
    const auto direction = chance(2) ? Direction::out : Direction::in;
    switch (number(limits_.disturb ? 16 : 2)) {
      case 0:
      case 1:
        return effect(LinkChanged{port, direction, settings(), 0xff});
      case 2:
        return effect(LinkDown{port});
      case 3:
      case 4:
        return effect(LinkUp{port});
      case 5:
        return effect(NodeStopped{any_node(), "stopped"});
      case 6:
      case 7:
        return effect(NodeStarted{any_node()});
      case 8:
        return effect(PortDown{port});
      case 9:
        return effect(PortUp{port});
      case 10:
        return effect(PortRemoved{port});
      case 11:
        effect(PortAdded{.port = topology_.next_port(), .node = any_node(), .name = "eth" + std::to_string(number(3))});
        return add_cable();
      case 12:
        return effect(LanLeft{any_lan(), port});
      case 13:
        return chance(4) ? effect(LanRemoved{any_lan()}) : effect(NodeRemoved{any_node()});
      case 14:
        return effect(LinkRemoved{any<LinkId>(topology_.links())});
      default:
        return chance(3) ? add_host() : add_cable();
    }
  }

  std::uint64_t state_;
  ScriptLimits limits_;
  Topology topology_;
  std::vector<Step> steps_;
  std::uint64_t at_ns_ = 0;
};

template <class... Fields>
std::string line(const char* what, Fields... fields) {
  std::string text = what;
  ((text += ' ', text += std::to_string(fields)), ...);
  return text + '\n';
}
std::string line_of(const Outcome& outcome) {
  return line("outcome", outcome.frame.value, outcome.copy, index_of(outcome.port), static_cast<int>(outcome.reason));
}

}  // namespace

std::vector<Step> random_script(std::uint64_t seed, std::size_t length, const ScriptLimits& limits) {
  return ScriptMaker(seed, limits).make(length);
}

void Runner::run(const Step& step) {
  const LabTime at{step.at_ns};
  if (const auto* effect = std::get_if<EventBody>(&step.input)) {
    const auto outcomes = fabric.apply(*effect, at);
    REQUIRE(outcomes.ok());
    for (const Outcome& outcome : *outcomes) log += line_of(outcome);
  } else if (const auto* frame = std::get_if<Step::FrameIn>(&step.input)) {
    const auto copies = fabric.arrive(frame->port, as_bytes(frame->bytes), at, Seq{++seq});
    REQUIRE(copies.ok());
    REQUIRE_FALSE(copies->empty());
    for (const Copy& copy : *copies) {
      log += line("copy", seq, index_of(copy.port), static_cast<int>(copy.reason), int{copy.flags},
                  int{copy.corrupt_byte}, copy.due.ns);
      REQUIRE(copy.due >= at);
    }
  } else {
    REQUIRE(fabric.advance(at).ok());
    std::vector<Delivery> refused;
    fabric.drain([&](const Delivery& delivery) {
      std::uint64_t hash = 0;
      for (const std::byte byte : delivery.bytes) hash = mix(hash ^ static_cast<std::uint64_t>(byte));
      log += line("delivery", delivery.frame.value, delivery.copy, index_of(delivery.port), delivery.due.ns, hash);
      if (delivery.due == at && hash % 4 == 0) refused.push_back(delivery);
      if (on_delivery) on_delivery(delivery);
    });
    for (const Delivery& delivery : refused) {
      const auto outcome = fabric.refuse(delivery.frame, delivery.copy, at);
      REQUIRE(outcome.ok());
      log += line_of(*outcome);
    }
  }
}

void Runner::check_conservation() const {
  const FabricCounts counts = fabric.counts();
  std::uint64_t accounted = counts.in_flight + counts.delivered;
  for (const std::uint64_t dropped : counts.dropped) accounted += dropped;
  REQUIRE(accounted == counts.copies);
}

}  // namespace labreel
