// LabHome: where the node files of a recorded lab are found: in the reel itself if they are packed into it, else where they lay
// when it was recorded.
#pragma once

#include <memory>
#include <string>

#include "engine/core/event_log.h"
#include "recorder/pack/temporary_folder.h"
#include "store/reel_files.h"

namespace labreel {

// Shape: packed files are unpacked into a folder that lives as long as this, or as whatever it leaves behind.
class LabHome {
 public:
  // To be made before any thread. Errors: throws VerbError if the packed files are damaged or there is no room for them.
  LabHome(const ReelFiles& reel, const EventLog& log);

  const std::string& lab_file_path() const { return lab_file_path_; }

 private:
  std::unique_ptr<TemporaryFolder> folder_;
  std::string lab_file_path_;
};

// Packs what one reel carries into another, so that a run of a packed reel can be proved and run again anywhere, too. Says it if
// that cannot be.
void carry_packed_files(const ReelFiles& from, const std::string& to);

}  // namespace labreel
