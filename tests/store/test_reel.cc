#include "test_reel.h"

#include <random>

namespace labreel {

std::vector<EventBody> one_of_each() {
  const CableSettings out{.delay_ns = 1, .jitter_ns = 2, .rate_bps = 3, .queue_bytes = 4,
                          .loss_ppb = 5, .duplicate_ppb = 6, .corrupt_ppb = 7, .reorder_ppb = 8};
  const CableSettings in{.delay_ns = 11, .jitter_ns = 12, .rate_bps = 13, .queue_bytes = 14,
                         .loss_ppb = 15, .duplicate_ppb = 16, .corrupt_ppb = 17, .reorder_ppb = 18};
  const std::string odd("odd\0bytes\xff\n", 11);
  return {LabBegun{"lab", "name: lab\n" + odd, "lab.yml", 42, "real", 1, BranchPoint{"parent", Seq{7}, "0123abcd"}},
          LabEnded{"stopped"},
          NodeAdded{NodeId{1}, "r1", "namespace", std::array<std::int32_t, 2>{-120, 80},
                    {{"memory", "512MiB"}, {"image", odd}}},
          NodeRemoved{NodeId{2}},
          NodeStarting{NodeId{3}},
          NodeStarted{NodeId{4}},
          NodeStopped{NodeId{5}, "died: killed by signal 9"},
          NodePaused{NodeId{6}},
          NodeResumed{NodeId{7}},
          PortAdded{PortId{8}, NodeId{1}, "eth1", {2, 0, 0, 0, 1, 1}, 9000},
          PortRemoved{PortId{9}},
          PortUp{PortId{10}},
          PortDown{PortId{11}},
          LinkAdded{LinkId{12}, {PortId{8}, PortId{13}}, {out, in}},
          LinkRemoved{LinkId{14}},
          LinkUp{PortId{15}},
          LinkDown{PortId{16}},
          LinkChanged{PortId{17}, Direction::in, out, 0xA5},
          LanAdded{LanId{18}, "office", true, 17, 99},
          LanRemoved{LanId{19}},
          LanJoined{LanId{20}, PortId{21}, out, in},
          LanLeft{LanId{22}, PortId{23}},
          Outcome{Seq{1}, 3, PortId{24}, Reason::lab_ended},
          Command{"exec", {"h1", odd, ""}, "cli"},
          CommandDone{true, "no error"},
          Exec{NodeId{25}, {"ping", "-c", odd}},
          ExecOutput{NodeId{26}, Stream::stderr_stream, odd},
          ExecDone{NodeId{27}, -137},
          Console{NodeId{28}, true, odd},
          Scenario{29, "flipped", "detail"},
          Marker{"adjacency", "a note", "Which router is it?"},
          Snapshot{"saved", "detail", odd},
          Checkpoint{std::string(1000, '\x7f') + odd},
          Gap{"before-fabric", 30, "tx_dropped", PortId{31}},
          Divergence{"detail"},
          NodeState{NodeId{32}, "route", "10.0.0.0/8", odd, ""},
          Assertion{"reaches", true, "3 of 3"},
          ExecInput{NodeId{33}, odd},
          UnknownNote{200, 34, odd}};
}

void Script::add(const EventBody& body, Seq cause) {
  now_ns_ += 1'000;
  const Seq seq = sink_.append(LabTime{now_ns_}, cause, body);
  events_.push_back(owned(Event{seq, LabTime{now_ns_}, cause, body}));
}

void Script::frame(const std::string& bytes, std::vector<Copy> copies) {
  now_ns_ += 10;
  const Seq seq = sink_.append_frame(LabTime{now_ns_}, PortId{1}, bytes_of_text(bytes), copies);
  events_.push_back(owned(Event{seq, LabTime{now_ns_}, Seq{},
                                Frame{PortId{1}, bytes_of_text(bytes), copies, static_cast<std::uint32_t>(bytes.size())}}));
}

void Script::fill(std::size_t frames, unsigned seed) {
  std::minstd_rand random(seed);
  const std::vector<EventBody> bodies = one_of_each();
  const auto frame_of = [&](std::size_t i) {
    std::string bytes(14 + random() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    std::vector<Copy> copies(1 + i % 3);
    for (Copy& copy : copies) copy = {PortId{static_cast<std::uint32_t>(random() % 9)}, static_cast<Reason>(random() % kReasonCount),
                                      kDuplicated, static_cast<std::uint16_t>(random()), LabTime{random()}};
    frame(bytes, copies);
  };
  for (std::size_t i = 0; i < frames / 2; ++i) frame_of(i);
  for (const EventBody& body : bodies) add(body, Seq{events_.empty() ? 0 : events_.back().seq});
  for (std::size_t i = frames / 2; i < frames; ++i) frame_of(i);
}

ReelOptions small_options() {
  ReelOptions options;
  options.page_bytes = 4096;
  options.ring_pages = 64;
  options.commit_bytes = 16 << 10;
  options.commit_interval_ms = 20;
  return options;
}

ReelOptions uncommitted_options(std::size_t ring_pages) {
  ReelOptions options = small_options();
  options.ring_pages = ring_pages;
  options.commit_bytes = 1 << 30;
  options.commit_interval_ms = 3'600'000;
  return options;
}

std::vector<OwnedEvent> write_sealed(const std::string& path, std::size_t frames, const ReelOptions& options) {
  const auto writer = ReelWriter::create(path, options);
  Script script{*writer};
  script.fill(frames);
  writer->note("begin-utc", R"({"utc":"2026-01-01T00:00:00Z"})");
  writer->note("stall", "{}");
  writer->seal();
  REQUIRE(writer->state().failure.empty());
  return script.events();
}

}  // namespace labreel
