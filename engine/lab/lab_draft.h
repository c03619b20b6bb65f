// LabDraft: a lab file while it is read, with the indexes that its checks need.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lab/fields.h"
#include "engine/lab/lab_file.h"

namespace labreel {

struct PortDraft {
  PortDef def;
  bool mac_given = false;
  int line = 0;
};

struct LabDraft {
  LabFile lab;
  std::map<std::string, std::size_t, std::less<>> node_index;  // into lab.nodes
  std::vector<std::map<std::string, PortDraft>> ports;         // by node, then by name
  std::size_t port_count = 0;
  std::map<std::string, std::string, std::less<>> cable_of;  // "r1:eth1" -> "the link of line 12", "lan office"
};

// Reads topology.{defaults,kinds,nodes}. Each reader throws Refusal.
void read_nodes(const Fields& topology, LabDraft& draft);
// Reads topology.{links,lans}; the ports that they name are added to their nodes.
void read_links(const YamlValue& links, LabDraft& draft);
void read_lans(const YamlValue& lans, LabDraft& draft);
// Counts ports that the line adds, or refuses it: a lab has at most kPortsMax.
void count_ports(std::size_t added, int line, LabDraft& draft);
// Gives each port its MAC address and moves the ports into their nodes.
void finish_ports(LabDraft& draft);

// Returns the node's index, or refuses the line with a suggestion.
std::size_t node_named(const std::string& name, int line, const LabDraft& draft);

struct PortName {
  std::size_t node = 0;
  std::string port;
};
// Splits "r1:eth1"; the node must exist, the port need not.
PortName port_named(const std::string& text, int line, const LabDraft& draft);

// The keys of one cable: delay, jitter and so on, in the order of kCableSettings.
const std::vector<std::string>& cable_keys();
// These and those.
std::vector<std::string> with_cable_keys(std::vector<std::string> keys);
// Reads one of them, for both directions or as {out: …, in: …}; the bits of what it set are added to the fields.
void read_cable_key(const YamlEntry& entry, CableChange& reading);

}  // namespace labreel
