// Images: guests that have nothing of the host, so that who runs the lab, and where, does not matter.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/cli/ordinary_user.h"
#include "tests/determinism/virtual_labs.h"

namespace labreel::test {
namespace {

void write_lab(const TestFolder& folder, const std::string& image) {
  folder.write("lab.yml", two_guests("name: imaged\nimage: " + image + "\n", R"(  - exec: {node: h1, run: "ping -c 2 -i 0.2 10.0.0.2"}
  - exec: {node: h1, run: "cat /etc/debian_version; ls /; ls /root; dpkg-query -W | wc -l; touch /new && ls -l /new"}
)"));
}

}  // namespace

TEST_CASE("a lab of an image has one digest for every user, and another image is named before it runs",
          "[determinism]") {
  const TestFolder folder;
  const std::string image = folder / "tools.squashfs";
  const auto built =
      run_program({labreel_binary(), "image", "build", "-o", image, "iproute2", "iputils-ping"}, ".", 550);
  INFO(built.out << built.err);
  REQUIRE(built.status == 0);
  CHECK(labreel({"image", "build", "-o", image, "iproute2"}).status == 2);  // never over a file

  write_lab(folder, "tools.squashfs");
  const std::string digest = record(folder / "lab.yml", folder / "root.reel");
  CHECK(labreel({"events", folder / "root.reel", "--kind", "exec.output"}).out.find("2 received") != std::string::npos);
  CHECK(labreel({"events", folder / "root.reel"}).out.find(folder.path()) == std::string::npos);
  require_proved(folder / "root.reel");

  const std::string cache = cache_with_kernel(folder, [](const std::string&) {});
  const std::string binary = lend_to_user(folder, kUserWithoutIds);
  const auto run = run_program(as_user(
      folder,
      {"env", "XDG_CACHE_HOME=" + cache, binary, "run", folder / "lab.yml", "-o", folder / "user.reel", "--serial"},
      kUserWithoutIds));
  INFO(run.err);
  REQUIRE(run.status == 0);
  CHECK(digest_of(folder / "user.reel") == digest);

  std::ofstream{image, std::ios::app} << "one byte more";
  const auto refused = labreel({"verify", "--trust", folder / "root.reel"});
  CHECK(refused.status == 4);
  CHECK(refused.err.find("recorded \"image\":") != std::string::npos);
}

TEST_CASE("what is no image, or not there, is said before anything starts", "[determinism]") {
  const TestFolder folder;
  write_lab(folder, "tool.squashfs");
  folder.write("tools.squashfs", "not a file system");
  const auto typo = labreel({"run", folder / "lab.yml", "-o", folder / "lab.reel"});
  CHECK(typo.status == 3);
  CHECK(typo.err.find("did you mean tools.squashfs?") != std::string::npos);
  write_lab(folder, "tools.squashfs");
  const auto wrong = labreel({"run", folder / "lab.yml", "-o", folder / "lab.reel"});
  CHECK(wrong.status == 4);
  CHECK(wrong.err.find("it is no squashfs") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "lab.reel"));
  folder.write("half.squashfs", "hsqs and then nothing of a file system");
  write_lab(folder, "half.squashfs");
  const auto half = labreel({"run", folder / "lab.yml", "-o", folder / "half.reel"});
  CHECK(half.status == 4);
  CHECK(half.err.find("node h1: mount /squashfs") != std::string::npos);
  CHECK(labreel({"image", "build", "-o", folder / "x", "No_Package"}).status == 2);
}

}  // namespace labreel::test
