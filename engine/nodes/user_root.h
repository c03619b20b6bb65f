// A node's own root without root rights: one overlay for each of the host's folders, below it a layer with the right
// owners.
#pragma once

#include <string>
#include <vector>

#include "engine/nodes/host_survey.h"
#include "engine/nodes/node_spec.h"
#include "engine/nodes/user_namespace.h"

namespace labreel {

// What lies between the host's files and every node's own: the host's root user is not mapped in a user namespace, so
// its files show up as nobody's and cannot be changed. This layer has the same folders (and all of /etc) with owners
// that are.
class UserLayer {
 public:
  // Shape:  call it inside the user namespace, once for all nodes. It lies in a tmpfs over this mount namespace's /tmp.
  // Errors: std::system_error naming the attempt.
  UserLayer(HostSurvey survey, IdMapping mapping);

  // Makes this process's root the node's own, as enter_node_root does; `files` are those that place_files will put in
  // place.
  //
  // Shape:  /etc is a copy, of which unreadable files are empty; /var and the others show the host's files below; files
  // of the
  //         host outside /etc can be replaced and deleted, not changed in place.
  // Errors: std::system_error naming the attempt; std::runtime_error if a file's folder belongs to a user who is not
  // mapped.
  void enter_node_root(const std::vector<NodeFile>& files) const;

 private:
  struct Owner {
    std::string path;
    uid_t user;
  };

  void add(const HostEntry& entry);
  void check_owners(const std::vector<NodeFile>& files) const;

  HostSurvey survey_;
  IdMapping mapping_;
  std::vector<Owner> unmapped_;  // folders that had to be given to root
};

}  // namespace labreel
