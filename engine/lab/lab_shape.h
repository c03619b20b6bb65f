// LabShape: what a lab has at one step of its scenario, as the steps written before it leave it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "engine/lab/lab_file.h"

namespace labreel {

// Shape: the steps of a `parallel` change it in the order in which they are written, those of a `repeat` once; what that
//        cannot see fails when the lab runs, with the same line.
// Errors: every call throws Refusal with the given line if it does not fit, and changes nothing then.
class LabShape {
 public:
  explicit LabShape(const LabFile& lab);

  const LabClock& clock() const { return clock_; }

  void check_node(const std::string& node, int line) const;
  void check_port(const std::string& port, int line) const;
  void check_cable(const std::string& port, int line) const;  // the port and its cable are there
  void check_lan(const std::string& lan, int line) const;
  // Whether a node of that name is there at any step so far.
  void check_node_ever(const std::string& node, int line) const;

  void add_node(const std::string& node, int line);
  void remove_node(const std::string& node, int line);
  // The ports of a new cable need not be there yet; their nodes must.
  void add_link(const std::string& port, const std::string& peer, int line);
  void remove_link(const std::string& port, int line);
  void add_lan(const std::string& lan, int line);
  void remove_lan(const std::string& lan, int line);
  void join(const std::string& lan, const std::string& port, int line);
  void leave(const std::string& lan, const std::string& port, int line);

 private:
  struct Cable {
    std::string name;  // "the link of line 12", "lan office"
    std::string peer;  // of a link: the other end
  };
  using Names = std::set<std::string>;

  void check_new_end(const std::string& port, int line) const;
  void check_free(const std::string& port, std::string_view wish, int line) const;
  void plug(const std::string& port, Cable cable);

  LabClock clock_;
  std::map<std::string, Names> ports_;  // "eth1", by node
  std::map<std::string, Cable> cables_;  // by port, "r1:eth1"
  Names lans_;
  Names nodes_ever_;
};

}  // namespace labreel
