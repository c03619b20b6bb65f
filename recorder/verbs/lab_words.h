// LabWords: the names that a lab has, running or recorded, for completion.
#pragma once

#include <string>
#include <vector>

namespace labreel {

struct LabWords {
  std::vector<std::string> nodes;
  std::vector<std::string> ports;
  std::vector<std::string> lans;
  std::vector<std::string> markers;
};

// Shape: each takes at most about a second, and gives what it found by then; nothing if there is no such lab or reel.
// An
//        empty name means the only lab that runs, or the newest reel of this folder.
LabWords words_of_lab(const std::string& lab);
LabWords words_of_reel(const std::string& reel);
std::vector<std::string> running_lab_names();
std::vector<std::string> event_kind_names();

}  // namespace labreel
