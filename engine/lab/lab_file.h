// LabFile: the parsed lab file (LAB_FILE.md), checked as a whole before anything starts.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/cable.h"
#include "engine/core/event.h"
#include "engine/core/result.h"
#include "engine/lab/scenario.h"

namespace labreel {

struct PortDef {
  std::string name;  // "eth1"
  std::vector<std::string> addresses;
  MacAddress mac{};  // given, or made from (lab, node, port)
  std::uint32_t fabric_mtu = 9216;
  std::uint32_t node_mtu = 1500;
};
struct FileDef {
  std::string node_path;  // absolute, in the node
  std::string host_path;  // as given, relative to the lab file
  int line = 0;
};
struct NodeDef {
  std::string name;
  NodeKind kind = NodeKindName::host_namespace;
  std::vector<FileDef> files;
  std::vector<std::string> exec;  // shell command lines, run in order by /bin/sh -c
  std::vector<PortDef> ports;     // every port that is configured or named by a link or lan, in order of name
  std::optional<std::array<std::int32_t, 2>> position;
  std::vector<NodeSetting> settings;  // in order of key
  int line = 0;
};
struct LinkDef {
  std::array<std::string, 2> endpoints;  // "r1:eth1"
  std::array<CableSettings, 2> out;      // out[0]: what endpoints[0] sends into
  int line = 0;
};
struct LanPortDef {
  std::string port;
  CableSettings out;  // from the node into the lan
  CableSettings in;
};
struct LanDef {
  std::string name;
  bool hub = false;
  std::vector<LanPortDef> ports;
  int line = 0;
  std::uint32_t mac_limit = 4096;  // addresses that the switch remembers
  std::uint64_t ageing_ns = 300'000'000'000;
};

struct LabFile {
  std::string path;       // as given
  std::string directory;  // of the file, for node files
  std::string text;       // the whole file
  std::string name;
  std::uint64_t seed = 1;
  LabClock clock = ClockKind::real;
  std::string image;  // with clock: virtual: the guests' root, relative to the lab file; empty: the host's
  int image_line = 0;
  bool strict = false;         // with clock: virtual: guests see nothing of the host's CPU
  std::vector<NodeDef> nodes;  // in the file's order
  std::vector<LinkDef> links;
  std::vector<LanDef> lans;  // in the file's order
  std::vector<Step> scenario;
  std::uint32_t step_count = 0;  // with the steps inside steps
  std::vector<WatchDef> watches;
};

// Reads and checks a lab file.
//
// Errors: the first thing wrong: Error{input} with place FILE:LINE and a suggestion: unknown keys, duplicate names,
//         unknown nodes, bad units, a port used twice, a file that is not there. Never throws; hostile input
//         (deep nesting, alias bombs, huge files) is refused with the limit named.
Result<LabFile> load_lab_file(const std::string& path);
// The same for text in memory; `path` is used for messages and to find node files; those are not opened.
Result<LabFile> parse_lab_file(const std::string& text, const std::string& path);

// Parses the settings of `link set PORT key=value …` and of the scenario's `link: {set: …}`.
Status apply_cable_setting(std::string_view key, std::string_view value, CableSettings& settings, CableFields& fields);

// The MAC address that a port gets if none is given: a hash of (lab, node, port), locally administered, unicast.
MacAddress default_mac(std::string_view lab, std::string_view node, std::string_view port);

}  // namespace labreel
