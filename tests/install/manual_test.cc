// Man pages: what stands on them, and that every man reads them.
#include <catch2/catch.hpp>
#include <filesystem>

#include "recorder/manual/roff.h"
#include "tests/install/verbs.h"

namespace labreel::test {
namespace {

std::string all_pages(const TestFolder& folder) {
  const auto written = labreel({"__man", source_dir() + "/engine/lab/LAB_FILE.md", folder / "man"});
  INFO(written.err);
  REQUIRE(written.status == 0);
  return folder / "man";
}

}  // namespace

TEST_CASE("text of any kind stands on a man page as it is, and is no request to it", "[manual]") {
  CHECK(roff_text(".TH evil\n'br\nC:\\n") == "\\&.TH evil\n\\&'br\nC:\\en");
  CHECK(roff_code("--json 'x' ^~") == "\\-\\-json \\(aqx\\(aq \\(ha\\(ti");
  CHECK(roff_of_markdown("# Title\n\nOne `--two` **three** [four](five.md).\n") ==
        "One \\fB\\-\\-two\\fR \\fBthree\\fR four.\n");
  CHECK(roff_of_markdown("| key | value | default |\n|---|---|---|\n| `seed` | number | `1` |\n") ==
        ".TP\n\\fBseed\\fR\nnumber; default \\fB1\\fR\n");
  CHECK(roff_of_markdown("## A link\n```yaml\n.x: a-b\n```\n") ==
        ".SH A LINK\n.RS 4\n.nf\n\\&.x: a\\-b\n.fi\n.RE\n");
}

TEST_CASE("there is a man page for each verb and for the lab file, and mandoc has nothing to say about them", "[manual]") {
  const TestFolder folder;
  const std::string man = all_pages(folder);
  std::vector<std::string> lint{"mandoc", "-Tlint", "-Wwarning", man + "/man1/labreel.1", man + "/man5/labreel-lab.5"};
  for (const std::string& verb : words_behind({})) lint.push_back(man + "/man1/labreel-" + verb + ".1");
  for (std::size_t i = 3; i < lint.size(); ++i) CHECK(std::filesystem::exists(lint[i]));
  const auto said = run_program(lint);
  CHECK(said.status == 0);
  CHECK(said.out == "");
  CHECK(said.err == "");
}

TEST_CASE("a man page says what every argument and option is, and shows the examples", "[manual]") {
  const TestFolder folder;
  const std::string man = all_pages(folder);
  for (const auto& file : std::filesystem::directory_iterator(man + "/man1")) {
    INFO(file.path());
    CHECK(read_file(file.path()).find("\n\u2014\n") == std::string::npos);  // stands for a description that is missing
  }
  const auto link = run_program({"mandoc", "-Tutf8", man + "/man1/labreel-link.1"});
  for (const char* const word : {"EXAMPLES", "SYNOPSIS"}) {
    CHECK(run_program({"mandoc", "-Tascii", man + "/man1/labreel-run.1"}).out.size() > 1000);
    CHECK(read_file(man + "/man1/labreel-run.1").find(word) != std::string::npos);
  }
  CHECK(link.out.find("labreel link set r1:eth1 delay=20ms loss.out=1%") != std::string::npos);
  const auto lab = run_program({"mandoc", "-Tascii", man + "/man5/labreel-lab.5"});
  CHECK(lab.out.find("mac_limit") != std::string::npos);
}

}  // namespace labreel::test
