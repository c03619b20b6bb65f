// DemoFiles: what a reel's lab needs to be run again, found on this host: its lab file, node files, image; and files beside.
#pragma once

#include <string>
#include <vector>

#include "engine/core/event_log.h"
#include "engine/core/result.h"
#include "store/packed_files.h"

namespace labreel {

// A file that is to be packed, under the name that it gets in the reel.
struct DemoFile {
  std::string name;
  std::string path;     // on this host; empty if `content` is all of it
  std::string content;  // of the lab file, which the reel itself has
};

struct DemoWishes {
  std::string folder;              // of the lab; empty: where the reel says that it lay
  std::vector<std::string> files;  // to go along, as named by the person
};

// The lab file that a run of a reel was of.
struct PackedLab {
  std::string name;  // of the file, without folders
  std::string text;
  std::string folder;  // where it lay when it was recorded
};
// The lab file of the last run that had begun at an event. Errors: an imported capture, which has none; damage.
Result<PackedLab> packed_lab_of(const EventLog& log, Seq to = kLastSeq);

// Lists what goes into the reel: nothing is opened yet. A node file that is not on this host but in the reel already
// (`packed`) is left out.
//
// Errors: a node file outside the lab's folder or not there (with the lab file's line); a wished file that is a folder,
//         a link, or not there; two of one name.
Result<std::vector<DemoFile>> demo_files(const EventLog& log, const PackedFiles& packed, const DemoWishes& wishes);

// Reads one. Errors: no plain file, or one longer than kPackedFileBytes_max.
Result<PackedFile> read_demo_file(const DemoFile& file);

}  // namespace labreel
