#include "tests/bench/made_reel.h"

#include "recorder/session/checkpoint_policy.h"
#include "store/reel_writer.h"

namespace labreel::bench {
namespace {

constexpr std::uint32_t kPorts = 25;

}  // namespace

void make_reel(const std::string& path, const Mix& mix, std::uint64_t count, std::uint64_t batch_ns) {
  Fabric fabric(42);
  CheckpointPolicy checkpoints;
  const auto writer = ReelWriter::create(path);
  LabTime at;
  const auto apply = [&](const EventBody& effect) {
    const auto outcomes = fabric.apply(effect, at);
    must(outcomes.ok(), "the fabric refuses an effect");
    const Seq seq = writer->append(at, Seq{}, effect);
    for (const Outcome& outcome : *outcomes) writer->append(at, seq, outcome);
  };
  apply(LabBegun{.lab = "bench", .lab_file = "", .lab_file_name = "bench.yml", .seed = 42, .clock = "real",
                 .fabric_version = kFabricVersion});
  for (const EventBody& effect : lan_effects(kPorts, {})) apply(effect);
  const auto frames = lan_frames(kPorts, mix);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto& frame = frames[i % frames.size()];
    const PortId from{static_cast<std::uint32_t>(frame[11])};
    const auto copies = fabric.arrive(from, frame, at, writer->next_seq());
    must(copies.ok(), "the fabric refuses a frame");
    writer->append_frame(at, from, frame, *copies);
    if (i % kBatchFrames != kBatchFrames - 1) continue;
    at.ns += batch_ns;
    must(fabric.advance(at).ok(), "time went back");
    fabric.drain([](const Delivery&) {});
    if (!checkpoints.is_due(i + 1)) continue;
    const std::string state = fabric.save();
    checkpoints.made(i + 1, state.size());
    writer->append(at, Seq{}, Checkpoint{state});
  }
  apply(LabEnded{.why = "done"});
  writer->seal();
  must(writer->state().failure.empty(), "the reel could not be sealed");
}

}  // namespace labreel::bench
