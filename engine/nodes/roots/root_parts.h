// What roots are put together with.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace labreel::roots {

// A folder of what a root is made of that its fresh /run has, too.
struct RunFolder {
  std::string name;
  uid_t user = 0;
  gid_t group = 0;
  mode_t mode = 0755;
};

// Finds the folders in `run`, in order of name: in which order a file system lists them must not matter. Those that
// would make programs believe that a service of the host runs in the node are left out.
std::vector<RunFolder> run_folders_in(const std::string& run);

// Errors, of each: std::system_error naming the attempt.
void mount_or_throw(const std::string& attempt, const char* source, const std::string& target, const char* type,
                    unsigned long flags, const std::string& data = {});
// One that is there already stays as it is.
void make_folder(const std::string& path, mode_t mode);

// Makes of an empty folder the upper layer of an overlay, with what else that needs.
void make_layer(const std::string& folder);
std::string upper_of(const std::string& layer);
// Shows `lower` at `target`, below the layer.
void mount_overlay(const std::string& lower, const std::string& layer, const std::string& target);

// Writes a path as a value of overlayfs's mount options, where ',' ':' and '\' separate.
std::string overlay_option_path(std::string_view path);

}  // namespace labreel::roots
