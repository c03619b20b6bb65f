// Typos, missing files, foreign and damaged reels: a clear sentence with place and hint, and the right exit code.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/cli/reel_events.h"

namespace labreel::test {
namespace {

// A lab without a scenario or an exec, ended by --for: the quickest real reel.
const std::string kTinyLab = two_hosts("tiny");

std::string record_tiny(const TestFolder& folder) {
  folder.write("tiny.yml", kTinyLab);
  const auto run = labreel({"run", "tiny.yml", "--for", "1s"}, folder.path());
  INFO(run.err);
  REQUIRE(run.status == 0);
  return folder / "tiny.reel";
}

void check_says(const ProgramResult& result, int status, const std::string& words) {
  INFO("stdout: " << result.out << "\nstderr: " << result.err);
  CHECK(result.status == status);
  CHECK(result.out.empty());
  CHECK(result.err.starts_with("labreel: "));
  CHECK(result.err.find(words) != std::string::npos);
}

}  // namespace

TEST_CASE("a mistyped command, option or missing argument is explained and exits 2", "[cli]") {
  check_says(labreel({"exprot"}), 2, "no command exprot (did you mean export?)");
  check_says(labreel({"info", "--jsno"}), 2, "no option --jsno (did you mean --json?)");
  check_says(labreel({}), 2, "a command is needed");
  check_says(labreel({"link"}), 2, "a command is needed");
  check_says(labreel({"link", "donw", "r1:eth1"}), 2, "did you mean down?");
  check_says(labreel({"run"}), 2, "LAB");
}

TEST_CASE("help goes to stdout and exits 0", "[cli]") {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--help"}, {"run", "--help"}, {"link", "set", "--help"}}) {
    const auto help = labreel(words);
    CHECK(help.status == 0);
    CHECK(help.out.find("Usage") != std::string::npos);
    CHECK(help.err.empty());
  }
}

TEST_CASE("a lab file that is wrong is refused by line before anything starts", "[cli]") {
  const TestFolder folder;
  check_says(labreel({"run", "nowhere.yml"}, folder.path()), 3, "nowhere.yml");
  folder.write("typo.yml",
               "name: t\ntopology:\n  nodes:\n    r1: {}\n  links:\n    - endpoints: [\"r1:eth1\", \"r9:eth1\"]\n");
  check_says(labreel({"run", "typo.yml"}, folder.path()), 3, "typo.yml:6");
  folder.write("unit.yml", kTinyLab + "      delay: 5 parsecs\n");
  check_says(labreel({"run", "unit.yml"}, folder.path()), 3, "unit.yml:8");
  CHECK(std::filesystem::is_empty(folder.path()) == false);
  CHECK_FALSE(std::filesystem::exists(folder / "t.reel"));
}

TEST_CASE("a lab file that is a bomb, or of 10 MB, is refused at once with the limit named", "[cli]") {
  const TestFolder folder;
  std::string bomb = "name: bomb\na: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char level = 'b'; level <= 'j'; ++level) {
    const std::string below(1, static_cast<char>(level - 1));
    bomb += std::string(1, level) + ": &" + level + " [";
    for (int i = 0; i < 9; ++i) bomb += (i == 0 ? "*" : ", *") + below;
    bomb += "]\n";
  }
  folder.write("bomb.yml", bomb);
  check_says(labreel({"run", "bomb.yml"}, folder.path()), 3, "bomb.yml:");
  folder.write("huge.yml", kTinyLab + "# " + std::string(10'000'001, '.') + "\n");
  check_says(labreel({"run", "huge.yml"}, folder.path()), 3, "longer than 10000000 bytes");
  std::string wide = "name: wide\ntopology:\n  nodes:\n";
  for (int i = 0; i < 200; ++i) wide += "    n" + std::to_string(i) + ": \n";
  wide += "  links:\n";
  for (int i = 0; i < 10'000; ++i) {
    const std::string port = ":e" + std::to_string(i);
    wide += "    - endpoints: [\"n" + std::to_string(i % 200) + port + "\", \"n" + std::to_string((i + 1) % 200) +
            port + "\"]\n";
  }
  // Read whole: what is wrong with its last line is found there.
  folder.write("wide.yml", wide + "    - endpoints: [\"n0:e0\", \"n1:other\"]\n");
  check_says(labreel({"run", "wide.yml"}, folder.path()), 3, "wide.yml:10205:");
}

TEST_CASE("a file that is not a reel is named and exits 3, whatever the verb", "[cli]") {
  const TestFolder folder;
  folder.write("empty.reel", "");
  folder.write("text.reel", "this is not a recording, however long it may be\n");
  for (const char* verb : {"info", "events", "check", "verify"}) {
    check_says(labreel({verb, "empty.reel"}, folder.path()), 3, "empty.reel");
    check_says(labreel({verb, "text.reel"}, folder.path()), 3, "text.reel");
    check_says(labreel({verb, "absent.reel"}, folder.path()), 3, "absent.reel");
  }
  check_says(labreel({"export", "text.reel", "-o", "x.pcapng"}, folder.path()), 3, "text.reel");
  check_says(labreel({"info"}, (std::filesystem::create_directory(folder / "sub"), folder / "sub")), 3, "no reel");
}

