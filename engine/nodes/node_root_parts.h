// What a node's root is made of with and without root rights alike.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace labreel {

// A folder of the host's /run.
struct RunFolder {
  std::string name;
  uid_t user = 0;
  gid_t group = 0;
  mode_t mode = 0755;
};

// Those that would make programs believe that a service of the host runs in the node are left out.
std::vector<RunFolder> host_run_folders();

namespace node_root_parts {

// Where the node's root is put together before it is turned to.
extern const std::string kRoot;
// How much may be written over the host's files, as options of a tmpfs.
extern const std::string kLayerSize;

// Adds what is fresh in every node (/run /dev /proc /sys /tmp) to the file systems mounted at kRoot, and turns to it.
void finish_root(const std::vector<RunFolder>& run_folders);

void mount_or_throw(const std::string& attempt, const char* source, const std::string& target, const char* type,
                    unsigned long flags, const std::string& data = {});
void make_folder(const std::string& path, mode_t mode);
std::string read_text(const std::string& path);

}  // namespace node_root_parts
}  // namespace labreel
