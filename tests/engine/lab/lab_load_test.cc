// load_lab_file: what parse_lab_file cannot see, namely the file itself and the node files beside it.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "engine/lab/lab_file.h"
#include "tests/temp_folder.h"

using namespace labreel;
namespace fs = std::filesystem;

namespace {

const std::string kLab = "name: a\ntopology:\n  nodes:\n    r1:\n      files:\n        /etc/frr.conf: r1/frr.conf\n";

}  // namespace

TEST_CASE("a lab file is loaded with the node files beside it", "[lab]") {
  const TempFolder folder;
  folder.write("r1/frr.conf", "x");
  const auto lab = load_lab_file(folder.write("lab.yml", kLab));
  REQUIRE(lab);
  CHECK(lab->directory == fs::path(folder.file("lab.yml")).parent_path());
  CHECK(lab->nodes[0].files[0].host_path == "r1/frr.conf");
}

TEST_CASE("a node file that is not there is refused with its line and the name it resembles", "[lab]") {
  const TempFolder folder;
  folder.write("r1/frr.cnf", "x");
  const std::string path = folder.write("lab.yml", kLab);
  const auto lab = load_lab_file(path);
  REQUIRE_FALSE(lab);
  CHECK(lab.error().kind == ErrorKind::input);
  CHECK(lab.error().place == path + ":6");
  CHECK(lab.error().what ==
        "node r1 needs the file \"r1/frr.conf\": No such file or directory (did you mean frr.cnf?)");
}

TEST_CASE("a node file that is no regular file, or far too large, is refused", "[lab]") {
  const TempFolder folder;
  const std::string path = folder.write("lab.yml", kLab);
  fs::create_directories(folder.file("r1"));
  const std::string file = folder.file("r1/frr.conf");
  SECTION("a folder") {
    fs::create_directory(file);
    CHECK(load_lab_file(path).error().what == "node r1 needs the file \"r1/frr.conf\": it is a folder");
  }
  SECTION("a FIFO, which would block") {
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    CHECK(load_lab_file(path).error().what == "node r1 needs the file \"r1/frr.conf\": it is not a regular file");
  }
  SECTION("a file of 17 MiB") {
    folder.write("r1/frr.conf", "x");
    fs::resize_file(file, 17U << 20U);
    CHECK(load_lab_file(path).error().what ==
          "node r1 needs the file \"r1/frr.conf\": it is longer than 16777216 bytes");
  }
}

TEST_CASE("a lab file that cannot be read is refused with its path", "[lab]") {
  const TempFolder folder;
  folder.write("lab.yml", "name: a\n");
  const auto missing = load_lab_file(folder.file("lab.yaml"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().place == folder.file("lab.yaml"));
  CHECK(missing.error().what == "the lab file cannot be read: No such file or directory (did you mean lab.yml?)");
  CHECK(load_lab_file(folder.file("")).error().what == "the lab file cannot be read: it is a folder");
  CHECK_FALSE(load_lab_file("/dev/zero"));
  CHECK_FALSE(load_lab_file(""));
  const std::string huge = folder.write("huge.yml", "name: a\n");
  fs::resize_file(huge, 10'000'001);
  CHECK(load_lab_file(huge).error().what == "the lab file cannot be read: it is longer than 10000000 bytes");
}
