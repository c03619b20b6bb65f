// Who may read a recording, and what is said when it goes away or the disk was full.
#include <sys/stat.h>
#include <unistd.h>

#include "test_reel.h"

namespace labreel {
namespace {

mode_t mode_of(const std::string& path) {
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777U;
}

}  // namespace

TEST_CASE("a reel, its journal and its ring are their owner's alone, whatever the umask says") {
  for (const mode_t mask : {mode_t{0}, mode_t{022}, mode_t{0277}}) {
    const TempFolder folder;
    const std::string path = folder.file("a.reel");
    const mode_t before = ::umask(mask);
    const auto writer = ReelWriter::create(path, small_options());
    ::umask(before);
    CHECK(mode_of(path) == 0600);
    CHECK(mode_of(path + "-ring") == 0600);
    CHECK(mode_of(path + "-journal") == 0600);
    writer->seal();
    CHECK(mode_of(path) == 0600);
  }
}

TEST_CASE("a reel that was deleted while it was recorded is said to be, at the seal") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const auto writer = ReelWriter::create(path, small_options());
  Script{*writer}.fill(100);
  for (const std::string& name : folder.names()) std::filesystem::remove(folder.file(name));
  writer->seal();
  CHECK(writer->state().failure.find("was deleted") != std::string::npos);
}

TEST_CASE("a reel whose lab ended since the disk was full says that, and not that the recorder was killed") {
  const TempFolder folder;
  const std::string path = folder.file("a.reel");
  const auto end_with = [&](const std::string& why) {
    std::filesystem::remove(path);
    std::filesystem::remove(path + "-journal");
    std::filesystem::remove(path + "-ring");
    {
      const auto writer = ReelWriter::create(path, uncommitted_options(8));
      Script{*writer}.fill(10);
      writer->append(kNever, {}, LabEnded{why});
    }
    const auto reader = ReelReader::open(path);
    REQUIRE(reader.ok());
    CHECK_FALSE(reader->end().complete);
    return reader->end().why;
  };
  CHECK(end_with("the reel cannot be written: the disk is full (commit)").find("the disk was full, and the lab ended") == 0);
  CHECK(end_with("stopped").find("the recorder was killed") == 0);
}

}  // namespace labreel
