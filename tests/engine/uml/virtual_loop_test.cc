#include "engine/clock/virtual/virtual_loop.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace labreel {
namespace {

class Lines final : public EventSink {
 public:
  Seq append(LabTime at, Seq, const EventBody& body) override {
    const auto* outcome = std::get_if<Outcome>(&body);
    return add(at, std::string(name_of(kind_of(body))) +
                       (outcome != nullptr ? " " + std::string(name_of(outcome->reason)) : ""));
  }
  Seq append_frame(LabTime at, PortId port, Bytes bytes, std::span<const Copy> copies) override {
    std::string line = fmt::format("frame {} len {}", index_of(port), bytes.size());
    for (const Copy& copy : copies)
      line += fmt::format(" -> {} at {} {}", index_of(copy.port), copy.due.ns, name_of(copy.reason));
    return add(at, line);
  }
  Seq next_seq() const override { return Seq{lines.size() + 1}; }
  void note(std::string_view, std::string_view) override {}
  std::vector<std::string> lines;

 private:
  Seq add(LabTime at, const std::string& line) {
    CHECK(at >= last_);
    last_ = at;
    lines.push_back(fmt::format("{} {}", at.ns, line));
    return Seq{lines.size()};
  }
  LabTime last_;
};

// A guest of a few lines: it sends when a plan says, and answers each frame a little later.
class ScriptedGuest final : public VirtualGuest {
 public:
  ScriptedGuest(PortId port, std::vector<std::uint64_t> sends, std::uint64_t answer_after_ns = 0)
      : port_(port), answer_after_ns_(answer_after_ns) {
    for (const std::uint64_t at : sends) agenda_[at].push_back({});
  }
  LabTime next() const override { return agenda_.empty() ? kNever : LabTime{agenda_.begin()->first}; }
  void deliver(Parcel parcel) override { agenda_[parcel.due.ns].push_back(std::move(parcel)); }
  void run_until(LabTime end) override {
    while (next() < end) {
      const LabTime at = next();
      LABREEL_CHECK(at >= now_);  // time never goes back for a guest; on a thread, so not Catch2's
      now_ = at;
      const auto things = std::move(agenda_.begin()->second);
      agenda_.erase(agenda_.begin());
      for (const Parcel& parcel : things) {
        if (!parcel.bytes) {
          sent.push_back({at, port_, std::vector<std::byte>(60)});
        } else if (full) {
          refused.push_back({at, parcel.frame, parcel.copy, parcel.port});
        } else {
          heard.push_back(at.ns);
          if (answer_after_ns_ != 0 && parcel.bytes->size() < 64)
            answer(at.ns + answer_after_ns_, parcel.bytes->size() + 1);
        }
      }
    }
  }
  void window_done() override {
    if (on_window) on_window();
  }
  std::vector<std::uint64_t> heard;
  std::function<void()> on_window;
  bool full = false;

