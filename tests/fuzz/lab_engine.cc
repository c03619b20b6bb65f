// Fuzz target: any bytes as a lab file, through the parser to what the engine does with it: the effects of its topology, frames
// through the fabric that they make, its scenario played by nodes that are scripts. What the parser lets pass, no later
// part may abort at.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/check.h"
#include "engine/lab/lab_file.h"
#include "recorder/session/lab_setup.h"
#include "tests/recorder/session/fakes.h"

namespace labreel {
namespace {

constexpr std::size_t kNodesMax = 64;  // more of them say nothing new
constexpr int kTurnsMax = 2'000;
constexpr std::size_t kFrameBytes = 200;

// Each port sends one frame to all, and one to the port before it.
void send_frames(test::FakeLab& lab) {
  std::vector<std::byte> frame(kFrameBytes);
  for (const PortInfo& port : std::vector<PortInfo>{lab.fabric.topology().ports()}) {
    if (port.removed) continue;
    std::copy_n(reinterpret_cast<const std::byte*>(port.added.mac.data()), 6, frame.begin() + 6);
    LABREEL_CHECK(lab.loop.inject(Seq{}, port.added.port, frame).ok());
    std::fill_n(frame.begin(), 6, std::byte{0xff});
    LABREEL_CHECK(lab.loop.inject(Seq{}, port.added.port, frame).ok());
    std::copy_n(frame.begin() + 6, 6, frame.begin());
  }
}

void turn(test::FakeLab& lab, int& turns) {
  ++turns;
  lab.loop.turn();
  // Time that no cable could be waited for, either.
  LABREEL_CHECK(lab.fabric.advance(lab.loop.now()).ok());
  lab.fabric.drain([](const Delivery&) {});
}

void play(const std::string& text) {
  test::FakeLab lab{text};
  // They may name any file of the host.
  for (NodeDef& node : lab.file.nodes) node.files.clear();
  set_up_lab(lab.runtime, Seq{});
  std::size_t starting = lab.file.nodes.size();
  for (std::uint32_t i = 0; i < lab.file.nodes.size(); ++i) {
    lab.nodes.start(NodeId{i}, Seq{}, [&starting](const Status&) { --starting; });
  }
  lab.scenario.watch();
  int turns = 0;
  while (starting > 0 && turns < kTurnsMax && !lab.loop.is_idle()) turn(lab, turns);
  send_frames(lab);
  bool over = false;
  lab.scenario.run([&over](const Status&) { over = true; });
  while (!over && turns < kTurnsMax && !lab.loop.is_idle()) turn(lab, turns);
  send_frames(lab);
  lab.scenario.abandon();
  LABREEL_CHECK(!lab.fabric.save().empty());
}

}  // namespace
}  // namespace labreel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto lab = labreel::parse_lab_file(text, "labs/lab.yml");
  if (lab && lab->nodes.size() <= labreel::kNodesMax) labreel::play(text);
  return 0;
}
