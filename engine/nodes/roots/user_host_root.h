// UserHostRoot: the host's files below a node's own, without root's rights: one overlay for each of the host's folders.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "engine/nodes/roots/host_survey.h"
#include "engine/nodes/roots/root.h"
#include "engine/nodes/user_namespace.h"

namespace labreel::roots {

// The host's root user is not mapped in a user namespace, so its files show up as nobody's and cannot be changed.
// Between them and every node's own lies a layer with the same folders (and all of /etc), with owners that are mapped.
//
// /etc is a copy, of which unreadable files are empty; /var and the others show the host's files below; files of the
// host outside /etc can be replaced and deleted, not changed in place.
class UserHostRoot final : public Root {
 public:
  // Shape:  call it inside the user namespace, once for all nodes; the survey is from before it was entered. The layer
  //         lies in a tmpfs over this mount namespace's /tmp.
  // Errors: std::system_error naming the attempt.
  UserHostRoot(HostSurvey survey, IdMapping mapping);

  // Errors: besides, std::runtime_error if a file's folder belongs to a user who is not mapped.
  void enter(const std::vector<NodeFile>& files) const override;

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

}  // namespace labreel::roots