TEST_CASE("a reel is never written over: the second run writes beside the first", "[cli]") {
  const TestFolder folder;
  record_tiny(folder);
  const std::string first = folder.read("tiny.reel");
  REQUIRE(labreel({"run", "tiny.yml", "--for", "1s"}, folder.path()).status == 0);
  CHECK(folder.read("tiny.reel") == first);
  CHECK(std::filesystem::exists(folder / "tiny-2.reel"));
  check_says(labreel({"run", "tiny.yml", "-o", "tiny.reel"}, folder.path()), 2, "there is a file already");
  CHECK(folder.read("tiny.reel") == first);
}

TEST_CASE("a truncated reel and one flipped byte are noticed with the place, exit 3", "[cli]") {
  const TestFolder folder;
  const std::string reel = record_tiny(folder);
  const std::string whole = read_file(reel);
  folder.write("short.reel", whole.substr(0, whole.size() / 2));
  const auto shortened = labreel({"check", "short.reel"}, folder.path());
  INFO(shortened.out << shortened.err);
  CHECK(shortened.status == 3);

  // The lab file's own text is in the first page: flip a byte there.
  std::string flipped = whole;
  const std::size_t at = flipped.find("endpoints");
  REQUIRE(at != std::string::npos);
  flipped[at] = static_cast<char>(flipped[at] ^ 1);
  folder.write("flipped.reel", flipped);
  for (const char* verb : {"check", "verify"}) {
    const auto noticed = labreel({verb, "flipped.reel"}, folder.path());
    INFO(verb << ": " << noticed.out << noticed.err);
    CHECK(noticed.status == 3);
    CHECK((noticed.out + noticed.err).find("page") != std::string::npos);
  }
}

TEST_CASE("positions, filters and endings that do not exist are explained", "[cli]") {
  const TestFolder folder;
  record_tiny(folder);
  check_says(labreel({"events", "tiny.reel", "--from", "nosuch"}, folder.path()), 2, "nosuch");
  check_says(labreel({"events", "tiny.reel", "--filter", "icmp and and"}, folder.path()), 2, "filter");
  check_says(labreel({"events", "tiny.reel", "--kind", "fram"}, folder.path()), 2, "did you mean frame?");
  check_says(labreel({"events", "tiny.reel", "--port", "h1:eth9"}, folder.path()), 2, "did you mean h1:eth0?");
  check_says(labreel({"export", "tiny.reel", "-o", "x.docx"}, folder.path()), 2, ".docx");
  CHECK_FALSE(std::filesystem::exists(folder / "x.docx"));
  check_says(labreel({"export", "tiny.reel", "-o", "x.ndjson", "--once"}, folder.path()), 2, "--once is for captures");
  CHECK_FALSE(std::filesystem::exists(folder / "x.ndjson"));
  for (const char* earlier : {"earlier.ndjson", "earlier.pcapng"}) {
    folder.write(earlier, "kept");
    check_says(labreel({"export", "tiny.reel", "-o", earlier, "--force", "--filter", "and"}, folder.path()), 2, "filter");
    CHECK(folder.read(earlier) == "kept");
  }
}

TEST_CASE("an export to .ndjson has the lines of events --json --payload, for the same choice", "[cli]") {
  const TestFolder folder;
  record_tiny(folder);
  const std::vector<std::vector<std::string>> choices{{}, {"--port", "h1:eth0"}, {"--from", "2", "--to", "5"}};
  for (const auto& choice : choices) {
    std::vector<std::string> exported{"export", "tiny.reel", "-o", "tiny.ndjson", "--force"};
    std::vector<std::string> listed{"events", "tiny.reel", "--json", "--payload"};
    exported.insert(exported.end(), choice.begin(), choice.end());
    listed.insert(listed.end(), choice.begin(), choice.end());
    const auto result = labreel(exported, folder.path());
    INFO(result.err);
    CHECK(result.status == 0);
    const std::string lines = labreel(listed, folder.path()).out;
    CHECK_FALSE(lines.empty());
    CHECK(folder.read("tiny.ndjson") == lines);
  }
}

TEST_CASE("without a reel's name the newest one in the folder is read", "[cli]") {
  const TestFolder folder;
  record_tiny(folder);
  const auto info = labreel({"info"}, folder.path());
  CHECK(info.status == 0);
  CHECK(info.out.find("tiny") != std::string::npos);
}

}  // namespace labreel::test
