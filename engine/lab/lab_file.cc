#include "engine/lab/lab_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>

#include "engine/core/node_kinds.h"
#include "engine/core/suggest.h"
#include "engine/lab/fields.h"
#include "engine/lab/lab_draft.h"
#include "engine/lab/lab_names.h"
#include "engine/lab/scenario_reader.h"
#include "engine/os/owned_fd.h"
#include "engine/os/resources.h"
#include "engine/os/system_call.h"

namespace labreel {
namespace {

constexpr std::uint64_t kNodeFileBytes_max = 16 * 1024 * 1024;

const std::array<std::string, 8> kTopKeys{"name", "seed", "clock", "strict", "image", "topology", "scenario", "watch"};
const std::array<std::string, 5> kTopologyKeys{"defaults", "kinds", "nodes", "links", "lans"};

void read_clock(const YamlValue& value, LabFile& lab) {
  static const std::array<std::string, 2> clocks{"real", "virtual"};
  const std::string& clock = text_of(value, "clock");
  lab.clock = clock;
  if (lab.clock != ClockKind::real && lab.clock != ClockKind::virtual_time) {
    const auto meant = nearest_name(clock, clocks);
    refuse(value.line, "there is no clock " + quote(clock) + did_you_mean(clock, clocks),
           meant ? "write clock: " + *meant : "write clock: real or clock: virtual");
  }
}

// Reads what only a lab in virtual time can have.
void read_virtual_keys(const Fields& fields, LabFile& lab) {
  if (const YamlValue* const image = fields.find("image")) {
    lab.image = text_of(*image, "image");
    lab.image_line = image->line;
    if (lab.clock != ClockKind::virtual_time) {
      refuse(image->line, "image needs clock: virtual: nodes in real time have the host's files", "leave image out");
    }
  }
  const YamlValue* const strict = fields.find("strict");
  if (strict == nullptr) return;
  lab.strict = boolean_of(*strict, "strict");
  if (lab.strict && lab.clock != ClockKind::virtual_time) {
    refuse(strict->line, "strict: true needs clock: virtual: only there can the host's CPU be hidden",
           "leave strict out, or write clock: virtual");
  }
}

// A clock and a kind of node go together: namespace nodes live by the host's clock, uml nodes by the calendar's.
void match_kinds_to_clock(const LabFile& lab, int clock_line) {
  for (const NodeDef& node : lab.nodes) {
    if (const NodeKindFacts* const facts = facts_of(node.kind); facts != nullptr && lab.clock == facts->clock) continue;
    if (lab.clock == ClockKind::virtual_time) {
      refuse(node.line, "clock: virtual needs kind: uml, but node " + node.name + " is of kind " + std::string(node.kind.text()),
             "write defaults: {kind: uml} under topology, or clock: real");
    }
    refuse(clock_line == 0 ? node.line : clock_line,
           "node " + node.name + " is of kind uml, which needs clock: virtual", "write clock: virtual at the top");
  }
}

void read_lab(const YamlValue& root, LabDraft& draft) {
  if (root.kind == YamlValue::Kind::null)
    refuse(0, "the lab file is empty", "it needs at least name and topology: {nodes}");
  const Fields fields(root, "the lab file", kTopKeys);
  draft.lab.name = fields.text("name");
  check_name(draft.lab.name, "lab", fields.require("name").line);
  if (const YamlValue* seed = fields.find("seed")) {
    draft.lab.seed = number_of(*seed, "seed", 0, std::numeric_limits<std::uint64_t>::max());
  }
  if (const YamlValue* clock = fields.find("clock")) read_clock(*clock, draft.lab);
  read_virtual_keys(fields, draft.lab);
  const Fields topology(fields.require("topology"), "topology", kTopologyKeys);
  read_nodes(topology, draft);
  if (const YamlValue* links = topology.find("links")) read_links(*links, draft);
  if (const YamlValue* lans = topology.find("lans")) read_lans(*lans, draft);
  finish_ports(draft);
  match_kinds_to_clock(draft.lab, fields.find("clock") != nullptr ? fields.find("clock")->line : 0);
  LabShape shape(draft.lab);
  if (const YamlValue* scenario = fields.find("scenario")) read_scenario(*scenario, shape, draft.lab);
  if (const YamlValue* watch = fields.find("watch")) read_watches(*watch, shape, draft.lab);
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Opens a regular file for reading, or says why not; a FIFO or device is not waited for.
Result<OwnedFd> open_regular(const std::string& path, std::uint64_t bytes_max) {
  OwnedFd file{retried([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); })};
  struct stat about {};
  if (!file.is_open() || ::fstat(file.get(), &about) != 0) return Error{ErrorKind::input, std::strerror(errno)};
  if (!S_ISREG(about.st_mode))
    return Error{ErrorKind::input, S_ISDIR(about.st_mode) ? "it is a folder" : "it is not a regular file"};
  if (static_cast<std::uint64_t>(about.st_size) > bytes_max) {
    return Error{ErrorKind::input, "it is longer than " + std::to_string(bytes_max) + " bytes"};
  }
  return file;
}

Result<std::string> read_whole(const std::string& path) {
  auto file = open_regular(path, kLabFileBytes_max);
  if (!file) return file.error();
  std::string text;
  std::array<char, 65'536> part{};
  for (;;) {
    const ssize_t got = retried([&] { return ::read(file->get(), part.data(), part.size()); });
    if (got < 0) return Error{ErrorKind::input, std::strerror(errno)};
    if (got == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
    // The file may grow while it is read.
    if (text.size() > kLabFileBytes_max)
      return Error{ErrorKind::input, "it is longer than " + std::to_string(kLabFileBytes_max) + " bytes"};
  }
}

// Suggests a name in the folder of a file that is not there.
std::string suggest_beside(const std::filesystem::path& path) {
  constexpr std::size_t names_max = 10'000;
  std::error_code error;
  if (std::filesystem::exists(path, error)) return {};
  const std::string folder = path.parent_path().empty() ? "." : path.parent_path().string();
  std::vector<std::string> names;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator() && names.size() < names_max; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  return did_you_mean(path.filename().string(), names);
}

Status check_node_files(const LabFile& lab) {
  const std::filesystem::path image = std::filesystem::path(lab.directory) / lab.image;
  if (!lab.image.empty() && !std::filesystem::is_regular_file(image)) {
    return Error{ErrorKind::input, "the image " + quote(lab.image) + " is not there" + suggest_beside(image),
                 lab.path + ":" + std::to_string(lab.image_line),
                 "labreel image build -o " + image.string() + " PACKAGE…"};
  }
  for (const NodeDef& node : lab.nodes) {
    for (const FileDef& file : node.files) {
      const std::filesystem::path path = std::filesystem::path(lab.directory) / file.host_path;
      const auto opened = open_regular(path.string(), kNodeFileBytes_max);
      if (opened) continue;
      return Error{ErrorKind::input,
                   "node " + node.name + " needs the file " + quote(file.host_path) + ": " + opened.error().what +
                       suggest_beside(path),
                   lab.path + ":" + std::to_string(file.line), "paths of files are relative to the lab file's folder"};
    }
  }
  return ok_status();
}

}  // namespace

Result<LabFile> parse_lab_file(const std::string& text, const std::string& path) {
  try {
    LabDraft draft;
    draft.lab.path = path;
    draft.lab.directory = directory_of(path);
    draft.lab.text = text;
    read_lab(*parse_yaml(text), draft);
    return std::move(draft.lab);
  } catch (Refusal& refusal) {
    const std::string place = refusal.line > 0 ? path + ":" + std::to_string(refusal.line) : path;
    return Error{ErrorKind::input, std::move(refusal.what), place, std::move(refusal.hint)};
  }
}

Result<LabFile> load_lab_file(const std::string& path) {
  const auto text = read_whole(path);
  if (!text) {
    return Error{ErrorKind::input, "the lab file cannot be read: " + text.error().what + suggest_beside(path), path,
                 "name a lab file, such as " + resource_path("share/labreel/samples/two-hosts/lab.yml", "samples/two-hosts/lab.yml")};
  }
  auto lab = parse_lab_file(*text, path);
  if (!lab) return lab;
  const Status files = check_node_files(*lab);
  if (!files) return files.error();
  return lab;
}

}  // namespace labreel
