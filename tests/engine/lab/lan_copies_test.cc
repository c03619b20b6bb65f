// A frame's copies are counted in 16 bits: a lan that could give it more is refused, and no smaller one.
#include <catch2/catch.hpp>

#include "engine/core/fabric.h"
#include "engine/core/topology_check.h"
#include "engine/lab/lab_file.h"

using namespace labreel;

namespace {

// A hub of that many ports, the first with these settings, each other one with those; the lan is line 5.
std::string hub_lab(int ports, const std::string& first, const std::string& others) {
  std::string text = "name: large\ntopology:\n  nodes: {h: }\n  lans:\n    wide:\n      hub: true\n      ports:\n";
  for (int i = 0; i < ports; ++i) {
    text += "        - {port: \"h:e" + std::to_string(i) + "\"" + (i == 0 ? first : others) + "}\n";
  }
  return text;
}

void check_refused(const std::string& text, const std::string& copies) {
  const auto lab = parse_lab_file(text, "lab.yml");
  REQUIRE_FALSE(lab);
  CHECK(lab.error().place == "lab.yml:5");
  CHECK_THAT(lab.error().what, Catch::StartsWith("lan wide has "));
  CHECK_THAT(lab.error().what,
             Catch::EndsWith("one frame could get " + copies + " copies, but a reel counts at most 65535"));
  CHECK_THAT(lab.error().hint, Catch::Contains("duplicate"));
}

}  // namespace

TEST_CASE("a lan whose duplicates could give a frame more than 65535 copies is refused at its line", "[lab]") {
  // The first sends twice; the others get each of it twice.
  check_refused(hub_lab(16'385, ", duplicate: {out: 1%}", ", duplicate: {in: 0.0000001%}"), "65536");
  CHECK(parse_lab_file(hub_lab(16'384, ", duplicate: {out: 1%}", ", duplicate: {in: 1%}"), "lab.yml"));
  check_refused(hub_lab(32'769, "", ", duplicate: {in: 1%}"), "65536");
  CHECK(parse_lab_file(hub_lab(32'768, "", ", duplicate: {in: 1%}"), "lab.yml"));
  check_refused(hub_lab(16'500, "", ", duplicate: 1%"), "65994");
  CHECK(parse_lab_file(hub_lab(40'000, "", ", loss: 1%"), "lab.yml"));
}

TEST_CASE("a flooded frame gets as many copies as its lan's bound says, and none more", "[lab]") {
  for (const unsigned cables : {0U, 1U, 2U, 3U, 4U, 7U, 11U, 15U}) {
    Fabric fabric(1);
    const auto apply = [&](const EventBody& effect) { REQUIRE(fabric.apply(effect, LabTime{})); };
    apply(NodeAdded{NodeId{0}, "h", "namespace", {}});
    apply(NodeStarted{NodeId{0}});
    apply(LanAdded{LanId{0}, "wide", true, 16, 1'000});
    LanCopies bound;
    for (std::uint32_t i = 0; i < 2; ++i) {
      PortAdded port;
      port.port = PortId{i};
      port.name = "e" + std::to_string(i);
      apply(port);
      LanJoined joined{LanId{0}, PortId{i}, {}, {}};
      joined.out.duplicate_ppb = (cables >> (2 * i) & 1U) * kCertain_ppb;
      joined.in.duplicate_ppb = (cables >> (2 * i + 1) & 1U) * kCertain_ppb;
      bound.add(joined.out, joined.in);
      apply(joined);
    }
    std::size_t most = 0;
    const std::vector<std::byte> frame(60, std::byte{0xff});
    for (std::uint32_t i = 0; i < 2; ++i) {
      const auto copies = fabric.arrive(PortId{i}, frame, LabTime{}, Seq{i + 1});
      REQUIRE(copies);
      most = std::max(most, copies->size());
    }
    CAPTURE(cables);
    CHECK(bound.most() == most);
  }
}
