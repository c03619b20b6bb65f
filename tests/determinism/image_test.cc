// Images: guests that have nothing of the host, so that who runs the lab, and where, does not matter.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/cli/ordinary_user.h"
#include "tests/determinism/virtual_labs.h"

namespace labreel::test {
namespace {

void write_lab(const TestFolder& folder, const std::string& image) {
  folder.write("lab.yml", "name: imaged\nclock: virtual\nimage: " + image + R"(
topology:
  defaults: {kind: uml}
  nodes:
    h1: {ports: {eth0: {address: [10.0.0.1/24]}}}
    h2: {ports: {eth0: {address: [10.0.0.2/24]}}}
  links:
    - endpoints: ["h1:eth0", "h2:eth0"]
      delay: 5ms
scenario:
  - exec: {node: h1, run: "ping -c 2 -i 0.2 10.0.0.2"}
  - exec: {node: h1, run: "cat /etc/image; ls /; ls /root; touch /new && ls -l /new"}
)");
}

// Makes an image of a few of this host's programs and their libraries: quicker than Debian's way.
void make_small_image(const TestFolder& folder, const std::string& image) {
  folder.write("make", R"sh(set -e
mkdir -p "$1"/usr/bin "$1"/usr/sbin "$1"/usr/lib/x86_64-linux-gnu "$1"/usr/lib64
for name in bin sbin lib lib64; do ln -s usr/$name "$1"/$name; done
for name in dev etc proc root run sys tmp; do mkdir "$1"/$name; done
echo made >"$1"/etc/image
for name in sh ping ip cat ls touch; do
  program=$(readlink -f "$(command -v $name)")
  cp "$program" "$1"/usr/bin/$name
  for library in $(ldd "$program" | grep -o '/[^ ]*'); do cp -L "$library" "$1$library"; done
done
mksquashfs "$1" "$2" -quiet -no-progress -comp gzip -all-root
)sh");
  const auto made = run_program({"sh", folder / "make", folder / "tree", image});
  INFO(made.out << made.err);
  REQUIRE(made.status == 0);
}

}  // namespace

TEST_CASE("a lab of an image has one digest for every user, and another image is named before it runs",
          "[determinism]") {
  const TestFolder folder;
  const std::string image = folder / "tools.squashfs";
  make_small_image(folder, image);
  write_lab(folder, "tools.squashfs");
  const std::string digest = record(folder / "lab.yml", folder / "root.reel");
  const std::string shown = labreel({"events", folder / "root.reel", "--kind", "exec.output"}).out;
  CHECK(shown.find("2 received") != std::string::npos);
  CHECK(shown.find("made") != std::string::npos);
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

// Some minutes, most of them for packages on their way: by hand.
TEST_CASE("an image of the same packages has the same bytes, whatever their order and the folder", "[.slow]") {
  const TestFolder folder;
  std::filesystem::create_directories(folder / "else");
  const std::string first = folder / "first.squashfs", second = folder / "else/second.squashfs";
  for (const auto& arguments : {std::vector<std::string>{first, "iproute2", "iputils-ping"},
                                std::vector<std::string>{second, "iputils-ping", "iproute2"}}) {
    std::vector<std::string> argv{labreel_binary(), "image", "build", "-o"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const auto built = run_program(argv, ".", 1'200);
    INFO(built.out << built.err);
    REQUIRE(built.status == 0);
  }
  CHECK(read_file(first) == read_file(second));
  CHECK(labreel({"image", "build", "-o", first, "iproute2"}).status == 2);  // never over a file
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
