// What the host's folders look like, read before a user namespace hides who owns what.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "engine/nodes/roots/root_parts.h"

namespace labreel::roots {

// Larger files are no settings.
inline constexpr off_t kSettingsFile_bytes_max = off_t{4} << 20;

struct HostEntry {
  enum class Kind { folder, file, link };
  Kind kind = Kind::folder;
  std::string path;
  uid_t user = 0;
  gid_t group = 0;
  mode_t mode = 0755;
};

struct HostSurvey {
  std::vector<HostEntry> entries;            // a folder comes before what is in it
  std::vector<std::string> private_folders;  // show nothing of the host's: kept from us, or somebody else's state
  std::vector<RunFolder> run_folders;
};

// Shape: /etc with its files; of /var and /usr/local all folders; of /usr those at the top; every other folder of the
//        root by itself. What cannot be read is left out.
HostSurvey survey_host();

}  // namespace labreel::roots
