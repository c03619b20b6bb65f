// labreel where `cmake --install` puts it: everything that it needs comes along, and is found from there.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/install/verbs.h"

namespace labreel::test {
namespace {

namespace fs = std::filesystem;

// The rest of the line behind some words.
std::string behind(const std::string& text, const std::string& words) {
  const std::size_t at = text.find(words);
  REQUIRE(at != std::string::npos);
  return text.substr(at + words.size(), text.find('\n', at) - at - words.size());
}

}  // namespace

TEST_CASE("an installed labreel finds all that comes with it, from any folder", "[install]") {
  const TestFolder folder;
  const std::string prefix = folder / "else where";
  const auto installed = run_program({"cmake", "--install", build_dir(), "--prefix", prefix});
  INFO(installed.err);
  REQUIRE(installed.status == 0);
  const std::string program = prefix + "/bin/labreel";
  fs::create_directories(folder / "home");
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"env", "HOME=" + folder / "home", program});
    return run_program(words, folder / "home");
  };
  const std::string lab = behind(run({"--help"}).out, "Start with: labreel run ");
  CHECK(lab == prefix + "/share/labreel/samples/two-hosts/lab.yml");
  CHECK(fs::exists(lab));
  CHECK(fs::exists(behind(run({"query", "--help"}).out, "Ten worked questions: ")));
  REQUIRE(run({"extcap", "install"}).status == 0);
  const fs::path link = folder / "home/.config/wireshark/extcap/labreel-extcap";
  CHECK(fs::read_symlink(link) == prefix + "/libexec/labreel/labreel-extcap");
  CHECK(run_program({link.string(), "--extcap-interfaces"}).status == 0);
  // The kernel's recipe has come along whole: its key is that of the source tree's.
  const auto recipe = [](const std::string& path) { return run_program({path, "key"}).out; };
  CHECK(recipe(prefix + "/share/labreel/kernel/build") == recipe(source_dir() + "/engine/nodes/uml/kernel/build"));
  CHECK(recipe(prefix + "/share/labreel/kernel/build").size() == 17);
  CHECK(run_program({prefix + "/share/labreel/image/build", "missing"}).status == 0);
  CHECK(run({"image", "build", "-o", "x.squashfs", "No_Package"}).err.find("no package has the name") != std::string::npos);
}

TEST_CASE("DESTDIR and the prefix are honoured, and completions and man pages lie where shells and man look", "[install]") {
  const TestFolder folder;
  const auto installed = run_program({"env", "DESTDIR=" + folder.path(), "cmake", "--install", build_dir(), "--prefix", "/usr"});
  INFO(installed.err);
  REQUIRE(installed.status == 0);
  for (const char* const file :
       {"bin/labreel", "libexec/labreel/labreel-extcap", "share/man/man1/labreel.1", "share/man/man1/labreel-run.1",
        "share/man/man5/labreel-lab.5", "share/doc/labreel/QUESTIONS.md", "share/doc/labreel/LAB_FILE.md",
        "share/labreel/samples/ospf-triangle/r1/frr.conf", "share/labreel/kernel/patches/0001-clock-cost.patch"}) {
    INFO(file);
    CHECK(fs::exists(folder / "usr/" + file));
  }
  for (const char* const file : {"bash-completion/completions/labreel", "zsh/vendor-completions/_labreel",
                                 "fish/vendor_completions.d/labreel.fish"}) {
    INFO(file);
    CHECK(read_file(folder / "usr/share/" + file).find("'/usr/bin/labreel'") != std::string::npos);
  }
}

}  // namespace labreel::test
