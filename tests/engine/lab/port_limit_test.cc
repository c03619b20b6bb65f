// A lab has at most 65,535 ports, wherever its file names them.
#include <algorithm>
#include <catch2/catch.hpp>

#include "engine/lab/lab_file.h"

using namespace labreel;

namespace {

// Nodes of 1,000 ports each; then a lan of more, each on a line of its own from line 71 on.
std::string lab_of(int in_nodes, int on_lan) {
  std::string text = "name: large\ntopology:\n  nodes:\n";
  for (int node = 0; node < 65; ++node) {
    text += "    n" + std::to_string(node) + ": {ports: {";
    for (int i = node * 1'000; i < std::min(in_nodes, (node + 1) * 1'000); ++i) text += "e" + std::to_string(i) + ": , ";
    text += "}}\n";
  }
  text += "  lans:\n    wide: {ports: [\n";
  for (int i = 0; i < on_lan; ++i) text += "      \"n0:f" + std::to_string(i) + "\",\n";
  return text + "    ]}\n";
}

void check_refused(const std::string& text, const std::string& place) {
  const auto lab = parse_lab_file(text, "lab.yml");
  REQUIRE_FALSE(lab);
  CHECK(lab.error().place == place);
  CHECK(lab.error().what == "the lab has more than 65535 ports");
}

}  // namespace

TEST_CASE("a lab of 65535 ports is read, and one more is refused at its line with the limit named", "[lab]") {
  const auto lab = parse_lab_file(lab_of(65'000, 535), "lab.yml");
  if (!lab) FAIL(lab.error().place << ": " << lab.error().what);
  CHECK(lab->nodes[64].ports.size() == 1'000);
  CHECK(lab->nodes[0].ports.size() == 1'535);
  check_refused(lab_of(65'000, 536), "lab.yml:606");
}

TEST_CASE("ports that nodes list or copy from defaults are counted", "[lab]") {
  std::string text = "name: large\ntopology:\n  defaults: {ports: {";
  for (int i = 0; i < 100; ++i) text += "e" + std::to_string(i) + ": , ";
  text += "}}\n  nodes:\n";
  for (int node = 0; node < 656; ++node) text += "    n" + std::to_string(node) + ": \n";
  check_refused(text, "lab.yml:660");
}
