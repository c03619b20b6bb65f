// Reads a reel with a hostile journal beside it, and says FAILED if the file that the journal names is gone afterwards.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "hostile_journal.h"
#include "store/reel_reader.h"
#include "store/reel_writer.h"

int main() {
  namespace fs = std::filesystem;
  std::string folder = (fs::temp_directory_path() / "bait-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 2;
  const std::string reel = folder + "/a.reel";
  const std::string canary = folder + "/canary";
  {
    const auto writer = labreel::ReelWriter::create(reel, {});
    writer->append(labreel::LabTime{1}, {}, labreel::Marker{"one", ""});
    writer->seal();
  }
  std::ofstream(canary) << "precious";
  labreel::put_hostile_journal(reel, canary);
  const bool was_read = labreel::ReelReader::open(reel).ok();
  const bool is_there = fs::exists(canary);
  fs::remove_all(folder);
  std::printf("%s: the reel was %s, and the canary is %s\n", is_there ? "held" : "FAILED", was_read ? "read" : "refused",
              is_there ? "there" : "gone");
  return is_there ? 0 : 1;
}
