// Export of what the real fabric decided, under every impairment at once.
#include "engine/core/fabric.h"

#include <map>

#include "tests/replay/export_fixture.h"

using namespace labreel;
using namespace labreel::test;

namespace {

// Feeds a fabric and keeps its events: a hub with three ports, lossy, late, corrupting, cut now and then.
HandMadeReel impaired_lab(FabricCounts& counts) {
  HandMadeReel reel;
  Fabric fabric(7);
  const auto effect = [&](std::uint64_t at, const EventBody& body) {
    const Seq seq = reel.add(at, body);
    Result<std::vector<Outcome>> outcomes = fabric.apply(body, LabTime{at});
    if (!outcomes) FAIL(outcomes.error().what);
    for (const Outcome& outcome : *outcomes) reel.add(at, outcome, seq);
  };
  HandMadeReel lab;
  lab.add_lab();
  for (const Event& event : lab.events) effect(0, event.body);
  CableSettings settings;
  settings.delay_ns = 50'000;
  settings.jitter_ns = 40'000;
  settings.rate_bps = 1'000'000'000;
  settings.queue_bytes = 4'000;
  settings.loss_ppb = settings.duplicate_ppb = settings.corrupt_ppb = settings.reorder_ppb = kCertain_ppb / 10;
  effect(0, LanAdded{LanId{0}, "office", true});
  for (std::uint32_t i = 0; i < 3; ++i) {
    effect(0, LanJoined{LanId{0}, PortId{i}, settings, settings});
    effect(0, NodeStarting{NodeId{i}});
    effect(0, NodeStarted{NodeId{i}});
  }
  for (unsigned i = 0; i < 2000; ++i) {
    const std::uint64_t at = 1'000'000 + 3'000 * std::uint64_t{i / 2};  // two frames share a stamp
    if (i % 200 == 50) effect(at, LinkDown{kR2});
    if (i % 200 == 60) effect(at, LinkUp{kR2});
    const std::string bytes = ethernet(60 + i % 900, i);
    const PortId from{i % 3};
    const Seq seq{reel.events.size() + 1};
    const auto copies = fabric.arrive(from, std::as_bytes(std::span(bytes)), LabTime{at}, seq);
    REQUIRE(copies.ok());
    reel.frame(at, from, bytes, {copies->begin(), copies->end()});
  }
  effect(1'000'000 + 3'000 * 1000, LabEnded{"stopped"});
  counts = fabric.counts();
  return reel;
}

}  // namespace

TEST_CASE("every copy that the fabric made is one packet at its receiver or one comment at its sender", "[export]") {
  FabricCounts counts;
  const HandMadeReel reel = impaired_lab(counts);
  const PcapngFile file = exported_and_parsed(reel);

  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::map<std::string, std::uint64_t> drops;
  std::map<std::uint64_t, std::string> sent_bytes;
  std::uint64_t corrupted = 0;
  std::uint64_t latest_ns = 0;
  for (const PcapngPacket& packet : file.packets) {
    CHECK(latest_ns <= packet.time_ns);
    latest_ns = packet.time_ns;
    if (packet.flags == 2U) {
      ++sent;
      sent_bytes[*packet.packet_id] = packet.bytes;
      for (const std::string& comment : packet.comments) ++drops[comment.substr(0, comment.find(" ("))];
      continue;
    }
    ++received;
    REQUIRE(sent_bytes.count(*packet.packet_id) == 1);  // the sender's packet came before
    std::string told;
    for (const std::string& comment : packet.comments) told += comment;
    const bool differs = packet.bytes != sent_bytes[*packet.packet_id];
    CHECK(differs == (told.find("corrupted: ") != std::string::npos));
    if (differs) ++corrupted;
  }
  CHECK(sent == counts.frames);
  CHECK(received == counts.delivered);
  std::map<std::string, std::uint64_t> expected;
  for (std::size_t reason = 1; reason < kReasonCount; ++reason) {
    if (counts.dropped[reason] == 0) continue;
    expected["dropped: " + std::string(name_of(static_cast<Reason>(reason)))] = counts.dropped[reason];
  }
  CHECK(drops == expected);
  CHECK(drops.size() >= 4);  // loss, queue-full, link-down, lab-ended
  CHECK(corrupted > 100);
}

TEST_CASE("a large export is read whole by tshark, capinfos and tcpdump, in strict order of time", "[export]") {
  FabricCounts counts;
  const HandMadeReel reel = impaired_lab(counts);
  const std::string packets = std::to_string(counts.frames + counts.delivered);
  const TemporaryFile file("a.pcapng", exported(reel));
  std::string capinfos;
  for (const std::string& line : lines_of("capinfos -M -c -o " + file.path())) capinfos += line + "\n";
  CHECK_THAT(capinfos, Catch::Contains("Number of packets:   " + packets + "\n"));
  CHECK_THAT(capinfos, Catch::Contains("Strict time order:   True"));
  CHECK(std::to_string(tshark_fields(file, "frame.packet_id").size()) == packets);
  CHECK(lines_of("tcpdump -n --count -r " + file.path()).back() == packets + " packets");
}
