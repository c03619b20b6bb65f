// A lab of nothing but TAPs on one switch, for measuring: RealTimeLoop without and with a recording.
// Usage: switch_bench PORTS [REEL]. Makes the TAPs lr0, lr1 … in this network namespace, prints "ready", and switches
// from the first line on its standard input to the end of it: between, the devices are moved and brought up.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "engine/clock/real_time_loop.h"
#include "engine/transports/tap.h"
#include "store/reel_writer.h"
#include "tests/bench/bench_lab.h"
#include "tests/bench/bench_tap.h"

namespace labreel::bench {
namespace {

// Numbers events and forgets them.
class NullSink final : public EventSink {
 public:
  Seq append(LabTime, Seq, const EventBody&) override { return Seq{next_++}; }
  Seq append_frame(LabTime, PortId, Bytes, std::span<const Copy>) override { return Seq{next_++}; }
  Seq next_seq() const override { return Seq{next_}; }
  void note(std::string_view, std::string_view) override {}

 private:
  std::uint64_t next_ = 1;
};

void run(std::uint32_t ports, EventSink& sink) {
  std::vector<OwnedFd> taps;
  for (std::uint32_t i = 0; i < ports; ++i) taps.push_back(make_tap(i));
  std::puts("ready");
  std::fflush(stdout);
  must(std::getchar() == '\n', "nobody said that the devices are up");

  Fabric fabric(42);
  RealTimeLoop loop(fabric, sink);
  const LabBegun begun{.lab = "bench",
                       .lab_file = "",
                       .lab_file_name = "bench.yml",
                       .seed = 42,
                       .clock = "real",
                       .fabric_version = kFabricVersion};
  must(loop.apply(Seq{}, begun).ok(), "the lab does not begin");
  for (const EventBody& effect : lan_effects(ports, {})) must(loop.apply(Seq{}, effect).ok(), "the lan is refused");
  for (std::uint32_t i = 0; i < ports; ++i) loop.attach(PortId{i}, std::make_unique<TapTransport>(std::move(taps[i])));
  bool running = true;
  loop.watch(STDIN_FILENO, [&] { running = false; });
  while (running) loop.turn();
  must(loop.apply(Seq{}, LabEnded{.why = "done"}).ok(), "the lab does not end");
}

}  // namespace
}  // namespace labreel::bench

int main(int argc, char** argv) {
  using namespace labreel;
  using namespace labreel::bench;
  must(argc == 2 || argc == 3, "usage: switch_bench PORTS [REEL]");
  const auto ports = static_cast<std::uint32_t>(std::atoi(argv[1]));
  std::setvbuf(stdin, nullptr, _IONBF, 0);
  if (argc == 2) {
    NullSink sink;
    run(ports, sink);
    return 0;
  }
  const auto writer = ReelWriter::create(argv[2]);
  run(ports, *writer);
  writer->seal();
  must(writer->state().failure.empty(), "the reel could not be sealed");
}