 private:
  void answer(std::uint64_t at, std::size_t) { agenda_[at].push_back({}); }
  PortId port_;
  std::uint64_t answer_after_ns_;
  LabTime now_;
  std::map<std::uint64_t, std::vector<Parcel>> agenda_;
};

struct Bench {
  explicit Bench(std::size_t threads = 0, std::uint64_t delay_ns = 100'000) : loop(fabric, lines, {threads, false}) {
    apply(NodeAdded{NodeId{0}, "a", "uml", std::nullopt});
    apply(NodeAdded{NodeId{1}, "b", "uml", std::nullopt});
    apply(PortAdded{PortId{0}, NodeId{0}, "eth1", {2, 0, 0, 0, 0, 1}, 9216});
    apply(PortAdded{PortId{1}, NodeId{1}, "eth1", {2, 0, 0, 0, 0, 2}, 9216});
    apply(NodeStarted{NodeId{0}});
    apply(NodeStarted{NodeId{1}});
    CableSettings cable;
    cable.delay_ns = delay_ns;
    apply(LinkAdded{LinkId{0}, {PortId{0}, PortId{1}}, {cable, cable}});
    lines.lines.clear();
  }
  void apply(const EventBody& effect) { REQUIRE(loop.apply(Seq{}, effect)); }
  void add(VirtualGuest& guest, PortId port) {
    loop.add(guest, index_of(port));
    loop.attach(port, guest);
  }
  void run(std::uint64_t until_ns) {
    bool over = false;
    loop.call_at(LabTime{until_ns}, [&] { over = true; });
    while (!over) loop.turn();
  }
  Fabric fabric{7};
  Lines lines;
  VirtualLoop loop;
};

TEST_CASE("a frame is heard exactly its cable's delay after it was sent", "[calendar]") {
  Bench bench;
  ScriptedGuest a(PortId{0}, {5, 1'000'000}), b(PortId{1}, {});
  bench.add(a, PortId{0});
  bench.add(b, PortId{1});
  bench.run(5'000'000);
  CHECK(b.heard == std::vector<std::uint64_t>{100'005, 1'100'000});
  CHECK(bench.lines.lines == std::vector<std::string>{"5 frame 0 len 60 -> 1 at 100005 delivered",
                                                      "1000000 frame 0 len 60 -> 1 at 1100000 delivered"});
  CHECK(bench.fabric.counts().delivered == 2);
}

TEST_CASE("threads do not change what happens", "[calendar]") {
  const auto play = [](std::size_t threads) {
    Bench bench(threads);
    ScriptedGuest a(PortId{0}, {10, 20, 30}, 7'000), b(PortId{1}, {10, 25}, 3'000);
    bench.add(a, PortId{0});
    bench.add(b, PortId{1});
    bench.run(20'000'000);
    return bench.lines.lines;
  };
  const auto alone = play(0);
  CHECK(alone.size() > 500);
  CHECK(play(2) == alone);
  CHECK(play(5) == alone);
}

TEST_CASE("a timer fires at its time, before what guests do then", "[calendar]") {
  Bench bench;
  ScriptedGuest a(PortId{0}, {50'000}), b(PortId{1}, {});
  bench.add(a, PortId{0});
  bench.add(b, PortId{1});
  bench.loop.call_at(LabTime{50'000}, [&] {
    CHECK(bench.loop.now() == LabTime{50'000});
    bench.apply(LinkDown{PortId{0}});
  });
  const TimerId cancelled = bench.loop.call_at(LabTime{60'000}, [] { FAIL("it was cancelled"); });
  bench.loop.cancel(cancelled);
  bench.run(1'000'000);
  CHECK(bench.lines.lines ==
        std::vector<std::string>{"50000 link.down", "50000 frame 0 len 60 -> 1 at 50000 link-down"});
}

TEST_CASE("a copy that a cut ends in flight does not reach its guest", "[calendar]") {
  Bench bench;
  ScriptedGuest a(PortId{0}, {0}), b(PortId{1}, {});
  bench.add(a, PortId{0});
  bench.add(b, PortId{1});
  bench.loop.call_at(LabTime{99'999}, [&] { bench.apply(LinkDown{PortId{1}}); });
  bench.run(1'000'000);
  CHECK(b.heard.empty());
  CHECK(bench.lines.lines.at(2) == "99999 outcome link-down");
}

TEST_CASE("a copy that its guest cannot take is refused, at the moment it came due", "[calendar]") {
  Bench bench;
  ScriptedGuest a(PortId{0}, {0}), b(PortId{1}, {});
  b.full = true;
  bench.add(a, PortId{0});
  bench.add(b, PortId{1});
  bench.run(1'000'000);
  CHECK(bench.lines.lines ==
        std::vector<std::string>{"0 frame 0 len 60 -> 1 at 100000 delivered", "100000 outcome refused-by-node"});
}

TEST_CASE("a copy for a port without a guest is refused", "[calendar]") {
  Bench bench;
  ScriptedGuest a(PortId{0}, {0, 300'000}), b(PortId{1}, {});
  bench.add(a, PortId{0});
  bench.add(b, PortId{1});
  bench.loop.call_at(LabTime{400'000}, [&] { bench.loop.remove(b); });
  bench.run(1'000'000);
  CHECK(b.heard == std::vector<std::uint64_t>{100'000});
  CHECK(bench.lines.lines.back() == "400000 outcome refused-by-node");
  CHECK(bench.fabric.counts().in_flight == 0);
}

TEST_CASE("what guests tell the lab comes after all that happened in their window", "[calendar]") {
  Bench bench;
  ScriptedGuest a(PortId{0}, {10}), b(PortId{1}, {70'000});
  a.on_window = [&] { bench.loop.record(Seq{}, Marker{"told", ""}); };
  bench.add(a, PortId{0});
  bench.add(b, PortId{1});
  bench.run(90'000);
  CHECK(bench.lines.lines == std::vector<std::string>{"10 frame 0 len 60 -> 1 at 100010 delivered",
                                                      "70000 frame 1 len 60 -> 0 at 170000 delivered", "90000 marker"});
}

TEST_CASE("a cable without delay is heard at the end of the window, and is no one's loss", "[calendar]") {
  Bench bench(0, 0);
  ScriptedGuest a(PortId{0}, {0}), b(PortId{1}, {});
  bench.add(a, PortId{0});
  bench.add(b, PortId{1});
  bench.run(1'000'000);
  CHECK(b.heard == std::vector<std::uint64_t>{kWindowMin_ns});
  CHECK(bench.fabric.counts().delivered == 1);
}

TEST_CASE("watched descriptors are served while nothing else happens", "[calendar]") {
  Bench bench;
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  OwnedFd read_end(pipe[0]), write_end(pipe[1]);
  int calls = 0;
  bench.loop.watch(read_end.get(), [&] {
    ++calls;
    bench.loop.unwatch(read_end.get());
  });
  REQUIRE(::write(write_end.get(), "x", 1) == 1);
  bench.loop.turn();
  CHECK(calls == 1);
  CHECK(bench.loop.now() == LabTime{0});
}

TEST_CASE("the window is as long as the shortest way between two ports", "[calendar]") {
  Bench bench(0, 300'000);
  CHECK(window_ns(bench.fabric.topology()) == 300'000);
  CableSettings jittery;
  jittery.delay_ns = 250'000;
  jittery.jitter_ns = 50'000;
  bench.apply(LinkChanged{PortId{0}, Direction::out, jittery, kFieldDelay | kFieldJitter});
  CHECK(window_ns(bench.fabric.topology()) == 200'000);
  bench.apply(LinkRemoved{LinkId{0}});
  CHECK(window_ns(bench.fabric.topology()) == kWindowMax_ns);
}

}  // namespace
}  // namespace labreel
