// Makes what the rows of `replay` send: a reel in which h1 sends frames to h2 over a cable, and a capture of the same frames.
// Usage: replay_files FOLDER FRAMES [64|IMIX|1500]; leaves replay.reel and replay.pcap.
#include <pcap/pcap.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "store/reel_writer.h"
#include "tests/bench/bench_lab.h"

namespace labreel::bench {
namespace {

constexpr std::uint64_t kBetween_ns = 1'000;
constexpr int kSnapshot_bytes = 65'535;

// From 02:00:00:00:00:01 to :02, of a type for experiments: neither node's kernel makes such frames, or answers them.
std::vector<std::byte> frame_of(std::size_t length) {
  std::vector<std::byte> frame(length, std::byte{0x5a});
  for (std::size_t i = 0; i < 12; ++i) frame[i] = std::byte{0};
  frame[0] = frame[6] = frame[5] = std::byte{2};
  frame[11] = std::byte{1};
  frame[12] = std::byte{0x88};
  frame[13] = std::byte{0xb5};
  return frame;
}

std::vector<std::vector<std::byte>> frames_of(const Mix& mix) {
  std::vector<std::vector<std::byte>> frames;
  for (const std::size_t length : mix.lengths) frames.push_back(frame_of(length));
  return frames;
}

void make_reel(const std::string& path, const Mix& mix, std::uint64_t count) {
  const auto frames = frames_of(mix);
  const auto writer = ReelWriter::create(path);
  LabTime at;
  const auto append = [&](const EventBody& effect) { writer->append(at, Seq{}, effect); };
  append(LabBegun{.lab = "bench", .lab_file = "", .lab_file_name = "bench.yml", .seed = 42, .clock = "real",
                  .fabric_version = kFabricVersion});
  for (std::uint32_t i = 0; i < 2; ++i) {
    const std::string name = i == 0 ? "h1" : "h2";
    append(NodeAdded{.node = NodeId{i}, .name = name, .node_kind = "namespace", .position = {}});
    append(PortAdded{.port = PortId{i}, .node = NodeId{i}, .name = "eth0"});
  }
  append(LinkAdded{.ports = {PortId{0}, PortId{1}}});
  for (std::uint64_t i = 0; i < count; ++i) {
    at.ns += kBetween_ns;
    const Copy copy{.port = PortId{1}, .due = at};
    writer->append_frame(at, PortId{0}, frames[i % frames.size()], {&copy, 1});
  }
  append(LabEnded{.why = "done"});
  writer->seal();
  must(writer->state().failure.empty(), "the reel could not be sealed");
}

void make_capture(const std::string& path, const Mix& mix, std::uint64_t count) {
  const auto frames = frames_of(mix);
  pcap_t* const ethernet = pcap_open_dead(DLT_EN10MB, kSnapshot_bytes);
  pcap_dumper_t* const capture = pcap_dump_open(ethernet, path.c_str());
  must(capture != nullptr, "the capture could not be created");
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto& frame = frames[i % frames.size()];
    const auto length = static_cast<bpf_u_int32>(frame.size());
    const auto at_us = static_cast<long>(i * kBetween_ns / 1'000);
    const pcap_pkthdr head{.ts = {at_us / 1'000'000, at_us % 1'000'000}, .caplen = length, .len = length};
    pcap_dump(reinterpret_cast<u_char*>(capture), &head, reinterpret_cast<const u_char*>(frame.data()));
  }
  must(pcap_dump_flush(capture) == 0, "the capture could not be written");
  pcap_dump_close(capture);
  pcap_close(ethernet);
}

}  // namespace
}  // namespace labreel::bench

int main(int argc, char** argv) {
  using namespace labreel::bench;
  must(argc == 4, "usage: replay_files FOLDER FRAMES [64|IMIX|1500]");
  const std::filesystem::path folder = argv[1];
  const Mix& mix = mix_named(argv[3]);
  const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
  make_reel(folder / "replay.reel", mix, count);
  make_capture(folder / "replay.pcap", mix, count);
}
